package index

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"time"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/tensor"
)

// Measured is how well planted copies of one kind are found.
type Measured struct {
	Kind string `json:"kind"`
	N    int    `json:"n"`
	// First is the share of which the very picture comes first; Alike that of
	// which it or a near-duplicate of it does; Five that of which the very picture
	// is among the first five.
	First float64 `json:"first"`
	Alike float64 `json:"alike"`
	Five  float64 `json:"five"`
	// Copies is the share that is judged a copy, of the whole or of a part.
	Copies  float64 `json:"copies"`
	Seconds float64 `json:"seconds"` // a search, the mean
}

// Planted are the kinds of copies that Measure plants.
func Planted() []string {
	var out []string
	for _, k := range planted {
		out = append(out, k.name)
	}
	return out
}

// Measure plants n copies of training pictures of each kind, made from the set's
// own pictures, and searches for them. Exact holds what is found against the
// set's pictures; otherwise against thumbs, as where the set is not at hand.
func Measure(ctx context.Context, x *Index, set picture.Set, n int, seed uint64, exact bool, done func(Measured)) error {
	y, err := x.With(set)
	if err != nil {
		return err
	}
	order := y.order
	if !exact {
		y.exact = nil
	}
	for _, k := range planted {
		d := &dice{Philox: tensor.Philox{Seed: seed, Stream: tensor.StreamOf("trace/" + k.name)}}
		r := Measured{Kind: k.name, N: n}
		for range n {
			at := d.trained(x)
			original, err := draw(set, order[at], white)
			if err != nil {
				return err
			}
			query, err := k.make(original, set, order[at], d)
			if err != nil {
				return err
			}
			began := time.Now()
			f, err := y.Search(ctx, query, Options{Nearest: 5, Trained: true})
			if err != nil {
				return err
			}
			r.Seconds += time.Since(began).Seconds() / float64(n)
			r.count(x, at, f)
		}
		done(r)
	}
	return nil
}

func (r *Measured) count(x *Index, at int, f Found) {
	one := 1 / float64(r.N)
	for i, m := range f.Nearest {
		if m.Index == at {
			r.Five += one
			if i == 0 {
				r.First += one
			}
		}
	}
	if x.alike(at, f.Nearest[0].Index) {
		r.Alike += one
	}
	if f.Copy.Extent != None {
		r.Copies += one
	}
}

// dice are random numbers in order.
type dice struct {
	tensor.Philox
	at uint64
}

// uniform is a number from 0 to 1.
func (d *dice) uniform() float64 {
	b := d.Block(d.at)
	d.at++
	return (float64(b[0]) + 0.5) / (1 << 32)
}

func (d *dice) below(n int) int { return min(int(d.uniform()*float64(n)), n-1) }

// trained draws a picture that was trained on.
func (d *dice) trained(x *Index) int {
	for {
		if i := d.below(x.Len()); x.pictures[i].Trained {
			return i
		}
	}
}

// plant makes a query of a picture over white, or of picture i of the set.
type plant struct {
	name string
	make func(r *raster, set picture.Set, i int, d *dice) (*image.NRGBA, error)
}

var planted = []plant{
	{"as it is", changed()},
	{"to 50 %", changed(scale(.5))},
	{"to 200 %", changed(scale(2))},
	{"JPEG 50", changed(compress)},
	{"recoloured", changed(recolour)},
	{"cropped to 70 %", changed(crop)},
	{"to 50 %, JPEG 50", changed(scale(.5), compress)},
	{"to 200 %, JPEG 50", changed(scale(2), compress)},
	{"cropped, JPEG 50", changed(crop, compress)},
	{"cropped, to 200 %, JPEG 50", changed(crop, scale(2), compress)},
	{"cropped, to 50 %", changed(crop, scale(.5))},
	{"cropped, to 50 %, JPEG 50", changed(crop, scale(.5), compress)},
	{"cropped, recoloured, to 200 %, JPEG 50", changed(crop, recolour, scale(2), compress)},
	{"mirrored", changed(mirror)},
	{"mirrored, cropped, to 200 %, JPEG 50", changed(mirror, crop, scale(2), compress)},
	{"turned by 90°, JPEG 50", changed(turn, compress)},
	{"mirrored, turned by 90°, cropped, to 200 %, JPEG 50", changed(mirror, turn, crop, scale(2), compress)},
	{"over black", over(color.NRGBA{A: 255})},
	{"over a colour, to 200 %, JPEG 50", over(color.NRGBA{40, 110, 160, 255}, scale(2), compress)},
}

