package shapes

import (
	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/tensor"
)

// place is a ninth of the picture, in words.
type place struct {
	name, at, german string
	column, row      int // 0, 1, 2
}

var places = []place{
	{"top left", "at the top left", "oben links", 0, 0},
	{"top", "at the top", "oben", 1, 0},
	{"top right", "at the top right", "oben rechts", 2, 0},
	{"left", "on the left", "links", 0, 1},
	{"middle", "in the middle", "in der Mitte", 1, 1},
	{"right", "on the right", "rechts", 2, 1},
	{"bottom left", "at the bottom left", "unten links", 0, 2},
	{"bottom", "at the bottom", "unten", 1, 2},
	{"bottom right", "at the bottom right", "unten rechts", 2, 2},
}

// Places are the names of the places of sets with combinations.
func Places() []string { return names(places, func(p place) string { return p.name }) }

// compact are the sizes of shapes that are to fit into any of nine places. As
// elsewhere, gaps keep the words apart.
var compact = []struct{ from, to float64 }{{0.155, 0.17}, {0.19, 0.205}, {0.225, 0.24}}

// Centres of mass lie so far from the near edge, or from the middle. Between
// the places is a gap of 0.08 sides, so that words and places agree.
const (
	sideFrom, sideTo = 0.28, 0.38
	middleHalf       = 0.04
)

// combine draws picture i of a set with combinations: it draws until the
// combination belongs to the split.
func combine(seed uint64, split picture.Split, i int, vary varied) choice {
	p := tensor.Philox{Seed: seed, Stream: tensor.StreamOf("combinations/" + string(split))}
	const wide = 1 << 40 // more blocks than pictures take
	for at := uint64(i) * 4; ; at += wide {
		w := cast(p, at, 4)
		c := vary.common(&w, 1)
		c.placed, c.place, c.wording = true, w.pick(8, len(places)), w.pick(9, wordings)
		if c.held() != (split == picture.Test) {
			continue
		}
		s := compact[c.size]
		c.radius = (s.from + s.to) / 2
		if vary.size {
			c.radius = w.within(10, s.from, s.to)
		}
		edge := c.radius*reliefs()[c.kind].reach + margin
		c.x = along(places[c.place].column, edge, func(from, to float64) float64 { return w.within(11, from, to) })
		c.y = along(places[c.place].row, edge, func(from, to float64) float64 { return w.within(12, from, to) })
		return c
	}
}

// along is a coordinate in third k of an axis, at least edge from its ends.
func along(k int, edge float64, within func(from, to float64) float64) float64 {
	switch from := max(edge, sideFrom); k {
	case 0:
		return within(from, sideTo)
	case 2:
		return 1 - within(from, sideTo)
	}
	return within(0.5-middleHalf, 0.5+middleHalf)
}

// held reports whether a combination is one of the test split: one in seven,
// laid out so that each two of kind, colour and place are trained on together
// with all but one or two of the third.
func (c choice) held() bool { return (3*c.kind+5*c.colour+c.place)%7 == 0 }
