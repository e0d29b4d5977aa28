package explore

import (
	"context"
	"fmt"
	"image"
	"math"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/sampler"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/release"
)

// Tile is a square of a map.
type Tile struct {
	Model   string
	Seed    uint64  // of the map
	Class   string  // "": the first
	Prompt  string  // of a model with words
	X, Y    float64 // of the first picture: radians of a torus, or shares of the way between corners
	Step    float64 // from one picture to the next
	N       int     // pictures on a side
	Corners []Corner
}

// Corner is one of four, in the order north-west, north-east, south-west,
// south-east.
type Corner struct {
	Prompt string
	Seed   uint64
}

// Bounds of a tile.
const (
	largest  = 4       // pictures on a side
	farthest = 1 << 20 // coordinates
	longest  = 4096    // bytes of a prompt
)

// badQuery is the client's mistake.
type badQuery struct{ what string }

func (e *badQuery) Error() string { return e.what }

func (t *Tile) check() error {
	bad := func(format string, args ...any) error { return &badQuery{fmt.Sprintf(format, args...)} }
	if t.N < 1 || t.N > largest {
		return bad("n: a tile has 1 to %d pictures on a side, not %d", largest, t.N)
	}
	for _, v := range []float64{t.X, t.Y, t.Step} {
		if !(math.Abs(v) <= farthest) {
			return bad("x, y and step are numbers up to %d", farthest)
		}
	}
	if len(t.Corners) != 0 && len(t.Corners) != 4 {
		return bad("corner: a plane has 4 corners, not %d", len(t.Corners))
	}
	for _, c := range append(t.Corners, Corner{Prompt: t.Prompt}) {
		if len(c.Prompt) > longest {
			return bad("a prompt has at most %d bytes", longest)
		}
	}
	return nil
}

// torus gives the point (x, y) of a map without edges: the flat torus
//
//	z = (a·cos x + b·sin x + c·cos y + d·sin y)/√2
//
// through four independent standard normal vectors, so that every point of it
// is as likely under the prior as a sample. Equal distances on the map are
// equal distances among latents.
func torus(dst []float32, base *tensor.Tensor, x, y float64) {
	w := [4]float64{math.Cos(x), math.Sin(x), math.Cos(y), math.Sin(y)}
	clear(dst)
	for k, weight := range w {
		f := float32(weight / math.Sqrt2)
		for i, v := range base.Data[k*len(dst) : (k+1)*len(dst)] {
			dst[i] += f * v
		}
	}
}

// Draw paints a tile and gives it as a PNG.
func (e *Explorer) Draw(ctx context.Context, t Tile) ([]byte, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	var file []byte
	err := e.use(ctx, t.Model, func(g *generate.Generator) error {
		var images *tensor.Tensor
		var err error
		if _, flow := g.Model.Model.(model.Flow); flow {
			images, err = t.flow(ctx, g)
		} else {
			images, err = t.vectors(g)
		}
		if err != nil {
			return err
		}
		// The edges of tiles must not show, as they would between watermarks.
		pic := release.Picture{Image: sheet(images, t.N), Still: true, Made: []*image.NRGBA{}}
		if e.withholds() {
			for i := range t.N * t.N {
				pic.Made = append(pic.Made, sheet(tensor.From(images.Row(i), append(tensor.S(1), images.Shape[1:]...)...), 1))
			}
		}
		file, err = e.leave(ctx, g, t.origin(g), pic)
		return err
	})
	return file, err
}

// origin says how the tile was made.
func (t *Tile) origin(g *generate.Generator) generate.Origin {
	o := g.Origin(generate.Request{}, []generate.Item{{
		Seed: t.Seed, ClassName: t.Class, Prompt: t.Prompt, Truncation: 1,
		How: fmt.Sprintf("map of %d×%d from (%g, %g) by %g", t.N, t.N, t.X, t.Y, t.Step),
	}})
	o.Pictures = t.N * t.N
	for _, c := range t.Corners {
		o.Ends = append(o.Ends, fmt.Sprintf("%d: %s", c.Seed, c.Prompt))
	}
	return o
}

// at gives the coordinates of picture i.
func (t *Tile) at(i int) (x, y float64) {
	return t.X + float64(i%t.N)*t.Step, t.Y + float64(i/t.N)*t.Step
}

