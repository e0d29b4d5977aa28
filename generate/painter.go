package generate

import (
	"context"
	"fmt"
	"strings"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model/trained"
)

// Painter makes pictures with one kind of model. It may do more than that: see
// Varier, Inpainter, Interpolator, Mixer, Shifter, Reconstructor and
// Recogniser; what a model offers is what its Painter implements.
//
// Requests come checked, with pictures of the model's extent and with N ≥ 1.
// A method gives a picture an item, [len(items) h w c] in [0, 1], and each
// picture depends on the request and on its own item alone, not on the others.
// What a mask keeps is put back by the Generator, which also sees to strength 0.
type Painter interface {
	Takes() Takes
	// Settle fills in what a request leaves to the model's maker (Steps,
	// Guidance, Sampler), and refuses what the model cannot.
	Settle(q *Request) error
	// Sample makes new pictures, each by the noise of its item's seed and
	// index.
	Sample(ctx context.Context, q *Request, items []Item) (*tensor.Tensor, error)
}

// Takes says what a model wants to be told.
type Takes struct {
	Words      bool `json:"words"`   // Prompt and Negative
	Classes    bool `json:"classes"` // Item.Class
	Truncation bool `json:"truncation"`
	Sampling   bool `json:"sampling"` // Steps, Guidance, Sampler
}

// Varier makes variations of q.Image that lie by q.Strength from it.
type Varier interface {
	Vary(ctx context.Context, q *Request, items []Item) (*tensor.Tensor, error)
}

// Inpainter paints q.Image anew where q.Mask is 1. Strength 1 leaves nothing
// of what was there, less begins from it.
type Inpainter interface {
	Inpaint(ctx context.Context, q *Request, items []Item) (*tensor.Tensor, error)
}

// Interpolator goes from q.From to q.To; item i lies at items[i].Share of the
// way.
type Interpolator interface {
	Between(ctx context.Context, q *Request, items []Item) (*tensor.Tensor, error)
}

// Mixer gives what is in q.Image the class, or style, of each item.
type Mixer interface {
	Mix(ctx context.Context, q *Request, items []Item) (*tensor.Tensor, error)
}

// Shifter moves q.Image along q.Shift, by items[i].Share of its amount.
type Shifter interface {
	// Latents are those [n z] of pictures [n h w c] of classes (nil: none).
	Latents(ctx context.Context, images *tensor.Tensor, classes []int) (*tensor.Tensor, error)
	Shift(ctx context.Context, q *Request, items []Item) (*tensor.Tensor, error)
}

// Reconstructor passes pictures [n h w c] of classes (nil: none) through the
// model and back.
type Reconstructor interface {
	Reconstruct(ctx context.Context, images *tensor.Tensor, classes []int) (*tensor.Tensor, error)
}

// Recogniser finds for each of the pictures [n h w c] the class under which
// the model finds it likeliest.
type Recogniser interface {
	Recognise(ctx context.Context, images *tensor.Tensor) ([]int, error)
}

// painters choose a Painter for a model; the first that is not nil is taken.
var painters = []func(m *trained.Model) (Painter, error){
	newFlow,
	newAutoencoding,
	newAdversarial,
}

func painterOf(m *trained.Model) (Painter, error) {
	for _, choose := range painters {
		if p, err := choose(m); p != nil || err != nil {
			return p, err
		}
	}
	return nil, fmt.Errorf("the model %s (%s) makes no pictures: its uses are %v", m.Manifest.Name, m.Manifest.Family, m.Uses())
}

type paint func(ctx context.Context, q *Request, items []Item) (*tensor.Tensor, error)

type action struct {
	how   string
	paint paint
}

// action is what a request asks for, or why this model cannot do it.
func (g *Generator) action(q *Request) (action, error) {
	switch {
	case q.From != nil:
		if p, ok := g.painter.(Interpolator); ok {
			return action{"interpolation", p.Between}, nil
		}
		return action{}, g.cannot("go between two prompts", "a VAE, a GAN or a flow")
	case q.Mask != nil:
		if p, ok := g.painter.(Inpainter); ok {
			return action{"inpainting", p.Inpaint}, nil
		}
		return action{}, g.cannot("paint inside a mask", "a VAE, a GAN or a flow")
	case q.Style != nil:
		if p, ok := g.painter.(Mixer); ok && g.painter.Takes().Classes {
			return action{"mixture", p.Mix}, nil
		}
		return action{}, g.cannot("mix two pictures", "a VAE or GAN that was trained with classes, one gives the content, the other the class")
	case q.Shift != nil:
		if p, ok := g.painter.(Shifter); ok {
			return action{"shift", p.Shift}, nil
		}
		return action{}, g.cannot("move a picture along an attribute", "a VAE")
	case q.Image != nil:
		if p, ok := g.painter.(Varier); ok {
			return action{"variation", p.Vary}, nil
		}
		return action{}, g.cannot("take a picture", "a VAE, a GAN or a flow")
	}
	return action{"", g.painter.Sample}, nil
}

