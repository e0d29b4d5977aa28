package alignment

import (
	"fmt"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/internal/hue"
)

// What swaps are made of: colours, and objects that most people know in one
// colour, which is seldom the one asked for.
var (
	swapColours = []string{"red", "orange", "yellow", "green", "blue", "purple", "pink", "brown"}
	swapObjects = []string{"apple", "banana", "car", "frog", "heart", "fish", "tree", "house", "flower", "bird"}
)

// Swap asks for an object in a colour.
type Swap struct{ Colour, Object string }

// Swaps are all colours of all objects.
func Swaps() []Swap {
	var all []Swap
	for _, o := range swapObjects {
		for _, c := range swapColours {
			all = append(all, Swap{c, o})
		}
	}
	return all
}

// String is the prompt.
func (s Swap) String() string {
	article := "a"
	if s.Colour == "orange" {
		article = "an"
	}
	return fmt.Sprintf("%s %s %s", article, s.Colour, s.Object)
}

// Swapped is how often pictures of swaps are right.
type Swapped struct {
	N       int     `json:"n"`
	Colours int     `json:"colours"` // so that chance is one of so many
	Objects int     `json:"objects"`
	Colour  float64 `json:"colour"`  // of all colours of the object, the words with the right one are nearest
	Object  float64 `json:"object"`  // of all objects in the colour
	Painted float64 `json:"painted"` // the most common colour of the picture has the name
}

// MeasureSwaps holds images [n h w c], made for Swaps, against the words and
// against their own colours.
func MeasureSwaps(e *Encoder, images *tensor.Tensor) (*Swapped, error) {
	swaps := Swaps()
	if images.Shape[0] != len(swaps) {
		return nil, fmt.Errorf("alignment: %d pictures of %d swaps", images.Shape[0], len(swaps))
	}
	texts := make([]string, len(swaps))
	for i, s := range swaps {
		texts[i] = s.String()
	}
	words, err := e.Read(texts)
	if err != nil {
		return nil, err
	}
	seen, err := e.Look(images)
	if err != nil {
		return nil, err
	}
	r := &Swapped{N: len(swaps), Colours: len(swapColours), Objects: len(swapObjects)}
	for i, s := range swaps {
		colour, object := true, true
		own := dot(seen.Row(i), words.Row(i))
		for k, t := range swaps {
			if k == i || dot(seen.Row(i), words.Row(k)) < own {
				continue
			}
			if t.Object == s.Object {
				colour = false
			}
			if t.Colour == s.Colour {
				object = false
			}
		}
		if colour {
			r.Colour++
		}
		if object {
			r.Object++
		}
		if Painted(images.Row(i), images.Shape[1], images.Shape[2], images.Shape[3]) == s.Colour {
			r.Painted++
		}
	}
	for _, share := range []*float64{&r.Colour, &r.Object, &r.Painted} {
		*share /= float64(r.N)
	}
	return r, nil
}

// Painted names the most common colour of a picture [h w c] other than black,
// grey and white; "" if it has none. What is transparent does not count, nor in
// an opaque picture what looks like its first corner.
func Painted(pixels []float32, h, w, c int) string {
	counts := make([]float32, len(hue.Names))
	level := func(v float32) int { return int(min(max(v, 0), 1)*255 + 0.5) }
	for i := range h * w {
		p := pixels[i*c : (i+1)*c]
		weight := float32(1)
		switch {
		case c < 3:
			return ""
		case c == 4:
			weight = p[3]
		default:
			const alike = 0.08
			if d := max(p[0]-pixels[0], pixels[0]-p[0], p[1]-pixels[1], pixels[1]-p[1], p[2]-pixels[2], pixels[2]-p[2]); d < alike {
				weight = 0
			}
		}
		counts[hue.Of(level(p[0]), level(p[1]), level(p[2]))] += weight
	}
	best := hue.Chromatic
	for i := hue.Chromatic; i < len(counts); i++ {
		if counts[i] > counts[best] {
			best = i
		}
	}
	if counts[best] == 0 {
		return ""
	}
	return hue.Names[best]
}
