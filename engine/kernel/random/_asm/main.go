// Command _asm writes the assembly of package random.
package main

import (
	"flag"

	. "github.com/mmcloughlin/avo/build"
)

//go:generate go run . -level avx2 -out ../avx2_amd64.s -stubs ../stubs_avx2_amd64.go -pkg random
//go:generate go run . -level avx512 -out ../avx512_amd64.s -stubs ../stubs_avx512_amd64.go -pkg random

func main() {
	level := flag.String("level", "avx2", "avx2 or avx512")
	flag.Parse()
	g := newGen(8, "AVX2")
	if *level == "avx512" {
		g = newGen(16, "AVX512")
	}
	g.fill("uniform", "the uniforms", g.unit)
	g.fill("normal", "the standard normals", g.boxMuller)
	Generate()
}
