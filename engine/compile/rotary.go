package compile

import (
	"slices"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/kernel/rotary"
)

// Rotary normalises and turns the heads of queries or keys.
type Rotary struct {
	Plan                    *rotary.Plan
	Out, X, Scale, Cos, Sin int // buffers
}

// RotaryGrad computes the gradients of Rotary in x and, unless GradScale is
// -1, in the scale. Parts is workspace.
type RotaryGrad struct {
	Plan                          *rotary.Plan
	GradX, GradScale, Parts       int // buffers
	X, Scale, Cos, Sin, Cotangent int
}

// Name describes the step.
func (s *Rotary) Name() string { return graph.OpRotary.String() }

// FLOPs counts three operations an element for the norm and scale, and three
// for the rotation.
func (s *Rotary) FLOPs() int64 { return 6 * s.Plan.Size() }

// Name describes the step.
func (s *RotaryGrad) Name() string { return "rotary_grad" }

// FLOPs counts as Rotary does.
func (s *RotaryGrad) FLOPs() int64 { return 14 * s.Plan.Size() }

// rotary writes the step of a rotary primitive, of both gradients in one: see
// attention.
func (c *compiler) rotary(n *node) {
	a := n.attr.(graph.RotaryAttr)
	x := n.inShape[0]
	plan := rotary.New(rotary.Shape{B: x[0], N: x[1], H: a.Heads, D: x[2] / a.Heads, Groups: a.Groups, Eps: a.Eps})
	u := &unit{order: n.id}
	for _, in := range n.in {
		u.reads = append(u.reads, in.buffer)
	}
	if n.op == graph.OpRotary {
		u.writes = []int{n.buffer}
		u.step = &Rotary{plan, n.buffer, n.in[0].buffer, n.in[1].buffer, n.in[2].buffer, n.in[3].buffer}
		c.addUnit(u)
		return
	}
	s := &RotaryGrad{Plan: plan, GradX: -1, GradScale: -1, X: n.in[0].buffer, Scale: n.in[1].buffer,
		Cos: n.in[2].buffer, Sin: n.in[3].buffer, Cotangent: n.in[4].buffer}
	for _, m := range n.in[0].users {
		if m.op != graph.OpRotaryGradX && m.op != graph.OpRotaryGradScale || m.attr != n.attr || !slices.Equal(m.in, n.in) {
			continue
		}
		if m.id < n.id {
			return
		}
		u.writes = append(u.writes, m.buffer)
		if m.op == graph.OpRotaryGradX {
			s.GradX = m.buffer
		} else {
			s.GradScale = m.buffer
		}
	}
	work := func(size int) int {
		b := c.alloc(Buffer{Kind: Arena, Size: size})
		u.writes = append(u.writes, b)
		return b
	}
	s.Parts = work(plan.PartSize())
	if s.GradX < 0 {
		s.GradX = work(x.Size())
	}
	u.step = s
	c.addUnit(u)
}
