package index

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"
	"strings"
	"testing"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/evaluate/copying"
	"github.com/limner-ai/limner/evaluate/feature"
	"github.com/limner-ai/limner/model/trained"
)

// disc is a picture of a disc of a colour on a transparent ground.
func disc(c color.NRGBA, x, y, radius float64) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for i := range 64 * 64 {
		if math.Hypot(float64(i%64)-x, float64(i/64)-y) < radius {
			m.SetNRGBA(i%64, i/64, c)
		}
	}
	return m
}

// pale is an index of white discs on transparent grounds, all the same over white, with
// features: those of picture i are three random numbers.
func pale(t *testing.T) *Index {
	t.Helper()
	x := &Index{set: Set{Name: "pale", Root: "sha256:01", Pictures: 60, Side: 64}, sight: &sight{network: "sha256:02", dim: 3, scale: 1. / 127}}
	d := &dice{Philox: tensor.Philox{Seed: 8}}
	for i := range 60 {
		m := discOf(i)
		over := onGround(m, working, white)
		x.pictures = append(x.pictures, Picture{Source: "drawn", Path: fmt.Sprint(i), Trained: true})
		x.thumbs = append(x.thumbs, make([]int8, len(frequencies))...)
		quantise(x.thumbs[i*len(frequencies):], transform(over.cut(whole, thumbSide)))
		x.covers = append(x.covers, make([]int8, covers)...)
		quantise(x.covers[i*covers:], transform(over.over(onGround(m, working, black)).cut(whole, thumbSide))[:covers])
		for range 3 {
			x.sight.rows = append(x.sight.rows, int8(d.below(255)-127))
		}
		x.set.Trained++
	}
	return x
}

func discOf(i int) *image.NRGBA {
	d := &dice{Philox: tensor.Philox{Seed: 3, Stream: uint32(i)}}
	return disc(color.NRGBA{255, 255, 255, 255}, 10+44*d.uniform(), 10+44*d.uniform(), 6+14*d.uniform())
}

// What covers its ground in white is seen over grey.
func TestOverGrey(t *testing.T) {
	x := pale(t)
	r := x.overGrey(7)
	want := onGround(discOf(7), working, grey).cut(whole, coarse.side)
	sum := 0.
	for i, v := range r.c[1] {
		sum += math.Pow(float64(v-want.c[1][i]), 2)
	}
	if e := math.Sqrt(sum / float64(len(r.c[1]))); e > .05 {
		t.Errorf("over grey the thumb differs by %v", e)
	}
	x.covers = nil
	for _, v := range x.overGrey(7).c[1] {
		if v < .9 {
			t.Fatal("over white there is more than white")
		}
	}
}

