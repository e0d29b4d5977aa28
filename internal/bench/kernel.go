package bench

import (
	"fmt"

	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/nn"
)

// products are matrix products op(A)·op(B), each m×n×k with its transposed
// operands: square ones, those that convolutions unfold to, and those of
// dense nets and of transformers with their gradients.
func products() []Case {
	var out []Case
	for _, s := range []struct {
		m, n, k int
		trans   []string
	}{
		{512, 512, 512, []string{"nn", "nt", "tn", "tt"}},
		{1024, 1024, 1024, []string{"nn", "nt", "tn"}},
		{2048, 2048, 2048, []string{"nn"}},
		{64, 65536, 576, []string{"nn", "nt"}},
		{65536, 64, 576, []string{"nn", "nt"}},
		{576, 64, 65536, []string{"tn"}},
		{128, 16384, 1152, []string{"nn", "nt"}},
		{16384, 128, 1152, []string{"nn"}},
		{256, 16384, 2304, []string{"nn"}},
		{128, 784, 400, []string{"nn"}},
		{128, 400, 400, []string{"nn"}},
		{400, 784, 128, []string{"tn"}},
		{128, 400, 784, []string{"nt"}},
		{4096, 768, 256, []string{"nn"}},
		{4096, 256, 768, []string{"nn", "nt"}},
		{4096, 1024, 256, []string{"nn"}},
		{4096, 256, 1024, []string{"nn", "nt"}},
		{256, 768, 4096, []string{"tn"}},
		{256, 1024, 4096, []string{"tn"}},
	} {
		for _, t := range s.trans {
			out = append(out, product(s.m, s.n, s.k, t[0] == 't', t[1] == 't'))
		}
	}
	return out
}

func product(m, n, k int, transA, transB bool) Case {
	letter := map[bool]string{false: "n", true: "t"}
	work := map[string]any{"kernel": "gemm", "m": m, "n": n, "k": k, "ta": transA, "tb": transB}
	return value(fmt.Sprintf("gemm/%dx%dx%d/%s%s", m, n, k, letter[transA], letter[transB]), work, func(g *graph.Graph) *graph.Value {
		a, b := [2]int{m, k}, [2]int{k, n}
		if transA {
			a = [2]int{k, m}
		}
		if transB {
			b = [2]int{n, k}
		}
		return graph.MatMul(g.Input("a", a[0], a[1]), g.Input("b", b[0], b[1]), transA, transB)
	})
}

// layer is a convolution of square pictures with its geometry.
type layer struct {
	n, size, c, k  int
	f, stride, pad int
	groups         int
	transposed     bool // from size to stride·size
}

func (l layer) name() string {
	s := fmt.Sprintf("%dx%d", l.f, l.f)
	if l.stride > 1 {
		s += fmt.Sprintf("s%d", l.stride)
	}
	if l.groups > 1 {
		s += fmt.Sprintf("g%d", l.groups)
	}
	if l.transposed {
		s += "-transposed"
	}
	return fmt.Sprintf("conv/%s/%d-%d@%d", s, l.c, l.k, l.size)
}

func convolutions() []Case {
	var out []Case
	for _, l := range []layer{
		{n: 32, size: 64, c: 64, k: 64, f: 3, stride: 1, pad: 1},
		{n: 32, size: 32, c: 128, k: 128, f: 3, stride: 1, pad: 1},
		{n: 32, size: 16, c: 256, k: 256, f: 3, stride: 1, pad: 1},
		{n: 32, size: 8, c: 512, k: 512, f: 3, stride: 1, pad: 1},
		{n: 32, size: 64, c: 3, k: 64, f: 4, stride: 2, pad: 1},
		{n: 32, size: 64, c: 64, k: 128, f: 4, stride: 2, pad: 1},
		{n: 32, size: 32, c: 128, k: 256, f: 4, stride: 2, pad: 1},
		{n: 32, size: 16, c: 256, k: 512, f: 4, stride: 2, pad: 1},
		{n: 32, size: 32, c: 64, k: 3, f: 4, stride: 2, pad: 1, transposed: true},
		{n: 32, size: 32, c: 128, k: 64, f: 4, stride: 2, pad: 1, transposed: true},
		{n: 32, size: 16, c: 256, k: 128, f: 4, stride: 2, pad: 1, transposed: true},
		{n: 32, size: 8, c: 512, k: 256, f: 4, stride: 2, pad: 1, transposed: true},
		// R3GAN's blocks at 28², on real and generated pictures together.
		{n: 128, size: 28, c: 32, k: 64, f: 1, stride: 1},
		{n: 128, size: 14, c: 96, k: 192, f: 1, stride: 1},
		{n: 128, size: 7, c: 384, k: 192, f: 1, stride: 1},
		{n: 128, size: 28, c: 64, k: 64, f: 3, stride: 1, pad: 1, groups: 4},
		{n: 128, size: 14, c: 192, k: 192, f: 3, stride: 1, pad: 1, groups: 12},
		{n: 128, size: 7, c: 384, k: 384, f: 3, stride: 1, pad: 1, groups: 24},
	} {
		for _, pass := range []string{"forward", "dx", "dw"} {
			out = append(out, convolution(l, pass))
		}
	}
	return out
}