type change func(r *raster, d *dice) (*raster, error)

func changed(changes ...change) func(*raster, picture.Set, int, *dice) (*image.NRGBA, error) {
	return func(r *raster, _ picture.Set, _ int, d *dice) (*image.NRGBA, error) {
		var err error
		for _, c := range changes {
			if r, err = c(r, d); err != nil {
				return nil, err
			}
		}
		return r.levels(), nil
	}
}

func mirror(r *raster, _ *dice) (*raster, error) { return r.mirrored(), nil }

func turn(r *raster, _ *dice) (*raster, error) { return r.turned(), nil }

func scale(by float64) change {
	return func(r *raster, _ *dice) (*raster, error) {
		return r.cut(whole, max(1, int(float64(r.w)*by+.5))), nil
	}
}

// crop takes a square of 70 % of the side from anywhere.
func crop(r *raster, d *dice) (*raster, error) {
	side := int(math.Round(.7 * float64(r.w)))
	x, y := d.below(r.w-side+1), d.below(r.h-side+1)
	out := newRaster(side, side)
	for k := range out.c {
		for j := range side {
			copy(out.c[k][j*side:][:side], r.c[k][(y+j)*r.w+x:])
		}
	}
	return out, nil
}

// recolour changes each colour's contrast by up to 8 % and its brightness by up
// to 0.04, up or down.
func recolour(r *raster, d *dice) (*raster, error) {
	out := newRaster(r.w, r.h)
	for k := range r.c {
		gain, bias := float32(1+.16*(d.uniform()-.5)), float32(.08*(d.uniform()-.5))
		for i, v := range r.c[k] {
			out.c[k][i] = min(max(gain*v+bias, 0), 1)
		}
	}
	return out, nil
}

func compress(r *raster, _ *dice) (*raster, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, r.levels(), &jpeg.Options{Quality: 50}); err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	back, err := jpeg.Decode(&b)
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	out := newRaster(r.w, r.h)
	for i := range r.w * r.h {
		red, green, blue, _ := back.At(i%r.w, i/r.w).RGBA()
		for k, v := range [3]uint32{red, green, blue} {
			out.c[k][i] = float32(v>>8) / 255
		}
	}
	return out, nil
}

// over lays the picture, with its own transparency, on another ground.
func over(ground color.NRGBA, changes ...change) func(*raster, picture.Set, int, *dice) (*image.NRGBA, error) {
	return func(_ *raster, set picture.Set, i int, d *dice) (*image.NRGBA, error) {
		h, w, c := set.Shape()
		if c != 4 {
			return nil, fmt.Errorf("index: pictures of %d channels have no transparency to lay over a ground", c)
		}
		pixels := make([]float32, h*w*c)
		if _, err := set.Item(i, pixels); err != nil {
			return nil, err
		}
		r := newRaster(w, h)
		for p := range w * h {
			a := pixels[4*p+3]
			for k, g := range [3]uint8{ground.R, ground.G, ground.B} {
				r.c[k][p] = a*pixels[4*p+k] + (1-a)*float32(g)/255
			}
		}
		return changed(changes...)(r, set, i, d)
	}
}

// levels gives the picture in eight bits.
func (r *raster) levels() *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, r.w, r.h))
	for i := range r.w * r.h {
		for k := range r.c {
			m.Pix[4*i+k] = uint8(min(max(r.c[k][i], 0), 1)*255 + .5)
		}
		m.Pix[4*i+3] = 255
	}
	return m
}
