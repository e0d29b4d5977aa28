// Command _asm writes the assembly of package vec.
package main

import (
	"flag"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
)

//go:generate go run . -level avx2 -out ../avx2_amd64.s -stubs ../stubs_avx2_amd64.go -pkg vec
//go:generate go run . -level avx512 -out ../avx512_amd64.s -stubs ../stubs_avx512_amd64.go -pkg vec

func main() {
	level := flag.String("level", "avx2", "avx2 or avx512")
	flag.Parse()
	g := &gen{lanes: 8, suffix: "AVX2", made: map[uint32]operand.Mem{}}
	if *level == "avx512" {
		g.lanes, g.suffix = 16, "AVX512"
	}
	g.arith()
	g.comparisons()
	g.functions()
	g.reductions()
	g.rows()
	g.along()
	g.softmax()
	g.norm()
	g.adam()
	if !g.wide() {
		g.transpose()
		g.prefetch()
	}
	Generate()
}
