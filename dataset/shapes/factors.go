package shapes

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/limner-ai/limner/engine/tensor"

	"github.com/limner-ai/limner/dataset/picture"
)

// Factors are all that determines a picture but its size in pixels.
type Factors struct {
	Kind    string  `json:"kind"`
	Colour  string  `json:"colour"`
	Texture string  `json:"texture"`
	Ground  string  `json:"ground"`
	Size    string  `json:"size"`            // small, medium or large
	Radius  float64 `json:"radius"`          // nominal, in sides of the picture
	X       float64 `json:"x"`               // centre of mass, in sides from the left
	Y       float64 `json:"y"`               // and from the top
	Angle   float64 `json:"angle"`           // degrees clockwise
	Light   string  `json:"light"`           // where it comes from, in words
	Azimuth float64 `json:"azimuth"`         // the same in degrees: 0 right, 90 above
	Place   string  `json:"place,omitempty"` // X and Y in words, of sets with combinations
}

// sizes are radii in sides of the picture; the gaps keep the words apart.
var sizes = []struct {
	name     string
	from, to float64
}{
	{"small", 0.19, 0.215},
	{"medium", 0.25, 0.275},
	{"large", 0.31, 0.335},
}

// lights are 45° apart, counter-clockwise from the right.
var lights = []string{
	"the right", "the upper right", "above", "the upper left",
	"the left", "the lower left", "below", "the lower right",
}

const (
	maxAngle     = 30 // degrees; more would turn a square into a diamond
	azimuthRange = 15 // degrees about a light's direction
	margin       = 0.03
)

// Kinds are the kinds of shape, by class.
func Kinds() []string { return names(outlines(), func(o outline) string { return o.name }) }

// Colours are the names of the colours.
func Colours() []string { return names(colours, func(t tone) string { return t.name }) }

// Textures are the names of the textures.
func Textures() []string { return names(textures, func(t texture) string { return t.name }) }

func names[T any](all []T, name func(T) string) []string {
	n := make([]string, len(all))
	for i, t := range all {
		n[i] = name(t)
	}
	return n
}

// choice is Factors as indices into the lists above.
type choice struct {
	kind, colour, texture, ground, size, light int
	radius, x, y, angle, azimuth               float64

	placed         bool // of a set with combinations, which alone have these
	place, wording int
}

// varied says which factors differ between pictures. The kind always does.
type varied struct{ colour, texture, ground, size, place, angle, light bool }

// parseVary reads picture.Source.Vary.
func parseVary(words []string) (varied, error) {
	if len(words) == 0 {
		return varied{true, true, true, true, true, true, true}, nil
	}
	var v varied
	at := map[string]*bool{
		"colour": &v.colour, "texture": &v.texture, "ground": &v.ground, "size": &v.size,
		"place": &v.place, "angle": &v.angle, "light": &v.light,
	}
	if slices.Equal(words, []string{"none"}) {
		return v, nil
	}
	for _, word := range words {
		if at[word] == nil {
			return v, fmt.Errorf("vary: %q is none of %q, nor a single none", word, slices.Sorted(maps.Keys(at)))
		}
		*at[word] = true
	}
	return v, nil
}

// lot is the random words that a picture is drawn from.
type lot [16]uint32

// cast draws n blocks of words from place `at` of a stream.
func cast(p tensor.Philox, at uint64, n int) (w lot) {
	for b := range n {
		block := p.Block(at + uint64(b))
		copy(w[4*b:], block[:])
	}
	return w
}

// pick is one of n by word k.
func (w *lot) pick(k, n int) int { return int(uint64(w[k]) * uint64(n) >> 32) }

// within is a number of an interval by word k.
func (w *lot) within(k int, from, to float64) float64 {
	return from + (to-from)*(float64(w[k])+0.5)/(1<<32)
}

