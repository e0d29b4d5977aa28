package sampler

import (
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
)

// gauss is a world in which all is known: pictures are N(μ, σ²) in every
// place, and the prompt says μ, a digit a channel. The velocity between them
// and noise is
//
//	E[ε − x | x_t] = −μ + (t − (1−t)σ²)/((1−t)²σ² + t²)·(x_t − (1−t)μ),
//
// and it leads from noise ε to μ + σε.
type gauss struct{ strides bool }

const sigma = .5

var (
	_ model.Flow = gauss{}

	pictures = model.Pictures{Height: 4, Width: 6, Channels: 1}
)

func (gauss) Config() any                           { return struct{}{} }
func (gauss) Training(int) (*model.Training, error) { return nil, nil }
func (gauss) Grid() (h, w, c int)                   { return 2, 3, 4 }
func (g gauss) Strides() bool                       { return g.strides }
func (gauss) Tokens() int                           { return 2 }
func (gauss) Sampling() model.Sampling {
	return model.Sampling{Steps: 12, Guidance: 2, Sampler: "heun"}
}

// Tokenise reads two digits.
func (gauss) Tokenise(dst []float32, prompt string) {
	clear(dst)
	for i := range min(2, len(prompt)) {
		dst[i] = float32(prompt[i] - '0')
	}
}

func (gauss) Uses() []model.Use {
	return []model.Use{model.UseRead, model.UseVelocity, model.UseDecode, model.UseEncode}
}

func (m gauss) Build(use model.Use, batch int) (*model.Call, error) {
	g := graph.New()
	call := &model.Call{Graph: g, Latent: 24}
	out := func(name string, v *graph.Value) {
		call.Outputs = append(call.Outputs, model.Output{Name: name, Value: v})
	}
	switch use {
	case model.UseRead:
		tokens := g.Input(model.InputTokens, batch, 2)
		out(model.States, tokens.Reshape(batch, 2, 1))
		out(model.Pooled, tokens)
		out(model.Present, tokens.Greater(g.Full(0)))
	case model.UseDecode: // four channels of a place are four pixels
		out("images", g.Input(model.InputCoded, batch, 2, 3, 4).Reshape(batch, 4, 6, 1))
	case model.UseEncode:
		x := g.Input(model.InputImages, batch, 4, 6, 1).Reshape(batch, 24)
		out("mean", x)
		out("std", x.MulScalar(0))
	case model.UseVelocity:
		x := g.Input(model.InputNoised, batch, 2, 3, 4)
		t := g.Input(model.InputTime, batch).Reshape(batch, 1, 1, 1)
		g.Input(model.InputStride, batch)
		told := g.Input(model.States, batch, 2, 1).Mul(g.Input(model.Present, batch, 2).Reshape(batch, 2, 1)).ReduceSum(1)
		mu := g.Input(model.Pooled, batch, 2).ReduceSum(1).Add(told.Reshape(batch, 1)).MulScalar(.5).Reshape(batch, 1, 1, 1)
		u := t.Neg().AddScalar(1)
		over := u.Mul(u).MulScalar(sigma * sigma).Add(t.Mul(t))
		a := t.Sub(u.MulScalar(sigma * sigma)).Div(over)
		v := a.Mul(x.Sub(u.Mul(mu))).Sub(mu)
		if m.strides { // a stride adds its length, so that it can be seen
			v = v.Add(g.Input(model.InputStride, batch).Reshape(batch, 1, 1, 1))
		}
		out("velocity", v)
	}
	return call, nil
}

func open(t *testing.T, m gauss) *Sampler {
	t.Helper()
	cpu := trained.NewCPU(1)
	t.Cleanup(cpu.Close)
	s, err := New(trained.New(m, trained.Manifest{Name: "gauss", Family: "gauss", Pictures: pictures}, map[string]*tensor.Tensor{}, cpu))
	if err != nil {
		t.Fatal(err)
	}
	return s
}
