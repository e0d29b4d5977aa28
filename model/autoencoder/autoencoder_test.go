package autoencoder

import (
	"math"
	"strings"
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/graph/reference"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/modeltest"
	"github.com/limner-ai/limner/nn"
)

var (
	emoji = model.Pictures{Height: 64, Width: 64, Channels: 4}
	clear = model.Pictures{Height: 8, Width: 4, Channels: 4}
	solid = model.Pictures{Height: 4, Width: 8, Channels: 3}
	grey  = model.Pictures{Height: 4, Width: 4, Channels: 1}
)

var _ model.Autoencoder = (*autoencoder)(nil)

func TestConformance(t *testing.T) {
	for name, c := range map[string]struct {
		p      model.Pictures
		config string
	}{
		"transparent": {clear, `{"latent":2,"encoder":[3,4],"decoder":[5,3],"critic":{"start":0.5,"channels":[3,4]}}`},
		"colour":      {solid, `{"latent":3,"encoder":[3,4],"decoder":[4,3],"blocks":2,"decoder_blocks":1,"critic":{"start":0,"channels":[4],"gamma":0}}`},
		"no critic":   {grey, `{"latent":1,"encoder":[3],"decoder":[2],"detail":0,"kl":1,"ema":0.9,"critic":{"weight":0}}`},
	} {
		t.Run(name, func(t *testing.T) { modeltest.Conform(t, Family{}, c.p, c.config) })
	}
}

// A step belongs to its part of the run: the critic does not move before its
// start, and all else moves on both sides of it.
func TestCriticStarts(t *testing.T) {
	m := modeltest.New(t, Family{}, clear, `{"latent":2,"encoder":[3],"decoder":[3],"blocks":0,"decoder_blocks":0,"critic":{"start":0.5,"channels":[3]}}`)
	r := modeltest.NewRun(t, m, 2, 1)
	for _, c := range []struct {
		progress float64
		steps    int
		judged   bool
	}{{0, 1, false}, {.4999, 1, false}, {.5, 1, true}, {.9, 1, true}} {
		before := r.States["critic/out/w"].Data[0]
		decoder := r.States["decoder/in/w"].Data[0]
		metrics := r.Iterate(modeltest.Fill(clear, 2, 0, 1e-3, c.progress))
		_, judged := metrics["loss/critic"]
		if moved := before != r.States["critic/out/w"].Data[0]; moved != c.judged || judged != c.judged {
			t.Errorf("at %v the critic moved: %v, was measured: %v", c.progress, moved, judged)
		}
		if decoder == r.States["decoder/in/w"].Data[0] {
			t.Errorf("at %v the decoder did not move", c.progress)
		}
	}
}

func TestParameterCount(t *testing.T) {
	training, err := modeltest.New(t, Family{}, emoji, `{}`).Training(1)
	if err != nil {
		t.Fatal(err)
	}
	conv := func(in, out int) int { return 9*in*out + out }
	blocks := func(c, n int) int { return n * (c + 2*conv(c, c)) }
	up := func(in, out int) int { return in*4*out + 4*out }
	encoder := conv(16, 32) + blocks(32, 1) + conv(32, 16) + blocks(64, 1) + conv(64, 32) + blocks(128, 1) + 128 + 2*conv(128, 16)
	decoder := conv(16, 128) + blocks(128, 1) + up(128, 64) + blocks(64, 1) + up(64, 48) + blocks(48, 1) + 48 + conv(48, 64) + conv(16, 4)
	for name, want := range map[string]int{"encoder/": encoder, "decoder/": decoder} {
		if got := modeltest.Parameters(training.States, name); got != want {
			t.Errorf("%s: %d parameters, want %d", name, got, want)
		}
	}
	if encoder+decoder > 1_600_000 {
		t.Errorf("%d parameters are too many for the model in the box", encoder+decoder)
	}
}

