package gan

import (
	"fmt"
	"math"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/nn"
)

// r3gan is the modernised backbone of Huang et al., section 4, configuration
// E: a ResNet without normalisation, grouped 3×3 convolutions inside an
// inverted bottleneck, bilinear resampling, and as first layer of G and last
// of D a learned basis at the smallest resolution. D mirrors G.
type r3gan struct {
	p model.Pictures
	c Config
}

func (m r3gan) generate(s *nn.Scope, z *graph.Value) *graph.Value {
	c := m.c.Channels
	h, w := m.base()
	in := s.Sub("in")
	basis := in.Param("basis", nn.Normal(1), h, w, c[0])
	x := nn.Linear(in, z, c[0], nn.KaimingIn(1)).Reshape(z.Dim(0), 1, 1, c[0]).Mul(basis)
	for i := range c {
		at := s.Sub(fmt.Sprintf("stage%d", i))
		if i > 0 {
			x = nn.BilinearUp(m.widen(at, x, c[i]))
		}
		x = m.blocks(at, m.c.modulate(at, x, z))
	}
	return nn.PointConv(s.Sub("out"), x, m.p.Channels, nn.KaimingIn(1))
}

func (m r3gan) features(s *nn.Scope, x *graph.Value) *graph.Value {
	c := m.c.Channels
	last := len(c) - 1
	x = nn.PointConv(s.Sub("in"), x, c[last], nn.KaimingIn(1))
	for i := last; i >= 0; i-- {
		at := s.Sub(fmt.Sprintf("stage%d", i))
		x = m.blocks(at, x)
		if i > 0 {
			x = m.widen(at, nn.BilinearDown(x), c[i-1])
		}
	}
	// A depthwise filter over the whole of the smallest picture.
	h, w := m.base()
	basis := s.Sub("out").Param("basis", nn.Normal(1/math.Sqrt(float64(h*w))), h, w, c[0])
	return x.Mul(basis).ReduceSum(1, 2).Squeeze(1, 2)
}

// base is the smallest resolution.
func (m r3gan) base() (h, w int) {
	n := len(m.c.Channels) - 1
	return m.p.Height >> n, m.p.Width >> n
}

// widen is the 1×1 convolution of a transition, where channels change.
func (m r3gan) widen(s *nn.Scope, x *graph.Value, c int) *graph.Value {
	if x.Dim(3) == c {
		return x
	}
	return nn.PointConv(s.Sub("transition"), x, c, nn.KaimingIn(1))
}

// blocks are residual blocks C → 2C → 2C → C: 1×1, grouped 3×3 and 1×1, the
// first two with bias and leaky ReLU. The last begins at zero and the others
// are scaled by L^(−1/(2m−2)) for L blocks of m = 3 layers: Zhang, Dauphin
// and Ma, "Fixup Initialization" (2019), section 3.
func (m r3gan) blocks(s *nn.Scope, x *graph.Value) *graph.Value {
	c := x.Dim(3)
	blocks := float64(m.c.Blocks * len(m.c.Channels))
	fixup := nn.KaimingIn(leaky.Gain * math.Pow(blocks, -1./4))
	for i := range m.c.Blocks {
		b := s.Sub(fmt.Sprintf("block%d", i))
		x = nn.Residual(x, func(h *graph.Value) *graph.Value {
			one, two := b.Sub("1"), b.Sub("2")
			h = leaky.Apply(nn.Bias(one, nn.PointConv(one, h, 2*c, fixup)))
			h = leaky.Apply(nn.Bias(two, nn.Conv(two, h, 3, 2*c, graph.Same(3).Grouped(2*c/group), fixup)))
			return nn.PointConv(b.Sub("3"), h, c, nn.Zeros)
		})
	}
	return x
}