// choose draws the factors of picture i: a function of (seed, split, i).
// Those that do not vary stay at a red, plain, large shape in the middle of a
// grey ground, lit from the upper left; the others are the same either way.
func choose(seed uint64, split picture.Split, i int, vary varied) choice {
	w := cast(tensor.Philox{Seed: seed, Stream: tensor.StreamOf("shapes/" + string(split))}, uint64(i)*3, 3)
	c := vary.common(&w, len(sizes)-1)
	c.radius = sizes[c.size].from/2 + sizes[c.size].to/2
	if vary.size {
		c.radius = w.within(8, sizes[c.size].from, sizes[c.size].to)
	}
	c.x, c.y = 0.5, 0.5
	if vary.place {
		edge := c.radius*reliefs()[c.kind].reach + margin
		c.x, c.y = w.within(9, edge, 1-edge), w.within(10, edge, 1-edge)
	}
	return c
}

// common draws all but the radius and the place, by words 0 to 7.
func (v varied) common(w *lot, size int) choice {
	pick := func(vary bool, k, n, otherwise int) int {
		if !vary {
			return otherwise
		}
		return w.pick(k, n)
	}
	within := func(vary bool, k int, from, to float64) float64 {
		if !vary {
			return (from + to) / 2
		}
		return w.within(k, from, to)
	}
	c := choice{
		kind:    pick(true, 0, len(reliefs()), 0),
		colour:  pick(v.colour, 1, len(colours), 0),
		texture: pick(v.texture, 2, len(textures), 0),
		ground:  pick(v.ground, 3, len(grounds), len(grounds)-1),
		size:    pick(v.size, 4, len(sizes), size),
		light:   pick(v.light, 5, len(lights), 3),
		angle:   within(v.angle, 6, -maxAngle, maxAngle),
		azimuth: within(v.light, 7, -azimuthRange, azimuthRange),
	}
	c.azimuth = math.Mod(c.azimuth+45*float64(c.light)+360, 360)
	return c
}

func (c choice) factors() Factors {
	f := Factors{
		Kind: reliefs()[c.kind].name, Colour: colours[c.colour].name,
		Texture: textures[c.texture].name, Ground: grounds[c.ground].name,
		Size: sizes[c.size].name, Radius: c.radius, X: c.x, Y: c.y, Angle: c.angle,
		Light: lights[c.light], Azimuth: c.azimuth,
	}
	if c.placed {
		f.Place = places[c.place].name
	}
	return f
}

// resolve looks up the names in f. Size, Light and Place are words for Radius,
// Azimuth, X and Y, which count.
func (f Factors) resolve() (choice, error) {
	c := choice{radius: f.Radius, x: f.X, y: f.Y, angle: f.Angle, azimuth: f.Azimuth}
	for _, n := range []struct {
		what, name string
		all        []string
		at         *int
	}{
		{"kind", f.Kind, Kinds(), &c.kind},
		{"colour", f.Colour, Colours(), &c.colour},
		{"texture", f.Texture, Textures(), &c.texture},
		{"ground", f.Ground, names(grounds, func(t tone) string { return t.name }), &c.ground},
	} {
		if *n.at = slices.Index(n.all, n.name); *n.at < 0 {
			return c, fmt.Errorf("shapes: %s %q is none of %q", n.what, n.name, n.all)
		}
	}
	if !(f.Radius > 0 && f.Radius <= 1) {
		return c, fmt.Errorf("shapes: radius %v is not within 0 to 1", f.Radius)
	}
	if sum := f.X + f.Y + f.Angle + f.Azimuth; math.IsNaN(sum) || math.IsInf(sum, 0) {
		return c, fmt.Errorf("shapes: place (%v, %v), angle %v and azimuth %v must be finite", f.X, f.Y, f.Angle, f.Azimuth)
	}
	return c, nil
}

// caption puts a choice into words, such as "a small red striped star, light
// from the upper left". Grey pictures do not tell the colour.
func (c choice) caption(grey bool) string {
	text := "a " + sizes[c.size].name
	if !grey {
		text += " " + colours[c.colour].name
	}
	if c.texture > 0 {
		text += " " + textures[c.texture].name
	}
	return text + " " + reliefs()[c.kind].name + ", light from " + lights[c.light]
}
