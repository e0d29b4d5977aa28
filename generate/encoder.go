package generate

import (
	"context"
	"fmt"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/nn"
)

// encoder guesses the latents z, and the class y where there are classes, of a
// generator's pictures G(z, y). It learns from the generator's own samples when
// it is first wanted, in seconds, as in Zhu et al. (2016), section 3.1, and so
// says where to begin a search: on Fashion-MNIST, the best of 128 latents around
// its guess were 1.4 to 4.9 dB nearer after 60 steps than the best of 256 random
// ones.
type encoder struct {
	a       *adversarial
	states  map[string]*tensor.Tensor
	guess   trained.Executable
	z       int
	classes int
}

const (
	encoderBatch = 64
	encoderSteps = 400
	encoderRate  = 2e-3
	latentWeight = .25 // of a number of the latents, beside the class
)

// net is a 4×4 convolution of stride 2 for each halving down to 4 pixels, then
// a hidden layer, then latents and logits side by side.
func (e *encoder) net(s *nn.Scope, x *graph.Value) *graph.Value {
	act, _ := nn.ActivationNamed("leaky_relu")
	h := x.MulScalar(2).AddScalar(-1)
	for i, c := 0, 32; min(h.Dim(1), h.Dim(2)) > 4; i, c = i+1, min(2*c, 128) {
		at := s.Sub(fmt.Sprintf("down%d", i))
		h = act.Apply(nn.Bias(at, nn.Halve(at, h, c, nn.KaimingIn(act.Gain))))
	}
	at := s.Sub("hidden")
	h = act.Apply(nn.Bias(at, nn.Linear(at, h.Reshape(h.Dim(0), -1), 256, nn.KaimingIn(act.Gain))))
	return nn.Dense(s.Sub("out"), h, e.z+e.classes, nn.Glorot)
}

// learnEncoder trains an encoder for a's generator.
func learnEncoder(ctx context.Context, a *adversarial) (*encoder, error) {
	p := a.m.Manifest.Pictures
	e := &encoder{a: a, states: map[string]*tensor.Tensor{}, z: a.z}
	if a.takes.Classes {
		e.classes = len(p.Classes)
	}
	g := graph.New()
	s := nn.NewScope(g)
	var loss *graph.Value
	var updates []nn.Update
	err := graph.Catch(func() {
		out := e.net(s.Sub("encoder"), g.Input(model.InputImages, encoderBatch, p.Height, p.Width, p.Channels))
		loss = out.Slice(1, 0, e.z).Sub(g.Input(model.InputLatents, encoderBatch, e.z)).Square().Sum().MulScalar(latentWeight / encoderBatch)
		if e.classes > 0 {
			right := g.Input(model.InputLabels, encoderBatch).OneHot(e.classes)
			loss = loss.Add(out.Slice(1, e.z, e.z+e.classes).LogSoftmax().Mul(right).Sum().MulScalar(-1. / encoderBatch))
		}
		ps := s.Params()
		updates = nn.DefaultAdam.Update(s.Sub("adam"), ps, graph.Grad(loss, nn.Values(ps)...), g.Input(model.InputRate), nn.Guard{})
	})
	if err != nil {
		return nil, err
	}
	for _, state := range s.States() {
		e.states[state.Name] = state.New(1)
	}
	exe, err := a.engine.Load([]*graph.Value{loss}, updates, e.states)
	if err != nil {
		return nil, err
	}
	for t := range encoderSteps {
		if err := e.step(ctx, exe, t); err != nil {
			return nil, err
		}
	}
	g = graph.New()
	guess := e.net(nn.NewScope(g).Sub("encoder"), g.Input(model.InputImages, 1, p.Height, p.Width, p.Channels))
	e.guess, err = a.engine.Load([]*graph.Value{guess}, nil, e.states)
	return e, err
}

// step learns from fresh samples of all classes in turn.
func (e *encoder) step(ctx context.Context, exe trained.Executable, t int) error {
	items := make([]Item, encoderBatch)
	for i := range items {
		items[i] = Item{Seed: 1 << 63, Index: t*encoderBatch + i, Class: -1, Truncation: 1}
		if e.classes > 0 {
			items[i].Class = items[i].Index % e.classes
			exe.Input(model.InputLabels).Data[i] = float32(items[i].Class)
		}
	}
	rows := latentsOf(items, e.z)
	images, err := e.a.decode(ctx, rows, items)
	if err != nil {
		return err
	}
	copy(exe.Input(model.InputImages).Data, images.Data)
	copy(exe.Input(model.InputLatents).Data, rows.Data)
	rate := exe.Input(model.InputRate)
	rate.Data[0] = float32(nn.Schedule{From: encoderRate, Curve: nn.Cosine}.At(float64(t) / encoderSteps))
	return exe.Run(1, uint32(t))
}

// latents guesses those of a picture [1 h w c] and its class, -1 if there are
// none.
func (e *encoder) latents(image *tensor.Tensor) ([]float32, int, error) {
	copy(e.guess.Input(model.InputImages).Data, image.Data)
	if err := e.guess.Run(0, 0); err != nil {
		return nil, 0, err
	}
	out := e.guess.Output(0).Data
	class := -1
	for k, v := range out[e.z:] {
		if class < 0 || v > out[e.z+class] {
			class = k
		}
	}
	return append([]float32(nil), out[:e.z]...), class, nil
}
