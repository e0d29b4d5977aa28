package index

import (
	"fmt"
	"math"

	"github.com/limner-ai/limner/evaluate/copying"
)

// Extent says how much of a training picture is in a query.
type Extent string

// The extents. None is not the same as cleared: it says that this test found
// nothing.
const (
	Whole Extent = "whole" // the training picture, all or nearly all of it
	Part  Extent = "part"  // a part of one
	None  Extent = "none"
)

// wholeShare is the area of a training picture from which a match is of the
// whole of it.
const wholeShare = 0.75

// Region is a part of a picture in shares of its width and height, from its left
// upper corner.
type Region struct {
	X0 float64 `json:"x0"`
	Y0 float64 `json:"y0"`
	X1 float64 `json:"x1"`
	Y1 float64 `json:"y1"`
}

func regionOf(b box) Region {
	in := func(v float64) float64 { return min(max(v, 0), 1) }
	return Region{in(b.x0), in(b.y0), in(b.x1), in(b.y1)}
}

// Area is the region's share of the picture.
func (r Region) Area() float64 { return (r.X1 - r.X0) * (r.Y1 - r.Y0) }

// Match is a picture of the set that is near to a query.
type Match struct {
	Index    int     `json:"index"` // of the picture
	Picture  Picture `json:"picture"`
	Distance float64 `json:"distance"` // root mean square of differences of colour, after alignment; 0 to 1
	Query    Region  `json:"query"`    // this part of the query
	At       Region  `json:"at"`       // lies on this part of the picture
	// Mirrored says that the query's mirror image lies there.
	Mirrored bool `json:"mirrored,omitempty"`
	// Turned is by how many degrees the query shows it turned clockwise, after it was
	// mirrored if it was: 0, 90, 180 or 270.
	Turned int `json:"turned,omitempty"`
	// Alike says that it is a near-duplicate of the nearest.
	Alike bool `json:"alike,omitempty"`
}

// Judgement is the test of package copying on one query: it is a copy if the
// nearest training picture is less than a third as far as the nearest one that is
// no near-duplicate of that.
type Judgement struct {
	Extent Extent `json:"extent"`
	// Space says in what the distances are; "": in colours after alignment.
	Space     copying.Space `json:"space,omitempty"`
	D1        float64       `json:"d1"`
	D2        float64       `json:"d2"` // 0 if there is no other picture
	Ratio     float64       `json:"ratio"`
	Threshold float64       `json:"threshold"`
	Nearest   *Match        `json:"nearest,omitempty"` // whose distance is D1
	Other     *Match        `json:"other,omitempty"`   // whose distance is D2
	Sentence  string        `json:"sentence"`
	plain     bool          // the query shows too little to be judged
}

// leastDetail is the deviation of luma below which a query shows nothing that
// could be told apart.
const leastDetail = 0.015

// measure fills in what follows from the distances, as package copying has it.
func (j *Judgement) measure() { j.measureAt(copying.Threshold) }

func (j *Judgement) measureAt(threshold float64) {
	m := copying.Match{Other: -1, D1: j.D1, D2: j.D2}
	if j.Other != nil {
		m.Other = j.Other.Index
	}
	j.Ratio, j.Threshold, j.Extent = m.Ratio(), threshold, None
	if j.Nearest != nil && !j.plain && j.Ratio < threshold {
		if j.Extent = Part; j.Nearest.At.Area() >= wholeShare {
			j.Extent = Whole
		}
	}
	j.Sentence = j.sentence()
}

func (j *Judgement) sentence() string {
	if j.Nearest == nil {
		return "There is no training picture to hold it against."
	}
	if j.plain {
		return "The picture is too plain to be held against training pictures."
	}
	n := j.Nearest
	numbers := fmt.Sprintf("its distance %.3f is %.2f of the %.3f to the nearest picture that is no near-duplicate of it; below %.2f counts as a copy", j.D1, j.Ratio, j.D2, j.Threshold)
	from := n.Picture.Source + "/" + n.Picture.Path
	shown := "The picture"
	if n.Query.Area() < 0.9 {
		shown = fmt.Sprintf("A part of the picture (%s, %.0f %% of it)", n.Query.where(), 100*n.Query.Area())
	}
	switch {
	case n.Mirrored && n.Turned > 0:
		shown += fmt.Sprintf(", mirrored and turned by %d°,", n.Turned)
	case n.Mirrored:
		shown += ", mirrored,"
	case n.Turned > 0:
		shown += fmt.Sprintf(", turned by %d°,", n.Turned)
	}
	if j.Space == copying.Features && j.Extent != None {
		return fmt.Sprintf("%s shows, to a network that holds pictures against words, what the training picture %s shows: %s.", shown, from, numbers)
	}
	switch j.Extent {
	case Whole:
		return fmt.Sprintf("%s shows the whole of the training picture %s: %s.", shown, from, numbers)
	case Part:
		return fmt.Sprintf("%s shows a part of the training picture %s (%s, %.0f %% of it): %s.", shown, from, n.At.where(), 100*n.At.Area(), numbers)
	}
	return fmt.Sprintf("No substantial part of a training picture was found. The nearest is %s: %s. This clears nothing: the test finds copies of what a picture looks like, not of ideas, and not all of them.", from, numbers)
}

// where names a region's place for people.
func (r Region) where() string {
	name := func(low, high float64, a, b string) string {
		switch middle := (low + high) / 2; {
		case middle < 0.42:
			return a
		case middle > 0.58:
			return b
		}
		return ""
	}
	x, y := name(r.X0, r.X1, "left", "right"), name(r.Y0, r.Y1, "upper", "lower")
	switch {
	case x == "" && y == "":
		return "the middle"
	case x == "":
		return y + " part"
	case y == "":
		return x + " part"
	}
	return y + " " + x
}

// alike reports whether two pictures of the index are near-duplicates: the root
// mean square of their differences of colour, by the coefficients of their
// thumbs, is at most that of package copying. By Parseval's theorem the squares of
// the coefficients add up to those of the pixels.
func (x *Index) alike(a, b int) bool {
	if a == b {
		return true
	}
	p, q := x.thumbs[a*len(frequencies):], x.thumbs[b*len(frequencies):]
	var sum float64
	for i, k := range triples {
		y, u, v := x.apart(p, q, k[0]), 0., 0.
		if i < tints {
			u, v = x.apart(p, q, k[1]), x.apart(p, q, k[2])
		}
		sum += energy(y, u, v)
	}
	return math.Sqrt(sum/3)/thumbSide <= copying.Near
}

func (x *Index) apart(p, q []int8, k int) float64 {
	return float64(int(p[k])-int(q[k])) * float64(step(k))
}

// triples are the numbers of a frequency in the three planes; the two of colour
// have the first tints of them alone.
var triples, tints = func() (out [][3]int, tints int) {
	luma, tint := lumaBand*(lumaBand+1)/2, tintBand*(tintBand+1)/2
	for i := range luma {
		t := [3]int{i}
		if i < tint {
			t[1], t[2] = luma+i, luma+tint+i
		}
		out = append(out, t)
	}
	return out, tint
}()
