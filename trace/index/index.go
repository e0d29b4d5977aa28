// Package index finds pictures of a frozen set again: as they are, resized,
// compressed, cropped, recoloured a little or laid over another ground. An index
// is one small file. It holds for each picture a thumb, from which the pictures
// near to a query are found and held against it, and whose picture it is: source,
// path, digest, caption, holders, licence. It does not hold the pictures
// themselves.
//
// A search goes in two steps. Descriptors of the whole and of windows of every
// picture, the lowest frequencies of their cosine transforms, are compared with
// that of the query, all of them. The nearest few dozen are then aligned with it
// (place, size, contrast and brightness) and compared as pictures are in package
// copying.
package index

import (
	"fmt"
	"image"
	"strings"
	"sync"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/internal/digest"
)

// Picture is what the index says of a picture of the set.
type Picture struct {
	Source  string        `json:"source"`
	Path    string        `json:"path"`    // within the source
	Content digest.SHA256 `json:"content"` // of the file as it came
	Caption string        `json:"caption,omitempty"`
	Licence string        `json:"licence,omitempty"`
	Holders string        `json:"holders,omitempty"`
	// Trained says that models are trained on it; otherwise it was held out.
	Trained bool `json:"trained"`
}

// Set says which set an index is of.
type Set struct {
	Name     string         `json:"name"`
	Root     string         `json:"root"`    // as package proof writes a root
	Digests  int64          `json:"digests"` // under the root
	Pictures int            `json:"pictures"`
	Trained  int            `json:"trained"` // of them
	Licences map[string]int `json:"licences"`
	Side     int            `json:"side"` // of its pictures, in pixels
}

// Index is an index that was read. Its methods may be called at once.
type Index struct {
	set      Set
	pictures []Picture
	thumbs   []int8 // [n, frequencies] in steps, of pictures over white
	covers   []int8 // [n, covers] in steps, of how much they cover of it; nil: not known
	sight    *sight // what a network sees in them; nil: not known
	once     sync.Once
	codes    codes
	exact    picture.Set // the pictures themselves, in their order; nil: not at hand
	order    []int       // of the index's pictures in exact
}

// Set says which set the index is of.
func (x *Index) Set() Set { return x.set }

// Len is the number of pictures.
func (x *Index) Len() int { return len(x.pictures) }

// Picture is what is known of picture i.
func (x *Index) Picture(i int) Picture { return x.pictures[i] }

// coefficients gives those of picture i.
func (x *Index) coefficients(i int) []float32 { return inSteps(x.thumbs, i, len(frequencies)) }

// inSteps gives the coefficients in row i of rows of k.
func inSteps(rows []int8, i, k int) []float32 {
	out := make([]float32, k)
	for k, v := range rows[i*k:][:k] {
		out[k] = float32(v) * step(k)
	}
	out[0] += thumbSide // white
	return out
}

// overGrey gives picture i as 16×16 pixels over grey instead of white, by its thumb;
// over white where it is not known what it covers.
func (x *Index) overGrey(i int) *raster {
	r := coarse.restore(x.coefficients(i))
	if x.covers == nil {
		return r
	}
	return r.laid(coarse.restore(inSteps(x.covers, i, covers)).c[0], [3]float32{grey, grey, grey})
}

// thumb gives picture i as 32×32 pixels by its thumb, over white or, if it is not nil
// and what the picture covers is known, over a ground of this colour.
func (x *Index) thumb(i int, ground *[3]float32) *raster {
	r := restore(x.coefficients(i))
	if ground == nil || x.covers == nil {
		return r
	}
	return r.laid(restore(inSteps(x.covers, i, covers)).c[0], *ground)
}

// steps of the coefficients: the lowest are large, so theirs are coarser.
var steps = [3]float32{0.28, 0.15, 0.07} // of means, of frequencies up to 3, of the others

func step(k int) float32 {
	switch sum := frequencies[k].u + frequencies[k].v; {
	case sum == 0:
		return steps[0]
	case sum <= 3:
		return steps[1]
	}
	return steps[2]
}

// quantise rounds a thumb's coefficients to their steps.
func quantise(dst []int8, coefficients []float32) {
	for k, v := range coefficients {
		if k == 0 {
			v -= thumbSide
		}
		v /= step(k)
		if v < 0 {
			v -= .5
		} else {
			v += .5
		}
		dst[k] = int8(min(max(v, -127), 127))
	}
}

// use finds the index's pictures in the set.
func (x *Index) use(set picture.Set) error {
	at := make(map[string]int, set.Len())
	for i := range set.Len() {
		at[set.Name(i)] = i
	}
	order := make([]int, len(x.pictures))
	for i, p := range x.pictures {
		k, ok := at[p.Source+"/"+p.Path]
		if !ok {
			return fmt.Errorf("index: the set does not hold %s/%s: it is not the set that the index was made of", p.Source, p.Path)
		}
		order[i] = k
	}
	x.exact, x.order = set, order
	return nil
}

// look gives picture i as 32×32 pixels, from the set if it is at hand, over a ground as
// thumb does.
func (x *Index) look(i int, ground *[3]float32) (*raster, error) {
	if x.exact == nil {
		return x.thumb(i, ground), nil
	}
	m, err := draw(x.exact, x.order[i], white)
	if err != nil {
		return nil, err
	}
	if ground == nil || x.covers == nil {
		return m.cut(whole, thumbSide), nil
	}
	dark, err := draw(x.exact, x.order[i], black)
	if err != nil {
		return nil, err
	}
	return m.laid(m.over(dark).c[0], *ground).cut(whole, thumbSide), nil
}

// draw reads picture i of a set over a ground of grey.
func draw(set picture.Set, i int, ground float32) (*raster, error) {
	h, w, c := set.Shape()
	pixels := make([]float32, h*w*c)
	if _, err := set.Item(i, pixels); err != nil {
		return nil, err
	}
	r := newRaster(w, h)
	for p := range h * w {
		v := pixels[p*c : (p+1)*c]
		for k := range r.c {
			a := float32(1)
			if c == 4 {
				a = v[3]
			}
			r.c[k][p] = ground + a*(v[min(k, c-1)]-ground)
		}
	}
	return r, nil
}

// Credit names the picture with its holders and licence.
func (p Picture) Credit() string {
	name := p.Source + "/" + p.Path
	known := strings.Trim(p.Holders+", "+p.Licence, ", ")
	if known == "" {
		return name
	}
	return name + " (" + known + ")"
}

// With is the index with the pictures themselves: what it finds is then held
// against those rather than against thumbs. The set must hold all pictures of the
// index; others do no harm. It is used as long as the index is.
func (x *Index) With(set picture.Set) (*Index, error) {
	x.ready()
	y := &Index{set: x.set, pictures: x.pictures, thumbs: x.thumbs, covers: x.covers, sight: x.sight, codes: x.codes}
	y.once.Do(func() {}) // the codes are there
	return y, y.use(set)
}

// Exact says whether the index has the pictures themselves.
func (x *Index) Exact() bool { return x.exact != nil }

// Image is picture i over white: itself if the pictures are at hand, else its thumb
// of 32×32 pixels, which shows its coarse forms alone.
func (x *Index) Image(i int) (*image.NRGBA, error) {
	if x.exact == nil {
		return restore(x.coefficients(i)).levels(), nil
	}
	r, err := draw(x.exact, x.order[i], white)
	if err != nil {
		return nil, err
	}
	return r.levels(), nil
}