func convolution(l layer, pass string) Case {
	groups := max(l.groups, 1)
	work := map[string]any{"kernel": "conv", "batch": l.n, "size": l.size, "c": l.c, "k": l.k, "f": l.f,
		"stride": l.stride, "pad": l.pad, "groups": groups, "transposed": l.transposed, "pass": pass}
	return value(l.name()+"/"+pass, work, func(g *graph.Graph) *graph.Value {
		win := graph.Strided(l.stride, l.pad).Grouped(groups)
		x := g.Input("x", l.n, l.size, l.size, l.c)
		var w, y *graph.Value
		if l.transposed {
			to := l.stride * l.size
			w = g.Input("w", l.f, l.f, l.k/groups, l.c)
			y = graph.ConvTransposed(x, w, to, to, win)
		} else {
			w = g.Input("w", l.f, l.f, l.c/groups, l.k)
			y = graph.Conv(x, w, win)
		}
		switch pass {
		case "dx":
			return graph.VJP(y, g.Input("dy", y.Shape()...), x)[0]
		case "dw":
			return graph.VJP(y, g.Input("dy", y.Shape()...), w)[0]
		}
		return y
	})
}

// elementwise are passes over memory: functions, norms, softmax, sums, and
// Adam on four million parameters.
func elementwise() []Case {
	const million = 1 << 20
	loop := func(name string, f func(*graph.Value) *graph.Value, dims ...int) Case {
		return value("elementwise/"+name, map[string]any{"kernel": name, "dims": dims}, func(g *graph.Graph) *graph.Value {
			return f(g.Input("x", dims...))
		})
	}
	// both is a function with its gradient: the value is the latter.
	both := func(name string, f func(*graph.Value) *graph.Value, dims ...int) Case {
		work := map[string]any{"kernel": name, "dims": dims, "gradient": true}
		return program("elementwise/"+name+"-gradient", work, func(g *graph.Graph) ([]*graph.Value, []compile.Update) {
			x := g.Input("x", dims...)
			y := f(x)
			return []*graph.Value{y, graph.VJP(y, g.Input("dy", dims...), x)[0]}, nil
		})
	}
	return []Case{
		loop("exp", (*graph.Value).Exp, 4*million),
		loop("tanh", (*graph.Value).Tanh, 4*million),
		loop("gelu", nn.GELU, 4*million),
		loop("silu", nn.SiLU, 4*million),
		both("gelu", nn.GELU, 4*million),
		both("silu", nn.SiLU, 4*million),
		loop("layernorm", standardise, 8192, 256),
		both("layernorm", standardise, 8192, 256),
		loop("groupnorm-silu", groupNorm, 32, 32, 32, 128),
		both("groupnorm-silu", groupNorm, 32, 32, 32, 128),
		loop("softmax", (*graph.Value).Softmax, 16384, 256),
		both("softmax", (*graph.Value).Softmax, 16384, 256),
		loop("sum-rows", func(x *graph.Value) *graph.Value { return x.ReduceSum(0) }, 65536, 64),
		adam(4 * million),
	}
}

func standardise(x *graph.Value) *graph.Value {
	x = x.Sub(x.ReduceMean(-1))
	return x.Mul(x.Square().ReduceMean(-1).AddScalar(1e-5).Rsqrt())
}

// groupNorm has eight groups of channels.
func groupNorm(x *graph.Value) *graph.Value {
	const groups = 8
	y := x.Reshape(x.Dim(0), -1, groups, x.Dim(-1)/groups)
	y = y.Sub(y.ReduceMean(1, 3))
	y = y.Mul(y.Square().ReduceMean(1, 3).AddScalar(1e-5).Rsqrt())
	return nn.SiLU(y.Reshape(x.Shape()...))
}

func adam(n int) Case {
	return program("elementwise/adam", map[string]any{"kernel": "adam", "dims": []int{n}}, func(g *graph.Graph) ([]*graph.Value, []compile.Update) {
		s := nn.NewScope(g)
		s.Param("w", func(dst []float32, _ tensor.Shape, p tensor.Philox) { p.Normal(dst, 0) }, n)
		var updates []compile.Update
		for _, u := range nn.DefaultAdam.Update(s, s.Params(), []*graph.Value{g.Input("gradient", n)}, g.Full(1e-4), nn.Guard{}) {
			updates = append(updates, compile.Update{State: u.State, Value: u.Value})
		}
		return nil, updates
	})
}