func TestConfigErrors(t *testing.T) {
	for config, want := range map[string]string{
		`{"latents":3}`:               "latents",
		`{"latent":0}`:                "latent: want at least 1",
		`{"encoder":[]}`:              "encoder: want at least 1 channel",
		`{"encoder":[4,0]}`:           "encoder: want at least 1 channel",
		`{"encoder":[4,6,8]}`:         "encoder: after the first resolution want multiples of 4",
		`{"encoder":[4,4,4,4,4,4,4]}`: "decoder: want the channels of 7 resolutions",
		`{"decoder":[4,4]}`:           "decoder: want the channels of 3 resolutions",
		`{"decoder":[4,0,4]}`:         "decoder: want",
		`{"blocks":-1}`:               "blocks",
		`{"decoder_blocks":-1}`:       "decoder_blocks",
		`{"kl":-1}`:                   "kl",
		`{"detail":-1}`:               "detail",
		`{"ema":1}`:                   "ema",
		`{"critic":{"weight":-1}}`:    "critic: want a weight",
		`{"critic":{"gamma":-1}}`:     "critic: want a weight and a gamma",
		`{"critic":{"start":1}}`:      "critic: want a start",
		`{"critic":{"channels":[]}}`:  "critic: want at least 1 channel",
		`{"critic":{"late":1}}`:       "late",
		`{"critic":{"channels":[0]}}`: "critic: want at least 1 channel",
		`{"encoder":[1,4,4,4,4,4,4],"decoder":[1,4,4,4,4,4,4]}`: "encoder: pictures of 64×64 do not halve evenly 7 times",
		`{"critic":{"channels":[1,1,1,1,1,1,1]}}`:               "critic: pictures of 64×64 do not halve evenly 7 times",
	} {
		_, err := Family{}.New(emoji, modeltest.Decode(config))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s gave %v, want one line with %q", config, err, want)
		}
	}
	for _, p := range []model.Pictures{{}, {Height: 8, Width: 8, Channels: 2}, {Height: 7, Width: 8, Channels: 3}, {Height: 1, Width: 1, Channels: 3}} {
		if _, err := (Family{}).New(p, modeltest.Decode(`{}`)); err == nil {
			t.Errorf("pictures %v were accepted", p)
		}
	}
}

func TestDefaultsFitEverySize(t *testing.T) {
	for _, extent := range []int{4, 8, 16, 28, 32, 48, 64, 128, 256} {
		for _, channels := range []int{1, 3, 4} {
			m, err := Family{}.New(model.Pictures{Height: extent, Width: 2 * extent, Channels: channels}, modeltest.Decode(`{}`))
			if err != nil {
				t.Errorf("%d×%d: %v", extent, channels, err)
				continue
			}
			h, w, c := m.(model.Autoencoder).Grid()
			if w != 2*h || c != 16 || h > 14 && extent <= 128 {
				t.Errorf("pictures of %d have latents of %d×%d×%d", extent, h, w, c)
			}
			if _, err := m.Build(model.UseSample, 1); err != nil {
				t.Errorf("%d: %v", extent, err)
			}
		}
	}
}

// What is decoded does not depend on how the latents are scaled, and what was
// remembered of them standardises them.
func TestScale(t *testing.T) {
	m := modeltest.New(t, Family{}, solid, `{"latent":2,"encoder":[3],"decoder":[3],"critic":{"weight":0}}`)
	r := modeltest.NewRun(t, m, 3, 1)
	in := modeltest.Fill(solid, 3, 0, 0, 0)
	plain := r.Use(m, model.UseReconstruct, 3, in)["images"]
	first := r.Use(m, model.UseEncode, 3, in)
	r.States["latent/mean"] = reference.From([]float64{2, -1}, 2)
	r.States["latent/square"] = reference.From([]float64{4 + 9, 1 + .25}, 2)
	got := r.Use(m, model.UseEncode, 3, in)
	for i, x := range first["mean"].Data {
		shift, deviation := []float64{2, -1}[i%2], []float64{3, .5}[i%2]
		if want := (x - shift) / deviation; math.Abs(got["mean"].Data[i]-want) > 1e-6 {
			t.Fatalf("latent %d is %v, want %v", i, got["mean"].Data[i], want)
		}
		if want := first["std"].Data[i] / deviation; math.Abs(got["std"].Data[i]-want) > 1e-6 {
			t.Fatalf("deviation %d is %v, want %v", i, got["std"].Data[i], want)
		}
	}
	in[model.InputLatents] = got["mean"]
	again := r.Use(m, model.UseSample, 3, in)["images"]
	for i, x := range plain.Data {
		if math.Abs(again.Data[i]-x) > 1e-6 {
			t.Fatalf("value %d is %v after encoding and decoding, want %v", i, again.Data[i], x)
		}
	}
}

// After many steps at rate 0 the scale is that of the latents.
func TestScaleIsLearnt(t *testing.T) {
	m := modeltest.New(t, Family{}, grey, `{"latent":2,"encoder":[3],"decoder":[3],"ema":0.8,"critic":{"weight":0}}`)
	r := modeltest.NewRun(t, m, 8, 1)
	in := modeltest.Fill(grey, 8, 0, 0, 0)
	for range 30 {
		r.Iterate(in)
	}
	got := r.Use(m, model.UseEncode, 8, in)
	for c := range 2 {
		var sum, square, n float64
		for i := c; i < len(got["mean"].Data); i += 2 {
			mean, std := got["mean"].Data[i], got["std"].Data[i]
			sum, square, n = sum+mean, square+mean*mean+std*std, n+1
		}
		if math.Abs(sum/n) > .1 || math.Abs(square/n-1) > .2 {
			t.Errorf("channel %d has mean %v and square %v", c, sum/n, square/n)
		}
	}
}

