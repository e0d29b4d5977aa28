package paint

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"math/rand/v2"
	"slices"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/generate/canvas"
	"github.com/limner-ai/limner/internal/digest"
)

// ask is a Spec in the words of package generate.
type ask struct {
	Spec
	request generate.Request
	classes []string // of the pictures in turn; nil: the request's own
	ground  *color.NRGBA
	size    image.Point // of the files
}

// ask brings a Spec's pictures to the model's extent, checks all of it, and
// fills in the Spec what was left open. g is only asked, not made to paint.
func (w *Worker) ask(ctx context.Context, g *generate.Generator, s Spec) (*ask, error) {
	if err := s.checkAlone(); err != nil {
		return nil, err
	}
	if s.Seed == nil {
		seed := uint64(rand.Uint32()) // so short that no client rounds it
		s.Seed = &seed
	}
	if s.Repair != nil {
		return &ask{Spec: s}, w.checkRepair(ctx, g, s)
	}
	a := &ask{Spec: s}
	takes, pictures := g.Takes(), g.Manifest.Pictures
	if takes.Classes && !takes.Words && a.Class == "" { // to clients that know prompts alone
		a.Class, a.Prompt = a.Prompt, ""
	}
	if !takes.Classes && a.Class != "" {
		_, err := g.Classes(a.Class)
		return nil, err
	}
	if a.Class != "" {
		at, err := g.Classes(a.Class)
		if err != nil {
			return nil, err
		}
		a.Class = pictures.Classes[at[0]]
	}
	var err error
	if a.ground, err = a.Spec.ground(); err != nil {
		return nil, err
	}
	if a.Background == transparent && pictures.Channels != 4 {
		return nil, fmt.Errorf("the model %s paints no transparent pictures", g.Manifest.Name)
	}
	a.size = sizeOf(a.Width, a.Height, pictures.Width, pictures.Height)
	if err := a.prompt(ctx, w, g); err != nil {
		return nil, err
	}
	if a.request.Image == nil && a.Class == "" && takes.Classes && endImage(a.From) == none && endImage(a.To) == none {
		if a.From != nil {
			return nil, errors.New("an interpolation wants a class: the model paints by classes")
		}
		for i := range a.N {
			a.classes = append(a.classes, pictures.Classes[(a.First+i)%len(pictures.Classes)])
		}
	}
	settled, err := g.Check(a.request)
	if err != nil {
		return nil, err
	}
	if settled.Steps*a.N > maxWork {
		return nil, fmt.Errorf("%d pictures of %d steps are more than is done for one request: want fewer pictures or steps", a.N, settled.Steps)
	}
	a.Steps, a.Guidance, a.Sampler = settled.Steps, settled.Guidance, settled.Sampler
	if takes.Truncation {
		a.Truncation = settled.Truncation
	}
	a.request = settled
	return a, nil
}

// prompt fills in the request, with pictures of the model's extent.
func (a *ask) prompt(ctx context.Context, w *Worker, g *generate.Generator) error {
	a.request = generate.Request{
		Prompt: a.Prompt, Negative: a.Negative, Class: a.Class, Seed: *a.Seed, First: a.First, N: a.N,
		Truncation: a.Truncation, Steps: a.Steps, Guidance: a.Guidance, Sampler: a.Sampler,
	}
	b := brush{ctx, w, g.Manifest.Pictures.Channels, image.Pt(g.Manifest.Pictures.Width, g.Manifest.Pictures.Height)}
	if a.Image != none {
		m, at, err := b.place(a.Image)
		if err != nil {
			return err
		}
		if a.request.Image, err = b.tensor(m, at); err != nil {
			return err
		}
		if a.Strength != nil {
			a.request.Strength = *a.Strength
		}
		if a.Mask != none {
			if a.request.Mask, err = b.mask(a.Mask, a.MaskKind, at); err != nil {
				return err
			}
		}
	}
	var err error
	if a.request.Style, err = b.picture(a.Style); err != nil {
		return err
	}
	for _, e := range []struct {
		from *End
		to   **generate.End
	}{{a.From, &a.request.From}, {a.To, &a.request.To}} {
		if e.from == nil {
			continue
		}
		*e.to = &generate.End{Prompt: e.from.Prompt, Seed: e.from.Seed}
		if (*e.to).Image, err = b.picture(e.from.Image); err != nil {
			return err
		}
	}
	return nil
}

// piece is the part of the request that makes some pictures: those from number
// from up to to, which is one where each has a class of its own.
func (a *ask) piece(from, to int) generate.Piece {
	q := a.request
	if a.classes != nil {
		q.Class = a.classes[from]
	}
	return generate.Piece{Request: q, From: from, To: to}
}

// fresh reports whether the pictures begin at nothing but noise.
func (a *ask) fresh() bool { return a.request.Image == nil && a.request.From == nil }

func endImage(e *End) digest.SHA256 {
	if e == nil {
		return none
	}
	return e.Image
}

// sizeOf is the extent of a file: of what is not given, as much as the picture's
// proportions want.
func sizeOf(width, height, w, h int) image.Point {
	switch {
	case width == 0 && height == 0:
		width, height = w, h
	case width == 0:
		width = max(1, min(MaxSide, (height*w+h/2)/h))
	case height == 0:
		height = max(1, min(MaxSide, (width*h+w/2)/w))
	}
	return image.Pt(width, height)
}

// brush brings pictures onto a model's canvas.
type brush struct {
	ctx      context.Context
	w        *Worker
	channels int
	size     image.Point
}

// picture is the tensor of a picture, nil if there is none.
func (b brush) picture(d digest.SHA256) (*tensor.Tensor, error) {
	if d == none {
		return nil, nil
	}
	m, at, err := b.place(d)
	if err != nil {
		return nil, err
	}
	return b.tensor(m, at)
}

// place loads a picture and says where it lies on the canvas: all of it, if the
// model knows transparency, which fills the rest, else the middle.
func (b brush) place(d digest.SHA256) (*image.NRGBA, canvas.Placement, error) {
	m, err := b.w.leaving.Picture(b.ctx, b.w.store, d)
	if err != nil {
		return nil, canvas.Placement{}, err
	}
	fit := canvas.Crop
	if b.channels == 4 {
		fit = canvas.Pad
	}
	at, err := canvas.Place(m.Rect.Size(), b.size, fit, nil)
	return m, at, err
}

func (b brush) tensor(m *image.NRGBA, at canvas.Placement) (*tensor.Tensor, error) {
	var ground *color.NRGBA
	if b.channels != 4 {
		ground = &color.NRGBA{R: 255, G: 255, B: 255, A: 255}
	}
	return canvas.Tensor(at.Draw(m, ground), b.channels)
}

// mask is the tensor [1 h w 1] of a mask.
func (b brush) mask(d digest.SHA256, kind string, at canvas.Placement) (*tensor.Tensor, error) {
	m, err := b.w.leaving.Picture(b.ctx, b.w.store, d)
	if err != nil {
		return nil, err
	}
	painted := canvas.Marked
	if kind == "clear" {
		painted = canvas.Cleared
	}
	values, err := at.Mask(painted(m), false)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(values, 1) {
		return nil, errors.New("the mask marks nothing of the picture: paint over what is to change")
	}
	return tensor.From(values, 1, b.size.Y, b.size.X, 1), nil
}
