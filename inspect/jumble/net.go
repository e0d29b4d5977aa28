package jumble

import (
	"fmt"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/nn"
)

// Side is the side of the pictures that the network looks at, and Cell that of
// the squares that it judges, in pixels.
const (
	Side = 64
	Cell = 4
	Grid = Side / Cell
)

// Faults are what the network tells apart.
var Faults = []string{"melted", "jumbled tiles", "broken edges", "doubled parts"}

// Net judges pictures x [n 64 64 4], levels times alpha and alpha, from 0 to 1.
// It returns logits: of each cell that something is wrong there [n 16 16 1],
// and of the whole picture [n 1+faults] that something is wrong, and what.
//
// Squares of 2×2 pixels become channels of one place; a 3×3 convolution, two
// halvings with a residual block each, and a way back up to 16×16 that is joined
// by what was seen there before.
func Net(s *nn.Scope, x *graph.Value) (cells, whole *graph.Value) {
	n := x.Dim(0)
	start := nn.KaimingIn(1.7)
	y := x.MulScalar(2).AddScalar(-1).Reshape(n, Side/2, 2, Side/2, 2, 4).Transpose(0, 1, 3, 2, 4, 5).Reshape(n, Side/2, Side/2, 16)
	act := func(s *nn.Scope, h *graph.Value) *graph.Value { return nn.SiLU(nn.Bias(s, h)) }
	block := func(s *nn.Scope, h *graph.Value) *graph.Value {
		return nn.Residual(h, func(h *graph.Value) *graph.Value {
			one, two := s.Sub("1"), s.Sub("2")
			h = act(one, nn.Conv(one, h, 3, h.Dim(3), graph.Same(3), start))
			return nn.Bias(two, nn.Conv(two, h, 3, h.Dim(3), graph.Same(3), nn.Zeros))
		})
	}
	in := s.Sub("in")
	y = act(in, nn.Conv(in, y, 3, 32, graph.Same(3), start))
	var seen *graph.Value
	for i, c := range []int{48, 64} {
		at := s.Sub(fmt.Sprintf("stage%d", i))
		y = block(at, act(at, nn.Halve(at, y, c, start)))
		if i == 0 {
			seen = y
		}
	}
	deep := y
	up := s.Sub("up")
	y = nn.Nearest(nn.PointConv(up, deep, 48, start)).Add(seen)
	y = nn.SiLU(nn.Bias(up, y))
	join := s.Sub("join")
	y = act(join, nn.Conv(join, y, 3, 48, graph.Same(3), start))
	cells = nn.PointConv(s.Sub("cells"), y, 1, nn.Glorot)
	cells = nn.Bias(s.Sub("cells"), cells)

	pooled := graph.Concat(1,
		y.ReduceMax(1, 2).Reshape(n, -1), y.ReduceMean(1, 2).Reshape(n, -1),
		deep.ReduceMax(1, 2).Reshape(n, -1), deep.ReduceMean(1, 2).Reshape(n, -1),
		cells.ReduceMax(1, 2).Reshape(n, -1))
	one := s.Sub("whole").Sub("1")
	h := nn.SiLU(nn.Dense(one, pooled, 48, start))
	whole = nn.Dense(s.Sub("whole").Sub("2"), h, 1+len(Faults), nn.Glorot)
	return cells, whole
}
