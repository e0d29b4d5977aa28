package generate

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/tensor"
)

// enough pictures on each side tell a direction well: the error of a mean of so
// many is a sixteenth of what pictures differ.
const enough = 256

// Direction goes from the mean latents of the pictures of a set with one
// attribute to that of those with another: Larsen et al., "Autoencoding beyond
// pixels" (2016), section 4.3. A picture has an attribute if that is its class,
// or if its caption has these words. Without away, it is all that lack toward.
func (g *Generator) Direction(ctx context.Context, set picture.Set, toward, away string) (*Shift, error) {
	s, ok := g.painter.(Shifter)
	if !ok {
		return nil, g.cannot("move a picture along an attribute", "a VAE")
	}
	if h, w, c := set.Shape(); !g.extent().Equal(tensor.S(h, w, c)) {
		return nil, fmt.Errorf("the set has pictures of %d×%d×%d, the model makes %v", w, h, c, g.extent())
	}
	if g.painter.Takes().Classes && away != "" {
		_, one := g.Classes(toward)
		_, other := g.Classes(away)
		if one == nil && other == nil {
			return nil, fmt.Errorf("the model %s is told the class, so that its latents do not hold it: give a picture another class by a style", g.Manifest.Name)
		}
	}
	shift := &Shift{Name: "toward " + toward, Amount: 1}
	if away != "" {
		shift.Name += ", away from " + away
	}
	with := func(l picture.Label) bool { return has(set, l, toward) }
	without := func(l picture.Label) bool { return !has(set, l, toward) && (away == "" || has(set, l, away)) }
	to, err := g.meanOf(ctx, s, set, with)
	if err != nil {
		return nil, fmt.Errorf("toward %q: %w", toward, err)
	}
	from, err := g.meanOf(ctx, s, set, without)
	if err != nil {
		return nil, fmt.Errorf("away from %q: %w", away, err)
	}
	for k := range to {
		shift.Direction = append(shift.Direction, float32(to[k]-from[k]))
	}
	return shift, nil
}

// has reports whether a picture of a set is of a class or its caption has the
// words.
func has(set picture.Set, l picture.Label, name string) bool {
	if l.Class >= 0 && plain(set.Classes()[l.Class]) == plain(name) {
		return true
	}
	return strings.Contains(" "+words(l.Caption)+" ", " "+words(name)+" ")
}

// words are those of a text in small letters, with a space between.
func words(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return strings.ContainsRune(" \t\n-_/,.;:!?()", r) }), " ")
}

// meanOf is the mean of the latents of up to enough pictures, spread over the
// set.
func (g *Generator) meanOf(ctx context.Context, s Shifter, set picture.Set, wanted func(picture.Label) bool) ([]float64, error) {
	var found []int
	for i := range set.Len() {
		label, err := set.Item(i, nil)
		if err == nil && wanted(label) {
			found = append(found, i)
		} else if err != nil && !picture.IsSkip(err) {
			return nil, err
		}
	}
	n := min(len(found), enough)
	if n == 0 {
		return nil, fmt.Errorf("no picture of the set is like that; its classes are %s", strings.Join(first(set.Classes(), 20), ", "))
	}
	images := tensor.New(append(tensor.S(n), g.extent()...)...)
	for i := range n {
		if _, err := set.Item(found[i*len(found)/n], images.Row(i)); err != nil {
			return nil, err
		}
	}
	var classes []int
	if r, ok := g.painter.(Recogniser); ok && g.painter.Takes().Classes {
		var err error
		if classes, err = r.Recognise(ctx, images); err != nil {
			return nil, err
		}
	}
	latents, err := s.Latents(ctx, images, classes)
	if err != nil {
		return nil, err
	}
	mean := make([]float64, latents.Shape[1])
	for i := range n {
		for k, v := range latents.Row(i) {
			mean[k] += float64(v) / float64(n)
		}
	}
	return mean, nil
}

func first(names []string, n int) []string { return slices.Clone(names[:min(n, len(names))]) }
