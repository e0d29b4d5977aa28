// Package shapes draws a picture set: one coloured, textured shape a picture,
// lit from one side and casting a soft shadow, with a caption in words and
// its factors in numbers. It needs no files and holds no one else's rights.
//
// Picture i is a function of (seed, split, i) alone. Between processor
// architectures a value may differ by one level in 255, where the compiler
// fuses a multiplication and an addition.
package shapes

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/internal/basis"
)

const (
	defaultSize  = 32
	minSize      = 16
	defaultTrain = 20_000
	defaultTest  = 2_000

	labelKind   = "kind"
	labelColour = "colour"
	labelPlace  = "place"
)

// Set is a set of drawn shapes.
type Set struct {
	seed           uint64
	vary           varied
	combined       bool // combinations are held out
	label          string
	train, test    int // pictures of each split
	size, channels int
	captions       func() []string
	scratch        sync.Pool
}

var _ interface {
	picture.Set
	picture.Detailer
} = (*Set)(nil)

// Open returns the set of src.Seed. The training split has src.Count pictures
// (20,000 by default), the test split 2,000, all of them different; src.Count
// counts the test split if that is asked for alone.
func Open(src picture.Source) (*Set, error) {
	src, err := src.Check()
	if err != nil {
		return nil, fmt.Errorf("shapes: %w", err)
	}
	s := &Set{seed: src.Seed, size: src.Size, channels: src.Channels}
	if s.size == 0 {
		s.size = defaultSize
	}
	if s.size < minSize {
		return nil, fmt.Errorf("shapes: size %d is too small to tell shapes apart; take %d or more", s.size, minSize)
	}
	if s.vary, err = parseVary(src.Vary); err != nil {
		return nil, fmt.Errorf("shapes: %w", err)
	}
	switch s.channels {
	case 0:
		s.channels = 3
	case 4:
		return nil, errors.New("shapes: channels 4: pictures of this kind have no alpha; take 1 or 3")
	}
	if s.combined = src.Combinations; s.combined && !(s.vary.colour && s.vary.place && s.channels == 3) {
		return nil, errors.New("shapes: combinations of colour and place want both to vary, and 3 channels")
	}
	if s.label = cmp.Or(src.Labels, labelKind); s.label != labelKind && s.label != labelColour && (s.label != labelPlace || !s.combined) {
		return nil, fmt.Errorf("shapes: labels %q is not kind, colour or, with combinations, place", src.Labels)
	}
	if src.Split != picture.Test {
		s.train = cmp.Or(src.Count, defaultTrain)
	}
	switch src.Split {
	case picture.Test:
		s.test = cmp.Or(src.Count, defaultTest)
	case picture.All:
		s.test = defaultTest
	}
	grey := s.channels == 1
	s.captions = sync.OnceValue(func() []string { return captions(grey) })
	s.scratch.New = func() any { b := make([]uint8, s.size*s.size*s.channels); return &b }
	return s, nil
}

// Len is the number of pictures.
func (s *Set) Len() int { return s.train + s.test }

// Basis says that nobody else has rights in the pictures.
func (s *Set) Basis() (basis.Basis, error) { return basis.Basis{Status: basis.Drawn}, nil }

// Shape is the extent of every picture.
func (s *Set) Shape() (h, w, c int) { return s.size, s.size, s.channels }

// Classes are the kinds of shape, or what Source.Labels asked for.
func (s *Set) Classes() []string {
	switch s.label {
	case labelColour:
		return Colours()
	case labelPlace:
		return Places()
	}
	return Kinds()
}

// at finds the split and the counter of picture i.
func (s *Set) at(i int) (picture.Split, int) {
	if i < s.train {
		return picture.Train, i
	}
	return picture.Test, i - s.train
}

// Name is the split and the counter of picture i.
func (s *Set) Name(i int) string {
	split, k := s.at(i)
	return string(split) + "/" + strconv.Itoa(k)
}

// Factors are those of picture i.
func (s *Set) Factors(i int) Factors {
	return s.choose(i).factors()
}

func (s *Set) choose(i int) choice {
	split, k := s.at(i)
	if s.combined {
		return combine(s.seed, split, k, s.vary)
	}
	return choose(s.seed, split, k, s.vary)
}

// Detail is Factors.
func (s *Set) Detail(i int) any { return s.Factors(i) }

// Item draws picture i.
func (s *Set) Item(i int, pixels []float32) (picture.Label, error) {
	if err := picture.CheckItem(s, i, pixels); err != nil {
		return picture.Label{}, fmt.Errorf("shapes: %w", err)
	}
	c := s.choose(i)
	label := picture.Label{Class: c.kind}
	switch s.label {
	case labelColour:
		label.Class = c.colour
	case labelPlace:
		label.Class = c.place
	}
	if s.combined {
		label.Caption = c.worded(s.vary)
	} else {
		label.Caption = s.captions()[c.sentence()]
	}
	if pixels != nil {
		b := s.scratch.Get().(*[]uint8)
		c.draw(*b, s.size, s.channels)
		picture.Unit(pixels, *b)
		s.scratch.Put(b)
	}
	return label, nil
}

// sentence numbers the captions, so that they can be kept: an epoch then
// leaves no litter of equal texts.
func (c choice) sentence() int {
	n := c.kind
	n = n*len(colours) + c.colour
	n = n*len(textures) + c.texture
	n = n*len(sizes) + c.size
	return n*len(lights) + c.light
}

// captions lists the captions by sentence number.
func captions(grey bool) []string {
	var all []string
	for kind := range reliefs() {
		for colour := range colours {
			for texture := range textures {
				for size := range sizes {
					for light := range lights {
						c := choice{kind: kind, colour: colour, texture: texture, size: size, light: light}
						all = append(all, c.caption(grey))
					}
				}
			}
		}
	}
	return all
}
