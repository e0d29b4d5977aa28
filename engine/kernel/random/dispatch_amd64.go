package random

import "github.com/limner-ai/limner/engine/kernel/isa"

//go:generate go generate -C _asm

// implementations holds the set of each level.
var implementations = [...]*set{
	isa.Generic: &generic,
	isa.AVX2:    {uniformAVX2, normalAVX2, 32},
	isa.AVX512:  {uniformAVX512, normalAVX512, 64},
}