// cannot says which model could.
func (g *Generator) cannot(what, who string) error {
	return fmt.Errorf("the model %s (%s) cannot %s: that wants %s", g.Manifest.Name, g.Manifest.Family, what, who)
}

// Offers names what the model can do with prompts.
func (g *Generator) Offers() []string {
	offers := []string{"sample"}
	takes := g.painter.Takes()
	add := func(name string, ok bool) {
		if ok {
			offers = append(offers, name)
		}
	}
	_, varies := g.painter.(Varier)
	_, inpaints := g.painter.(Inpainter)
	_, between := g.painter.(Interpolator)
	_, mixes := g.painter.(Mixer)
	_, shifts := g.painter.(Shifter)
	_, reconstructs := g.painter.(Reconstructor)
	add("words", takes.Words)
	add("classes", takes.Classes)
	add("variation", varies)
	add("inpainting", inpaints)
	add("interpolation", between)
	add("mixture", mixes && takes.Classes)
	add("shift", shifts)
	add("reconstruction", reconstructs)
	return offers
}

// checked is a request with what is left open filled in.
func (g *Generator) checked(q Request) (Request, error) {
	takes := g.painter.Takes()
	if q.Truncation == 0 {
		q.Truncation = 1
	}
	name := g.Manifest.Name
	var err error
	switch {
	case (q.From == nil) != (q.To == nil):
		err = fmt.Errorf("an interpolation wants two ends")
	case q.From != nil && q.N < 2:
		err = fmt.Errorf("an interpolation has at least 2 pictures, not %d", q.N)
	case q.N < 1 || q.First < 0:
		err = fmt.Errorf("cannot make %d pictures from number %d on: want at least 1, from 0 on", q.N, q.First)
	case !(q.Truncation > 0) || !finite(q.Truncation):
		err = fmt.Errorf("truncation %v: want a number above 0; 1 is the whole prior", q.Truncation)
	case q.Truncation != 1 && !takes.Truncation:
		err = fmt.Errorf("the model %s (%s) has no truncation", name, g.Manifest.Family)
	case q.Steps < 0:
		err = fmt.Errorf("%d steps: want at least 1", q.Steps)
	case !(q.Guidance >= 0) || !finite(q.Guidance):
		err = fmt.Errorf("guidance %v: want a number from 0 on", q.Guidance)
	case !takes.Sampling && (q.Steps != 0 || q.Guidance != 0 || q.Sampler != ""):
		err = fmt.Errorf("the model %s (%s) makes a picture in one go: it has no steps, no guidance and no sampler", name, g.Manifest.Family)
	case !takes.Words && (q.Prompt != "" || q.Negative != ""):
		err = g.cannot("take words", "a model that was trained with words; this one takes "+g.instead())
	case outside(q.Strength):
		err = fmt.Errorf("strength %v: want a number from 0 (the picture itself) to 1 (nothing of it)", q.Strength)
	case q.Mask != nil && (q.Style != nil || q.Shift != nil):
		err = fmt.Errorf("a mask cannot go with a style or a shift")
	case q.Image == nil && (q.Mask != nil || q.Style != nil || q.Shift != nil):
		err = fmt.Errorf("a mask, a style or a shift wants a picture that it is for")
	}
	if err != nil {
		return q, err
	}
	for _, t := range []*tensor.Tensor{q.Image, q.Style, endImage(q.From), endImage(q.To)} {
		if want := append(tensor.S(1), g.extent()...); t != nil && !t.Shape.Equal(want) {
			return q, fmt.Errorf("the model takes pictures of shape %v, not %v", want, t.Shape)
		}
	}
	if want := append(tensor.S(1), g.extent()...); q.Mask != nil {
		if want[3] = 1; !q.Mask.Shape.Equal(want) {
			return q, fmt.Errorf("the model takes masks of shape %v, not %v", want, q.Mask.Shape)
		}
	}
	for _, e := range []*End{q.From, q.To} {
		if e != nil && e.Prompt != "" && e.Image == nil && !takes.Words {
			return q, g.cannot("take words", "a model that was trained with words; this one goes between pictures or seeds")
		}
	}
	err = g.painter.Settle(&q) // fills in q, so it comes before the return
	return q, err
}

func (g *Generator) instead() string {
	if names := g.Manifest.Pictures.Classes; g.painter.Takes().Classes && len(names) > 0 {
		return "a class: " + strings.Join(names[:min(len(names), 20)], ", ")
	}
	return "a seed"
}

func endImage(e *End) *tensor.Tensor {
	if e == nil {
		return nil
	}
	return e.Image
}

// extent is [h w c] of the model's pictures.
func (g *Generator) extent() tensor.Shape {
	p := g.Manifest.Pictures
	return tensor.S(p.Height, p.Width, p.Channels)
}
