package generate

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model/trained"
)

// Request says what to make. What is set decides how: with From and To an
// interpolation, with Mask repainting, with Style a mixture, with Shift a move
// along an attribute, with Image alone variations, else new pictures.
type Request struct {
	Prompt   string // words
	Negative string // words for what is not wanted
	Class    string // "": every class; with a picture, the likeliest one
	Seed     uint64
	First, N int // pictures First up to First+N of the seed, of each class

	Truncation float64 // of the prior; 0 and 1: all of it
	Steps      int     // of a sampler; 0: as the model's maker chose
	Guidance   float64 // weight of the prompt; 0: as the model's maker chose
	Sampler    string  // "euler" or "heun"; "": as the model's maker chose

	Image    *tensor.Tensor // [1 h w c] in [0, 1], of the model's extent
	Strength float64        // how far to go from Image: 0 not at all, 1 nothing of it is left
	Mask     *tensor.Tensor // [1 h w 1]: 1 where Image is painted anew, 0 where it stays
	Style    *tensor.Tensor // [1 h w c], a picture whose class Image is to take
	Shift    *Shift
	From, To *End // of an interpolation of N pictures

	// Each, if set, is told of every step of every picture, where there are
	// several. It stops the work by an error.
	Each func(Step) error
}

// End is where an interpolation begins or ends: a picture, or else words, or
// else the first picture of a seed.
type End struct {
	Image  *tensor.Tensor // [1 h w c]
	Prompt string
	Seed   uint64
}

// Shift is a move of a picture's latents by an amount of a direction; see
// Direction.
type Shift struct {
	Name      string
	Direction []float32 // as long as a latent vector
	Amount    float64   // 1: as far as the classes' means are apart
}

// Item says what a picture was made from.
type Item struct {
	Seed       uint64
	Index      int
	Class      int // -1: none
	ClassName  string
	Prompt     string
	Truncation float64
	Guidance   float64 // 0: the request's
	Strength   float64
	Share      float64 // of the way of an interpolation or a shift, 0 to 1
	Number     int     // of the prompt in a list of them, from 1 on; 0: there is no list
	How        string  // "", or variation, interpolation, original, …
}

// Pictures are what a request gives.
type Pictures struct {
	Images *tensor.Tensor // [n h w c] in [0, 1]
	Items  []Item
	// Columns and Labels lay them out: a line for each class where there are
	// several.
	Columns int
	Labels  []string
	Request Request // with what the model's maker chose filled in
}

// Make does what a request asks for.
func (g *Generator) Make(ctx context.Context, q Request) (*Pictures, error) {
	w, err := g.plan(ctx, q)
	if err != nil {
		return nil, err
	}
	return g.finish(ctx, w)
}

// Check fills in what a request leaves open, and refuses what cannot be made,
// without making anything.
func (g *Generator) Check(q Request) (Request, error) {
	q, err := g.checked(q)
	if err != nil {
		return q, err
	}
	if _, err = g.action(&q); err == nil {
		_, err = g.Classes(q.Class)
	}
	return q, err
}

// work is a request that is ready to be painted.
type work struct {
	request Request
	act     action // without paint if there is nothing to do
	made    *Pictures
}

func (g *Generator) plan(ctx context.Context, q Request) (*work, error) {
	q, err := g.checked(q)
	if err != nil {
		return nil, err
	}
	act, err := g.action(&q)
	if err != nil {
		return nil, err
	}
	if q.keepsAll() {
		return &work{q, action{how: act.how}, g.items(&q, []int{-1}, act.how)}, nil
	}
	classes, err := g.classesFor(ctx, &q)
	if err != nil {
		return nil, err
	}
	return &work{q, act, g.items(&q, classes, act.how)}, nil
}

// finish paints.
func (g *Generator) finish(ctx context.Context, w *work) (*Pictures, error) {
	p, q := w.made, &w.request
	p.Request = *q
	if w.act.paint == nil {
		p.Images = repeat(q.Image, len(p.Items))
		return p, nil
	}
	var err error
	if p.Images, err = w.act.paint(ctx, q, p.Items); err != nil {
		return nil, err
	}
	if want := append(tensor.S(len(p.Items)), g.extent()...); !p.Images.Shape.Equal(want) {
		return nil, fmt.Errorf("the model %s made pictures %v where %v were asked for", g.Manifest.Name, p.Images.Shape, want)
	}
	settle(q, p.Images)
	return p, nil
}

// Sample makes new pictures.
func (g *Generator) Sample(q Request) (*Pictures, error) { return g.Make(context.Background(), q) }

// BetweenSeeds goes in n pictures from the first picture of one seed to that
// of another, for each class.
func (g *Generator) BetweenSeeds(from, to uint64, class string, n int) (*Pictures, error) {
	return g.Make(context.Background(), Request{Class: class, N: n, From: &End{Seed: from}, To: &End{Seed: to}})
}

// items are those of a request, a line a class.
func (g *Generator) items(q *Request, classes []int, how string) *Pictures {
	p := &Pictures{}
	for _, class := range classes {
		for i := range q.N {
			item := Item{
				Seed: q.Seed, Index: q.First + i, Class: class, ClassName: g.className(class),
				Prompt: q.Prompt, Truncation: q.Truncation, How: how,
			}
			if q.Image != nil {
				item.Strength = q.Strength
			}
			switch {
			case q.From != nil:
				item.Share = float64(i) / float64(q.N-1)
			case q.Shift != nil:
				item.Share = float64(i+1) / float64(q.N)
			}
			p.Items = append(p.Items, item)
		}
		if len(classes) > 1 {
			p.Labels = append(p.Labels, g.className(class))
		}
	}
	if len(classes) > 1 || q.From != nil {
		p.Columns = q.N
	}
	return p
}

// keepsAll reports whether nothing of the picture changes.
func (q *Request) keepsAll() bool {
	return q.Image != nil && q.Style == nil && q.Shift == nil &&
		(q.Strength == 0 || q.Mask != nil && !slices.ContainsFunc(q.Mask.Data, func(m float32) bool { return m != 0 }))
}

// settle puts back what lies outside of the mask.
func settle(q *Request, images *tensor.Tensor) {
	if q.Mask == nil {
		return
	}
	c := images.Shape[3]
	for i := range images.Shape[0] {
		row := images.Row(i)
		for p, m := range q.Mask.Data {
			if m == 0 {
				copy(row[p*c:][:c], q.Image.Data[p*c:][:c])
			}
		}
	}
}

// latentsOf are the standard normal latents [len(items) z] of items.
func latentsOf(items []Item, z int) *tensor.Tensor {
	t := tensor.New(len(items), z)
	for i, item := range items {
		copy(t.Row(i), trained.Latents(item.Seed, item.Index, 1, z).Data)
	}
	return t
}

// outside reports a number that is not within 0 and 1.
func outside(x float64) bool { return !(x >= 0 && x <= 1) }

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
