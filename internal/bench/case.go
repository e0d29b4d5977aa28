package bench

import (
	"encoding/json"
	"fmt"

	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/cpu"
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/gan"
	"github.com/limner-ai/limner/model/vae"
)

// Case is one thing to time. PyTorch is the name under which
// internal/golden/bench.py does the same work, "" if it does not.
type Case struct {
	Name    string
	PyTorch string
	Batch   int
	load    func(*cpu.Pool) (*Iteration, error)
}

// Load compiles the case.
func (c Case) Load(pool *cpu.Pool) (*Iteration, error) { return c.load(pool) }

// Cases lists everything that is timed: kernels at the shapes that training
// meets, and a training iteration of each family.
func Cases() []Case {
	var out []Case
	for _, s := range [][3]int{{512, 512, 512}, {1024, 1024, 1024}, {64, 4096, 512}, {65536, 64, 576}, {16384, 128, 1152}} {
		out = append(out, matMul(s[0], s[1], s[2]))
	}
	for _, s := range []struct{ n, size, c, k, f, stride int }{
		{32, 64, 64, 64, 3, 1}, {32, 32, 128, 128, 3, 1}, {32, 16, 256, 256, 3, 1},
		{64, 64, 3, 32, 4, 2}, {64, 32, 32, 64, 4, 2}, {64, 16, 64, 128, 4, 2}, {64, 8, 128, 256, 4, 2},
	} {
		for _, pass := range []string{"forward", "input gradient", "filter gradient"} {
			out = append(out, convolution(pass, s.n, s.size, s.c, s.k, s.f, s.stride))
		}
	}
	const million = 1 << 20
	out = append(out,
		loop("exp, 4M", func(x *graph.Value) *graph.Value { return x.Exp() }, 4*million),
		loop("tanh, 4M", func(x *graph.Value) *graph.Value { return x.Tanh() }, 4*million),
		loop("silu, 4M", func(x *graph.Value) *graph.Value { return x.Mul(x.Sigmoid()) }, 4*million),
		loop("softmax, 16384×256", func(x *graph.Value) *graph.Value { return x.Softmax() }, 16384, 256),
		loop("layer norm, 8192×256", layerNorm, 8192, 256),
		loop("sum of rows, 65536×64", func(x *graph.Value) *graph.Value { return x.ReduceSum(0) }, 65536, 64),
	)
	colour := model.Pictures{Height: 64, Width: 64, Channels: 3}
	grey := model.Pictures{Height: 28, Width: 28, Channels: 1}
	out = append(out,
		training("dense VAE step, 28²×1, batch 128", "", vae.Family{}, grey, 128, `{"net":"dense","binarize":"dynamic","ema":0}`),
		training("conv VAE step, transposed, 64²×3, batch 64", "vae-transposed", vae.Family{}, colour, 64, `{"channels":[32,64,128,256],"ema":0}`),
		training("conv VAE step, upsample, 64²×3, batch 64", "vae-upsample", vae.Family{}, colour, 64, `{"channels":[32,64,128,256],"decoder":"upsample","ema":0}`),
		training("DCGAN iteration with R1, 64²×3, batch 64", "dcgan", gan.Family{}, colour, 64, `{"arch":"dcgan"}`),
		training("R3GAN-S iteration with R1 and R2, 28²×1, batch 64", "r3gan", gan.Family{}, grey, 64, `{}`),
	)
	return out
}

func training(name, pytorch string, f model.Family, p model.Pictures, batch int, config string) Case {
	return Case{name, pytorch, batch, func(pool *cpu.Pool) (*Iteration, error) {
		m, err := f.New(p, func(v any) error { return json.Unmarshal([]byte(config), v) })
		if err != nil {
			return nil, err
		}
		return NewIteration(m, batch, pool)
	}}
}

// program is a case of one output on noise.
func program(name string, build func(*graph.Graph) *graph.Value) Case {
	return Case{Name: name, load: func(pool *cpu.Pool) (*Iteration, error) {
		p, err := compile.Compile([]*graph.Value{build(graph.New())}, nil)
		if err != nil {
			return nil, err
		}
		e, err := cpu.Load(p, nil, pool)
		if err != nil {
			return nil, err
		}
		it := &Iteration{Steps: []*cpu.Executable{e}}
		it.count(p)
		for _, in := range p.Inputs {
			tensor.Philox{Seed: 1, Stream: tensor.StreamOf(in.Name)}.Normal(e.Input(in.Name).Data, 0)
		}
		return it, nil
	}}
}

func matMul(m, n, k int) Case {
	return program(fmt.Sprintf("matmul %d×%d×%d", m, n, k), func(g *graph.Graph) *graph.Value {
		return g.Input("a", m, k).Dot(g.Input("b", k, n))
	})
}

func convolution(pass string, n, size, c, k, f, stride int) Case {
	name := fmt.Sprintf("conv %d×%d stride %d, %d×%d²×%d→%d, %s", f, f, stride, n, size, c, k, pass)
	return program(name, func(g *graph.Graph) *graph.Value {
		x, w := g.Input("x", n, size, size, c), g.Input("w", f, f, c, k)
		win := graph.Strided(stride, 1)
		y := graph.Conv(x, w, win)
		switch pass {
		case "input gradient":
			return graph.VJP(y, g.Input("dy", y.Shape()...), x)[0]
		case "filter gradient":
			return graph.VJP(y, g.Input("dy", y.Shape()...), w)[0]
		}
		return y
	})
}

func loop(name string, f func(*graph.Value) *graph.Value, dims ...int) Case {
	return program(name, func(g *graph.Graph) *graph.Value { return f(g.Input("x", dims...)) })
}

func layerNorm(x *graph.Value) *graph.Value {
	x = x.Sub(x.ReduceMean(-1))
	return x.Mul(x.Square().ReduceMean(-1).AddScalar(1e-5).Rsqrt())
}