// The nets can learn two pictures by heart.
func TestOverfits(t *testing.T) {
	small := model.Pictures{Height: 4, Width: 4, Channels: 4}
	m := modeltest.New(t, Family{}, small, `{"latent":4,"encoder":[6],"decoder":[8],"kl":0,"ema":0.9,"critic":{"weight":0}}`)
	r := modeltest.NewRun(t, m, 2, 3)
	in := modeltest.Fill(small, 2, 0, 2e-2, 0)
	before := r.Use(m, model.UseScore, 2, in)["psnr"].Data[0]
	for range 60 {
		r.Iterate(in)
	}
	got := r.Use(m, model.UseScore, 2, in)
	if after := got["psnr"].Data[0]; after < before+8 || after < 20 {
		t.Errorf("%v dB after 60 steps, %v before", after, before)
	}
	// The score is that of the reconstruction.
	x, y := in[model.InputImages].Data, r.Use(m, model.UseReconstruct, 2, in)["images"].Data
	sum := 0.
	for i := range 16 {
		a, b := x[4*i+3], y[4*i+3]
		sum += (a - b) * (a - b)
		for k := range 3 {
			d := x[4*i+k]*a - y[4*i+k]*b
			sum += d * d
		}
	}
	if want := -10 * math.Log10(sum/64+1e-10); math.Abs(want-got["psnr"].Data[0]) > .2 {
		t.Errorf("a score of %v dB, the pictures have %v", got["psnr"].Data[0], want)
	}
}

func eval(t *testing.T, inputs modeltest.Inputs, vs ...*graph.Value) []reference.Array {
	t.Helper()
	got, err := reference.Eval(vs, reference.Env{Inputs: inputs})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestShuffle(t *testing.T) {
	g := graph.New()
	x := g.Input("x", 1, 2, 4, 3)
	data := make([]float64, 24)
	for i := range data {
		data[i] = float64(i)
	}
	got := eval(t, modeltest.Inputs{"x": reference.From(data, 1, 2, 4, 3)}, unshuffle(x), shuffle(unshuffle(x)))
	want := []float64{0, 1, 2, 3, 4, 5, 12, 13, 14, 15, 16, 17, 6, 7, 8, 9, 10, 11, 18, 19, 20, 21, 22, 23}
	for i := range data {
		if got[0].Data[i] != want[i] || got[1].Data[i] != data[i] {
			t.Fatalf("%v and back %v", got[0].Data, got[1].Data)
		}
	}
}

// A nat of the latent weighs as the configuration says.
func TestPosteriorKL(t *testing.T) {
	g := graph.New()
	q := posterior{g.Input("mu", 1, 1, 2, 1), g.Input("v", 1, 1, 2, 1)}
	got := eval(t, modeltest.Inputs{
		"mu": reference.From([]float64{0, 3}, 1, 1, 2, 1), "v": reference.From([]float64{0, math.Log(4)}, 1, 1, 2, 1)}, q.kl(), q.sigma())
	// KL(N(3, 4) ‖ N(0, 1)) = ½(4 + 9 − 1) − log 2.
	if want := 6 - math.Log(2); math.Abs(got[0].Data[0]-want) > 1e-7 || math.Abs(got[1].Data[1]-2) > 1e-7 {
		t.Errorf("KL %v, want %v; σ %v", got[0].Data, want, got[1].Data)
	}
}

// The critic's part of the gradient has the length that its weight says.
func TestPush(t *testing.T) {
	m := &autoencoder{Pictures: solid, c: Config{Critic: Critic{Weight: .5, Start: .2, Channels: []int{3}}}}
	g := graph.New()
	s := nn.NewScope(g)
	x, y := g.Input("x", 2, 4, 8, 3), g.Input("y", 2, 4, 8, 3)
	loss := charbonnier(y.Sub(x))
	v := m.compare(s, x, y, nil)
	pushed, _ := m.push(loss, v, y)
	length := func(d *graph.Value) *graph.Value { return d.Square().Sum().Sqrt() }
	alone, both := graph.Grad(loss, y)[0], graph.Grad(pushed, y)[0]
	in := modeltest.Fill(solid, 2, 0, 0, 0)
	in["x"] = in[model.InputImages]
	in["y"] = in["x"].Clone()
	for i := range in["y"].Data {
		in["y"].Data[i] = 1 - in["y"].Data[i]*in["y"].Data[i]
	}
	states := map[string]reference.Array{}
	for _, st := range s.States() {
		states[st.Name] = reference.FromTensor(st.New(1))
	}
	for progress, want := range map[float64]float64{.2: 0, .2 + ramp/2: .25, .2 + ramp: .5, 1: .5} {
		in[model.InputProgress] = reference.From([]float64{progress})
		got, err := reference.Eval([]*graph.Value{length(alone), length(both.Sub(alone))}, reference.Env{Inputs: in, States: states})
		if err != nil {
			t.Fatal(err)
		}
		if share := got[1].Data[0] / got[0].Data[0]; math.Abs(share-want) > 1e-4 {
			t.Errorf("at %v the critic's gradient is %v of the error's, want %v", progress, share, want)
		}
	}
}
