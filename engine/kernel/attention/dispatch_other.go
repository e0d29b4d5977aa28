//go:build !amd64

package attention

import "github.com/limner-ai/limner/engine/kernel/isa"

// implementations holds the set of each level; levels above the last are
// never active.
var implementations = [...]*set{isa.Generic: &generic, isa.AVX2: &generic, isa.AVX512: &generic, isa.NEON: &generic}
