// Command vec writes the NEON assembly of package vec into the folder that is
// its argument. It states every kernel
// as the generator of AVX2 and AVX-512 does (vec/_asm), so the results differ
// by no more than the order of sums.
package main

import (
	"log"
	"os"

	"github.com/limner-ai/limner/engine/kernel/_asm/neon"
)

// kernels is the file under way.
type kernels struct{ *neon.File }

func main() {
	k := kernels{neon.NewFile("vec", "engine/kernel/_asm/vec")}
	k.arith()
	k.comparisons()
	k.functions()
	k.reductions()
	k.rows()
	k.adam()
	k.transpose()
	if err := k.Write(os.Args[1]+"/neon_arm64.s", os.Args[1]+"/stubs_neon_arm64.go"); err != nil {
		log.Fatal(err)
	}
}
