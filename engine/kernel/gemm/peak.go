package gemm

import (
	"github.com/limner-ai/limner/engine/kernel/gemm/tile"
	"github.com/limner-ai/limner/engine/kernel/isa"
)

// Peak measures the multiply-add ceiling of one core in GFLOP/s, which the
// products are held against; 0 where there is no vector kernel.
func Peak() float64 { return tile.Peak(isa.Active()) }
