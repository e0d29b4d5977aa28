package rotary

import "github.com/limner-ai/limner/engine/kernel/isa"

//go:generate go generate -C _asm

// implementations holds the set of each level.
var implementations = [...]*set{
	isa.Generic: &generic,
	isa.AVX2:    {turnAVX2, turnGradAVX2, 8},
	isa.AVX512:  {turnAVX512, turnGradAVX512, 16},
}
