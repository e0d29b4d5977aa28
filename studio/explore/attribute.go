package explore

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/limner-ai/limner/curate/decode"
	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/generate/canvas"
	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/release"
	"github.com/limner-ai/limner/studio/paint"
)

// errNoSet says that attributes cannot be found.
var errNoSet = errors.New("attributes cannot be found")

const (
	offered = 24 // attributes at most
	rare    = 16 // pictures that an attribute must have, and lack
)

// Attributes are the classes of the set that the model was trained on, or else
// the most frequent words of its captions.
func (e *Explorer) Attributes(ctx context.Context, name string) ([]string, error) {
	m, set, err := e.set(ctx, name)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	names, ok := e.attributes[m.Digest]
	e.mu.Unlock()
	if ok {
		return names, nil
	}
	if names, err = attributes(ctx, set, m.Takes.Classes); err != nil {
		return nil, err
	}
	e.mu.Lock()
	e.attributes[m.Digest] = names
	e.mu.Unlock()
	return names, nil
}

// set is the model of a name and the set that it learnt from.
func (e *Explorer) set(ctx context.Context, name string) (paint.Model, picture.Set, error) {
	m, err := e.o.Shelf.Model(ctx, name)
	if err != nil {
		return m, nil, err
	}
	if !slices.Contains(m.Offers, "shift") {
		return m, nil, &badQuery{fmt.Sprintf("the model %s (%s) cannot move a picture along an attribute: that wants a VAE", m.Name, m.Family)}
	}
	if e.o.Sets == nil {
		return m, nil, fmt.Errorf("%w: there are no data sets here", errNoSet)
	}
	set, err := e.o.Sets.Open(ctx, m.Manifest.Data)
	if err != nil {
		return m, nil, fmt.Errorf("%w: %w", errNoSet, err)
	}
	return m, set, nil
}

// attributes finds what a set tells apart. A model that is told the class does
// not hold it in its latents.
func attributes(ctx context.Context, set picture.Set, told bool) ([]string, error) {
	if c := set.Classes(); len(c) > 0 && !told {
		return slices.Clone(c[:min(len(c), offered)]), nil
	}
	count := map[string]int{}
	for i := range set.Len() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		l, err := set.Item(i, nil)
		if picture.IsSkip(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		words := strings.FieldsFunc(strings.ToLower(l.Caption), func(r rune) bool { return !unicode.IsLetter(r) })
		slices.Sort(words)
		for _, w := range slices.Compact(words) {
			if utf8.RuneCountInString(w) > 2 {
				count[w]++
			}
		}
	}
	maps.DeleteFunc(count, func(w string, n int) bool {
		return n < rare || n > set.Len()-rare || slices.Contains(fillers, w)
	})
	names := slices.SortedFunc(maps.Keys(count), func(a, b string) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b))
	})
	return names[:min(len(names), offered)], nil
}

// fillers are words that say nothing of a picture.
var fillers = []string{"and", "the", "with", "for", "from", "its", "than", "into"}

// Move gives a picture moved along attributes, each by an amount, as a PNG.
func (e *Explorer) Move(ctx context.Context, name string, d digest.SHA256, amounts map[string]float64) ([]byte, error) {
	m, set, err := e.set(ctx, name)
	if err != nil {
		return nil, err
	}
	known, err := e.Attributes(ctx, name)
	if err != nil {
		return nil, err
	}
	for attribute := range amounts {
		if !slices.Contains(known, attribute) {
			return nil, &badQuery{fmt.Sprintf("toward: the model %s knows no attribute %q", m.Name, attribute)}
		}
	}
	missing := &badQuery{fmt.Sprintf("there is no picture %s: upload it first", d)}
	if e.o.Owns != nil {
		if ok, err := e.o.Owns(ctx, d); err != nil || !ok {
			return nil, cmp.Or(err, error(missing))
		}
	}
	data, err := e.o.Store.Get(d)
	if err != nil {
		return nil, missing
	}
	p, err := decode.Bytes(ctx, data, decode.Limits{Bytes: paint.MaxUpload, Pixels: 40 << 20, Ratio: 64, Memory: 1 << 30, Time: 20 * time.Second, Vector: 1024})
	if err != nil {
		return nil, &badQuery{fmt.Sprintf("the picture cannot be read: %v", err)}
	}
	place, err := canvas.Place(p.Image.Rect.Size(), image.Pt(m.Width, m.Height), canvas.Crop, nil)
	if err != nil {
		return nil, &badQuery{err.Error()}
	}
	var file []byte
	err = e.use(ctx, name, func(g *generate.Generator) error {
		t, err := canvas.Tensor(place.Draw(p.Image, nil), m.Channels)
		if err != nil {
			return err
		}
		shift, err := e.sum(ctx, g, set, amounts)
		if err != nil {
			return err
		}
		if shift == nil { // nothing is moved: the picture as it is
			var b bytes.Buffer
			err = png.Encode(&b, sheet(t, 1))
			file = b.Bytes()
			return err
		}
		q := generate.Request{Image: t, Shift: shift, N: 1}
		made, err := g.Make(ctx, q)
		if err != nil {
			return err
		}
		pic := release.Picture{Image: sheet(made.Images, 1), Edited: true}
		if pic.Given, err = e.o.Leaving.Ingredients(e.o.Store, d); err != nil {
			return err
		}
		file, err = e.leave(ctx, g, g.Origin(made.Request, made.Items[:1]), pic)
		return err
	})
	return file, err
}

// sum adds directions up; nil if there are none.
func (e *Explorer) sum(ctx context.Context, g *generate.Generator, set picture.Set, amounts map[string]float64) (*generate.Shift, error) {
	var out *generate.Shift
	for _, name := range slices.Sorted(maps.Keys(amounts)) {
		if amounts[name] == 0 {
			continue
		}
		key := g.Digest + " " + name
		e.mu.Lock()
		d := e.directions[key]
		e.mu.Unlock()
		if d == nil {
			var err error
			if d, err = g.Direction(ctx, set, name, ""); err != nil {
				return nil, err
			}
			e.mu.Lock()
			e.directions[key] = d
			e.mu.Unlock()
		}
		if out == nil {
			out = &generate.Shift{Name: "attributes", Amount: 1, Direction: make([]float32, len(d.Direction))}
		}
		for i, v := range d.Direction {
			out.Direction[i] += float32(amounts[name]) * v
		}
	}
	return out, nil
}