// A picture that is the same over white as all others is found over grey, and one that
// looks like none by its features alone.
func TestCopied(t *testing.T) {
	x := pale(t)
	j, err := x.Near(t.Context(), discOf(7), nil)
	if err != nil || j.Extent != Whole || j.Space != copying.Pixels || j.Nearest.Index != 7 {
		t.Errorf("%v: a white disc: %+v", err, j)
	}
	other := disc(color.NRGBA{200, 30, 30, 255}, 50, 50, 9)
	if j, err = x.Near(t.Context(), other, nil); err != nil || j.Extent != None {
		t.Errorf("%v: another picture: %+v", err, j)
	}
	like := func(i int, by float32) Look {
		return func(*image.NRGBA) ([]float32, error) {
			row := x.sight.row(i)
			row[0] += by
			return row, nil
		}
	}
	if j, err = x.Near(t.Context(), other, like(9, .01)); err != nil || j.Extent != Whole || j.Space != copying.Features || j.Nearest.Index != 9 ||
		math.Abs(j.D1-.01) > .001 || !strings.Contains(j.Sentence, "network") {
		t.Errorf("%v: by its features: %+v", err, j)
	}
	if j, err = x.Near(t.Context(), other, like(9, 5)); err != nil || j.Extent != None {
		t.Errorf("%v: with features far from all: %+v", err, j)
	}
	x.pictures[9].Trained = false
	if j, err = x.Near(t.Context(), other, like(9, .01)); err != nil || j.Nearest != nil && j.Nearest.Index == 9 {
		t.Errorf("%v: held out: %+v", err, j)
	}
	for name, m := range map[string]*image.NRGBA{"nothing": image.NewNRGBA(image.Rect(0, 0, 64, 64)), "one colour": disc(color.NRGBA{90, 90, 90, 255}, 32, 32, 99)} {
		if j, err = x.Near(t.Context(), m, like(11, .01)); err != nil || j.Extent != None {
			t.Errorf("%s: %v, %+v", name, err, j)
		}
	}
	broken := errors.New("broken")
	if _, err = x.Near(t.Context(), other, func(*image.NRGBA) ([]float32, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("the network's error is %v", err)
	}
	if _, err = x.Near(t.Context(), other, func(*image.NRGBA) ([]float32, error) { return make([]float32, 4), nil }); err == nil {
		t.Error("features of another length")
	}
}

// An index with what pictures cover and with features is read as it was written, one of
// the first layout has neither, and lengths and sizes that lie are refused.
func TestFileWithSight(t *testing.T) {
	x := pale(t)
	x.set.Licences = map[string]int{}
	b, err := x.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	y, err := Read(b)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(y.covers) != fmt.Sprint(x.covers) || fmt.Sprint(*y.sight) != fmt.Sprint(*x.sight) || y.Network() != "sha256:02" {
		t.Error("what was read is not what was written")
	}
	patched := func(b []byte, old, new string) []byte {
		if len(old) != len(new) || !bytes.Contains(b, []byte(old)) {
			t.Fatalf("%q cannot become %q", old, new)
		}
		out := bytes.Replace(b[:len(b)-sha256.Size], []byte(old), []byte(new), 1)
		sum := sha256.Sum256(out)
		return append(out, sum[:]...)
	}
	for old, new := range map[string]string{
		`"format":2`: `"format":1`, `"format":2,`: `"format":3,`, `"dim":3`: `"dim":0`, `"dim":3,`: `"dim":4,`, `"scale":0`: `"scale":-`, `"covers":`: `"covern":`,
	} {
		if _, err := Read(patched(b, old, new)); err == nil {
			t.Errorf("%s may be %s", old, new)
		}
	}
	x.covers, x.sight = nil, nil
	if b, err = x.Bytes(); err != nil {
		t.Fatal(err)
	}
	if y, err = Read(patched(b, `"format":2`, `"format":1`)); err != nil || y.Network() != "" || y.covers != nil {
		t.Errorf("the first layout: %v", err)
	}
	if _, err := y.Near(t.Context(), discOf(3), nil); err != nil {
		t.Error(err)
	}
}

// A copy over another ground is held against pictures over that ground where it is known
// what they cover.
func TestOverItsOwnGround(t *testing.T) {
	plain := drawn()
	x := &Index{set: plain.set, pictures: plain.pictures, thumbs: plain.thumbs}
	covered := func(i int) *raster {
		r := scene(i)
		a := newRaster(r.w, r.h)
		for p := range r.c[0] {
			if r.pixel(p) != [3]float32{1, 1, 1} {
				for k := range a.c {
					a.c[k][p] = 1
				}
			}
		}
		return a
	}
	for i := range scenes {
		x.covers = append(x.covers, make([]int8, covers)...)
		quantise(x.covers[i*covers:], transform(covered(i).cut(whole, thumbSide))[:covers])
	}
	const n = 12
	copies := 0 // with the ground taken away, ten
	for i := range n {
		at := 1 + 20*i
		q, err := compress(scene(at).laid(covered(at).c[0], [3]float32{.15, .45, .6}).cut(whole, 128), nil)
		if err != nil {
			t.Fatal(err)
		}
		f, err := x.Search(t.Context(), q.levels(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if f.Copy.Extent != None && f.Copy.Nearest.Index == at {
			copies++
		}
	}
	if copies < n-1 {
		t.Errorf("%d of %d copies over a colour are judged so", copies, n)
	}
}

// The network sees smaller and larger pictures at its own extent, and what a set's pictures
// show it is what the same pictures show it one by one.
func TestLookWith(t *testing.T) {
	engine := trained.NewCPU(1)
	defer engine.Close()
	const digest = "sha256:9c8480fee3c6c52c324ca0ce9d3745516851191293576a3c2c0ba68962bf0711"
	space, err := feature.Single(digest, engine)
	if err != nil {
		t.Fatal(err)
	}
	m := disc(color.NRGBA{200, 30, 30, 255}, 30, 34, 20)
	want, err := LookWith(space, m)
	if err != nil || len(want) != space.Dim {
		t.Fatalf("%d features, %v", len(want), err)
	}
	far := func(m *image.NRGBA) float64 {
		t.Helper()
		got, err := LookWith(space, m)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.
		for i, v := range got {
			sum += math.Pow(float64(v-want[i]), 2)
		}
		return math.Sqrt(sum)
	}
	double := image.NewNRGBA(image.Rect(0, 0, 128, 128))
	for i := range 128 * 128 {
		double.SetNRGBA(i%128, i/128, m.NRGBAAt(i%128/2, i/128/2))
	}
	if d, other := far(double), far(disc(color.NRGBA{20, 30, 200, 255}, 50, 14, 9)); d > .1 || other < 5*d {
		t.Errorf("at twice the size it is %v away, another picture %v", d, other)
	}
	shifted := image.NewNRGBA(image.Rect(0, 0, 70, 70))
	for i := range 64 * 64 {
		shifted.SetNRGBA(3+i%64, 2+i/64, m.NRGBAAt(i%64, i/64))
	}
	if d := far(shifted.SubImage(image.Rect(3, 2, 67, 66)).(*image.NRGBA)); d != 0 {
		t.Errorf("cut out of a larger one it is %v away", d)
	}
	if s, err := feature.Single("sha256:00", engine); s != nil || err != nil {
		t.Errorf("a network that nobody has: %v, %v", s, err)
	}
}
