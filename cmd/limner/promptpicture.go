package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/limner-ai/limner/dataset"
	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/generate/canvas"
)

// picture reads --image and what goes with it.
func (o *promptFlags) picture(ctx context.Context, g *generate.Generator, q *generate.Request) (err error) {
	m, err := canvas.Read(ctx, o.images[0])
	if err != nil {
		return err
	}
	place, err := o.place(g, m)
	if err != nil {
		return err
	}
	if q.Image, err = o.tensor(g, m, place); err != nil {
		return err
	}
	if q.Mask, err = o.masks(ctx, m, place); err != nil {
		return err
	}
	switch {
	case o.style != "":
		q.Style = q.Image
		if _, err := os.Stat(o.style); err != nil && !pictureName(o.style) {
			q.Class = o.style
			return nil
		}
		q.Style, err = o.read(ctx, g, o.style)
	case o.toward != "":
		set, err := o.labelled(g)
		if err != nil {
			return err
		}
		if q.Shift, err = g.Direction(ctx, set, o.toward, o.away); err != nil {
			return err
		}
		q.Shift.Amount = o.amount
	}
	return err
}

func (o *promptFlags) place(g *generate.Generator, m *image.NRGBA) (canvas.Placement, error) {
	want := g.Manifest.Pictures
	fit := canvas.Fit(o.fit)
	if fit == "" {
		if fit = canvas.Crop; want.Channels == 4 {
			fit = canvas.Pad
		}
	}
	return canvas.Place(m.Rect.Size(), image.Pt(want.Width, want.Height), fit, o.margins)
}

func (o *promptFlags) tensor(g *generate.Generator, m *image.NRGBA, place canvas.Placement) (*tensor.Tensor, error) {
	var ground *color.NRGBA
	if g.Manifest.Pictures.Channels != 4 {
		ground = &o.ground
	}
	return canvas.Tensor(place.Draw(m, ground), g.Manifest.Pictures.Channels)
}

// read reads a picture that nothing else goes with.
func (o *promptFlags) read(ctx context.Context, g *generate.Generator, path string) (*tensor.Tensor, error) {
	alone := promptFlags{fit: o.fit, ground: o.ground}
	m, err := canvas.Read(ctx, path)
	if err != nil {
		return nil, err
	}
	place, err := alone.place(g, m)
	if err != nil {
		return nil, err
	}
	return alone.tensor(g, m, place)
}

// all reads every --image.
func (o *promptFlags) all(ctx context.Context, g *generate.Generator) (*tensor.Tensor, error) {
	var data []float32
	for _, path := range o.images {
		t, err := o.read(ctx, g, path)
		if err != nil {
			return nil, err
		}
		data = append(data, t.Data...)
	}
	p := g.Manifest.Pictures
	return tensor.From(data, len(o.images), p.Height, p.Width, p.Channels), nil
}

// masks joins what is to be painted of the picture: what --mask marks, what is
// transparent, and what lies around it.
func (o *promptFlags) masks(ctx context.Context, m *image.NRGBA, place canvas.Placement) (*tensor.Tensor, error) {
	if !o.masked() {
		return nil, nil
	}
	values := place.Bars()
	if o.margins == nil {
		clear(values)
	}
	if o.mask != "" || o.maskAlpha {
		from, painted := m, canvas.Cleared
		if o.mask != "" {
			var err error
			if from, err = canvas.Read(ctx, o.mask); err != nil {
				return nil, err
			}
		}
		if !o.maskAlpha {
			painted = canvas.Marked
		}
		var err error
		if values, err = place.Mask(painted(from), o.margins != nil); err != nil {
			return nil, fmt.Errorf("%s: %w", o.mask, err)
		}
	}
	return tensor.From(values, 1, place.Canvas.Y, place.Canvas.X, 1), nil
}

// end is an end of an interpolation: a file, else a seed, else words.
func (o *promptFlags) end(ctx context.Context, g *generate.Generator, s string, seed uint64) (*generate.End, error) {
	if _, err := os.Stat(s); err == nil || pictureName(s) {
		t, err := o.read(ctx, g, s)
		return &generate.End{Image: t}, err
	}
	if n, err := strconv.ParseUint(s, 10, 64); err == nil {
		return &generate.End{Seed: n}, nil
	}
	return &generate.End{Prompt: s, Seed: seed}, nil
}

// pictureName reports whether a text looks like the name of a picture file.
func pictureName(s string) bool {
	switch strings.ToLower(filepath.Ext(s)) {
	case ".png", ".jpg", ".jpeg", ".webp", ".gif", ".svg":
		return true
	}
	return false
}

// labelled opens the set that attributes are learnt from.
func (o *promptFlags) labelled(g *generate.Generator) (picture.Set, error) {
	var src picture.Source
	var err error
	if o.set != "" {
		src, err = relocated(g.Model, o.set)
	} else {
		err = json.Unmarshal(g.Manifest.Data.Source, &src)
	}
	if err != nil {
		return nil, err
	}
	if src.Kind == "" {
		return nil, errors.New("the model does not say what it was trained on: give --set")
	}
	src.Size, src.Channels = g.Manifest.Pictures.Height, g.Manifest.Pictures.Channels
	set, err := dataset.Open(src)
	if err != nil && o.set == "" {
		return nil, fmt.Errorf("the set that the model was trained on: %w; --set names another, or where it lies now", err)
	}
	return set, err
}

// colour reads white, black or #rrggbb.
func colour(s string) (color.NRGBA, error) {
	switch s {
	case "white":
		return color.NRGBA{R: 255, G: 255, B: 255, A: 255}, nil
	case "black":
		return color.NRGBA{A: 255}, nil
	}
	digits, ok := strings.CutPrefix(s, "#")
	b, err := hex.DecodeString(digits)
	if !ok || err != nil || len(b) != 3 {
		return color.NRGBA{}, usagef("--background %q: want white, black or #rrggbb", s)
	}
	return color.NRGBA{R: b[0], G: b[1], B: b[2], A: 255}, nil
}
