package attention

import "github.com/limner-ai/limner/engine/kernel/isa"

//go:generate go generate -C _asm

// implementations holds the set of each level.
var implementations = [...]*set{
	isa.Generic: &generic,
	isa.AVX2:    {largestAVX2, exponentialsAVX2, productsAVX2},
	isa.AVX512:  {largestAVX512, exponentialsAVX512, productsAVX512},
}
