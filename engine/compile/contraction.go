package compile

import (
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/kernel/conv"
	"github.com/limner-ai/limner/engine/kernel/gemm"
	"github.com/limner-ai/limner/engine/tensor"
)

// contraction fills u with the step of a matrix product or convolution, its
// workspace and its epilogue.
func (c *compiler) contraction(n *node, u *unit) {
	a, b := n.in[0].buffer, n.in[1].buffer
	u.reads, u.writes = []int{a, b}, []int{n.buffer}
	u.hosted = []int{a, b}
	workspace := func(size int) int {
		if size == 0 {
			return -1
		}
		w := c.alloc(Buffer{Kind: Arena, Size: size})
		u.writes = append(u.writes, w)
		return w
	}
	if g := n.hosts; g != nil {
		u.loop = c.loop(g)
		u.order = max(u.order, g.members[0].id)
	}
	if n.op == graph.OpMatMul {
		t := n.attr.(graph.MatMulAttr)
		s := n.inShape[0]
		r := len(s)
		m, k := s[r-2], s[r-1]
		if t.TransA {
			m, k = k, m
		}
		product := gemm.New
		if c.Precision == tensor.BFloat16 {
			product = gemm.NewBFloat16
		}
		plan := product(m, n.shape[r-1], k, t.TransA, t.TransB)
		u.step = &MatMul{Plan: plan, M: m, N: n.shape[r-1], K: k, Batch: s[:r-2].Size(),
			A: a, B: b, C: n.buffer, Packed: workspace(plan.PackSize() * s[:r-2].Size()), Epilogue: u.loop}
		c.addUnit(u)
		return
	}
	s := window(n.attr.(graph.ConvAttr))
	s.BFloat16 = c.Precision == tensor.BFloat16
	step := &Conv{Shape: s, Out: n.buffer, A: a, B: b, Packed: -1, Work: -1, Epilogue: u.loop}
	switch n.op {
	case graph.OpConv:
		p := conv.NewForward(s)
		step.Kind, step.Plan = Forward, p
		step.Packed, step.Work = workspace(p.PackSize()), workspace(p.WorkSize())
	case graph.OpConvInputGrad:
		p := conv.NewInputGrad(s)
		step.Kind, step.Plan = InputGrad, p
		step.Packed, step.Work = workspace(p.PackSize()), workspace(p.WorkSize())
	case graph.OpConvFilterGrad:
		p := conv.NewFilterGrad(s)
		step.Kind, step.Plan = FilterGrad, p
		step.Work = workspace(p.WorkSize())
	}
	u.step = step
	c.addUnit(u)
}

// window translates the graph's description of a convolution.
func window(a graph.ConvAttr) conv.Shape {
	w := a.Window
	return conv.Shape{
		N: a.Input[0], H: a.Input[1], W: a.Input[2], C: a.Input[3],
		KH: a.Filter[0], KW: a.Filter[1], K: a.Filter[3],
		StrideH: w.StrideH, StrideW: w.StrideW, DilH: w.DilationH, DilW: w.DilationW,
		PadTop: w.PadTop, PadBottom: w.PadBottom, PadLeft: w.PadLeft, PadRight: w.PadRight,
		Groups: w.Groups,
	}
}