// vectors paints with a model whose latents are a vector: a VAE, a GAN.
func (t *Tile) vectors(g *generate.Generator) (*tensor.Tensor, error) {
	if t.Corners != nil {
		return nil, &badQuery{fmt.Sprintf("the model %s has no plane between prompts: that wants a flow", g.Manifest.Name)}
	}
	z, err := g.Latent()
	if err != nil {
		return nil, err
	}
	classes, err := g.Classes(t.Class)
	if err != nil {
		return nil, &badQuery{err.Error()}
	}
	base, rows := trained.Latents(t.Seed, 0, 4, z), tensor.New(t.N*t.N, z)
	labels, prompts := make([]int, t.N*t.N), make([]string, t.N*t.N)
	for i := range labels {
		x, y := t.at(i)
		torus(rows.Row(i), base, x, y)
		labels[i], prompts[i] = max(0, classes[0]), t.Prompt
	}
	if !g.Takes().Words {
		return g.Model.Sample(rows, labels, 1)
	}
	return g.SampleFor(prompts, rows, labels, 1)
}

// flow paints with a flow, in few steps.
func (t *Tile) flow(ctx context.Context, g *generate.Generator) (*tensor.Tensor, error) {
	s, err := sampler.New(g.Model)
	if err != nil {
		return nil, err
	}
	h, w, c := s.Grid()
	f := g.Model.Model.(model.Flow)
	way := s.Sampling(mapSteps(f.Strides()))
	q := sampler.Request{Noise: tensor.New(t.N*t.N, h, w, c), Options: sampler.Options{
		Steps: way.Steps, Method: sampler.Method(way.Sampler), Guidance: way.Guidance,
		Each: func(int, int, int, *tensor.Tensor) error { return ctx.Err() },
	}}
	var told []*sampler.Reading
	if s.Worded() {
		prompts := []string{t.Prompt}
		for i, corner := range t.Corners {
			if i == 0 {
				prompts = nil
			}
			prompts = append(prompts, corner.Prompt)
		}
		if told, err = s.Read(prompts...); err != nil {
			return nil, err
		}
	}
	base := s.Noise(t.Seed, 0, 4)
	if t.Corners != nil {
		for i, corner := range t.Corners {
			copy(base.Row(i), s.Noise(corner.Seed, 0, 1).Data)
		}
	}
	for i := range t.N * t.N {
		x, y := t.at(i)
		if t.Corners == nil {
			torus(q.Noise.Row(i), base, x, y)
			q.Prompts = append(q.Prompts, told...)
			continue
		}
		x, y = max(0, min(x, 1)), max(0, min(y, 1))
		between(q.Noise.Row(i), base, t.Corners, x, y)
		if told != nil {
			q.Prompts = append(q.Prompts, sampler.Between(sampler.Between(told[0], told[1], x), sampler.Between(told[2], told[3], x), y))
		}
	}
	latents, err := s.Paint(q)
	if err != nil {
		return nil, err
	}
	return s.Decode(latents)
}

// between joins the noise of four corners by their nearness, so that its
// variance stays 1: corners of one seed count as one.
func between(dst []float32, base *tensor.Tensor, corners []Corner, x, y float64) {
	weights := [4]float64{(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y}
	share := map[uint64]float64{}
	for i, c := range corners {
		share[c.Seed] += weights[i]
	}
	square := 0.
	for _, v := range share {
		square += v * v
	}
	clear(dst)
	for i, weight := range weights {
		f := float32(weight / math.Sqrt(square))
		for k, v := range base.Row(i) {
			dst[k] += f * v
		}
	}
}

// sheet lays n×n pictures side by side.
func sheet(images *tensor.Tensor, n int) *image.NRGBA {
	h, w, c := images.Shape[1], images.Shape[2], images.Shape[3]
	out := image.NewNRGBA(image.Rect(0, 0, n*w, n*h))
	for i := range n * n {
		row := images.Row(i)
		for p := range h * w {
			px, to := row[p*c:][:c], out.Pix[out.PixOffset(i%n*w+p%w, i/n*h+p/w):][:4]
			for k := range 3 {
				to[k] = level(px[min(k, c-1-c/4)])
			}
			to[3] = 255
			if c == 4 {
				to[3] = level(px[3])
			}
		}
	}
	return out
}

func level(v float32) uint8 {
	if !(v > 0) {
		return 0
	}
	return uint8(min(v, 1)*255 + .5)
}
