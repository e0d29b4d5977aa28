package index

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/limner-ai/limner/engine/tensor"
)

// scene draws ellipses of several colours on white: each number another picture.
func scene(n int) *raster {
	d := &dice{Philox: tensor.Philox{Seed: 5, Stream: uint32(n)}}
	r := newRaster(64, 64)
	for k := range r.c {
		for i := range r.c[k] {
			r.c[k][i] = 1
		}
	}
	for range 5 {
		x, y, a, b := 8+48*d.uniform(), 8+48*d.uniform(), 5+16*d.uniform(), 5+16*d.uniform()
		c := [3]float32{float32(d.uniform()), float32(d.uniform()), float32(d.uniform())}
		for i := range 64 * 64 {
			u, v := (float64(i%64)-x)/a, (float64(i/64)-y)/b
			if u*u+v*v < 1 {
				for k := range c {
					r.c[k][i] = c[k]
				}
			}
		}
	}
	return r
}

const scenes = 300

// drawn is an index of scenes, of which every tenth was held out. Nothing changes
// it.
var drawn = sync.OnceValue(func() *Index {
	x := &Index{set: Set{Name: "scenes", Root: "sha256:00", Digests: 2 * scenes, Pictures: scenes, Side: 64, Licences: map[string]int{"MIT": scenes}}}
	for i := range scenes {
		x.pictures = append(x.pictures, Picture{Source: "drawn", Path: fmt.Sprintf("%d.svg", i), Content: sha256.Sum256([]byte{byte(i), byte(i >> 8)}),
			Caption: fmt.Sprintf("scene %d", i), Licence: "MIT", Holders: "Ann Artist", Trained: i%10 != 0})
		x.thumbs = append(x.thumbs, make([]int8, len(frequencies))...)
		quantise(x.thumbs[i*len(frequencies):], transform(scene(i).cut(whole, thumbSide)))
		if i%10 != 0 {
			x.set.Trained++
		}
	}
	return x
})

func TestFile(t *testing.T) {
	x := drawn()
	b, err := x.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	y, err := Read(b)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(y.Set()) != fmt.Sprint(x.Set()) || fmt.Sprint(y.pictures) != fmt.Sprint(x.pictures) || fmt.Sprint(y.thumbs) != fmt.Sprint(x.thumbs) {
		t.Error("what was read is not what was written")
	}
	again, err := y.Bytes()
	if err != nil || string(again) != string(b) {
		t.Errorf("the same index gives other bytes: %v", err)
	}
	for n := 0; n < len(b); n += 1 + len(b)/23 {
		if _, err := Read(b[:n]); err == nil {
			t.Errorf("%d bytes of %d are taken", n, len(b))
		}
		bad := append([]byte(nil), b...)
		bad[n] ^= 4
		if _, err := Read(bad); err == nil {
			t.Errorf("byte %d may be altered", n)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("more than a line: %v", err)
		}
	}
}

func FuzzRead(f *testing.F) {
	b, err := drawn().Bytes()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b[:len(b)-sha256.Size])
	f.Fuzz(func(t *testing.T, body []byte) {
		sum := sha256.Sum256(body) // else nothing behind the digest is reached
		if x, err := Read(append(body, sum[:]...)); err == nil && x.Len() < 1 {
			t.Error("an index without pictures")
		}
	})
}

// The transform is that of an independent sum in float64, and what a thumb keeps
// is what was drawn, without the highest frequencies.
func TestThumb(t *testing.T) {
	r := scene(1).cut(whole, thumbSide)
	got, o := transform(r), r.opposed()
	for i, f := range frequencies {
		want := 0.
		for y := range thumbSide {
			for x := range thumbSide {
				want += float64(o.c[f.plane][y*thumbSide+x]) * math.Cos(math.Pi*float64(f.u)*(float64(x)+.5)/thumbSide) * math.Cos(math.Pi*float64(f.v)*(float64(y)+.5)/thumbSide)
			}
		}
		want *= wave(f.u) * wave(f.v)
		if math.Abs(want-float64(got[i])) > 1e-3 {
			t.Fatalf("frequency %v is %v, want %v", f, got[i], want)
		}
	}
	back := transform(restore(got))
	sum := 0.
	for i := range got {
		sum += float64(got[i]-back[i]) * float64(got[i]-back[i])
	}
	if e := math.Sqrt(sum) / thumbSide; e > 0.03 { // colours beyond black and white are clipped
		t.Errorf("restored, the coefficients differ by %v", e)
	}
}

// A window's descriptor, computed from the coefficients, is that of the window
// cut out of the picture.
func TestProjection(t *testing.T) {
	smooth := restore(transform(scene(2).cut(whole, thumbSide)))
	coefficients := transform(smooth)
	for i, f := range frequencies {
		if !f.tells(f.plane) {
			coefficients[i] = 0
		}
	}
	fine := newRaster(128, 128) // the cosines themselves, drawn finely
	o := newRaster(128, 128)
	for i, f := range frequencies {
		for p := range 128 * 128 {
			x, y := (float64(p%128)+.5)/128, (float64(p/128)+.5)/128
			o.c[f.plane][p] += float32(float64(coefficients[i]) * wave(f.u) * wave(f.v) * math.Cos(math.Pi*float64(f.u)*x) * math.Cos(math.Pi*float64(f.v)*y))
		}
	}
	for i := range o.c[0] { // without clipping
		y, b, d := o.c[0][i], o.c[1][i], o.c[2][i]
		fine.c[0][i], fine.c[2][i] = y+1.402*d, y+1.772*b
		fine.c[1][i] = (y - .299*fine.c[0][i] - .114*fine.c[2][i]) / .587
	}
	all := newProjector().project(coefficients, 1)
	for w, b := range windows {
		want := describe(fine.cut(b, 64))
		for d, v := range want {
			if got := all[w*describeDim+d]; math.Abs(float64(got-v)) > 2e-3 {
				t.Fatalf("window %v, value %d: %v, want %v", b, d, got, v)
			}
		}
	}
}

func TestDotAndLanes(t *testing.T) {
	d := &dice{Philox: tensor.Philox{Seed: 9}}
	random := func() (q [describeDim]int8) {
		for i := range q {
			q[i] = int8(d.below(255) - 127)
		}
		return q
	}
	extreme := func(v int8) (q [describeDim]int8) {
		for i := range q {
			q[i] = v
		}
		return q
	}
	queries := [][describeDim]int8{extreme(127), random(), extreme(-127)}
	x := &Index{}
	c := &x.codes
	rows := [][describeDim]int8{}
	for i := range 4 * len(windows) {
		row := random()
		if i%5 == 0 {
			row = extreme(127)
		}
		if i%7 == 0 {
			row = extreme(-127)
		}
		norm := int32(0)
		for _, v := range row {
			norm += int32(v) * int32(v)
		}
		rows, c.code, c.norm = append(rows, row), append(c.code, row[:]...), append(c.norm, norm)
	}
	far, window := make([][]int32, 3), make([][]uint8, 3)
	for l := range far {
		far[l], window[l] = make([]int32, 4), make([]uint8, 4)
	}
	c.nearest(queries, far, window)
	for l, q := range queries {
		for i := range 4 {
			want := int32(math.MaxInt32)
			for w := range windows {
				sum := c.norm[i*len(windows)+w]
				for k, v := range rows[i*len(windows)+w] {
					sum -= 2 * int32(v) * int32(q[k])
				}
				want = min(want, sum)
			}
			if far[l][i] != want {
				t.Errorf("query %d, picture %d: %d, want %d", l, i, far[l][i], want)
			}
		}
	}
}

func nrgba(r *raster) *image.NRGBA { return r.levels() }

func TestSearch(t *testing.T) {
	x := drawn()
	for _, k := range planted {
		if strings.HasPrefix(k.name, "over") {
			continue // wants a set with transparency
		}
		first, copies := 0, 0
		const n = 6
		for i := range n {
			at := 1 + 20*i
			d := &dice{Philox: tensor.Philox{Seed: uint64(i)}}
			q, err := k.make(scene(at), nil, 0, d)
			if err != nil {
				t.Fatal(err)
			}
			f, err := x.Search(t.Context(), q, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if f.Nearest[0].Index == at {
				first++
			}
			if f.Copy.Extent != None && f.Copy.Nearest.Index == at {
				copies++
			}
		}
		if first < n-1 || copies < n/2 {
			t.Errorf("%s: %d first, %d judged copies of %d", k.name, first, copies, n)
		}
	}
}

// A picture that looks to the other side is found, and the region of it that shows the
// training picture is one of the picture as it is.
func TestMirrored(t *testing.T) {
	x := drawn()
	wide := newRaster(96, 64) // the mirror image of a scene, and a white margin to its right
	for k := range wide.c {
		for i := range wide.c[k] {
			wide.c[k][i] = 1
		}
		for y := range 64 {
			for at := range 64 {
				wide.c[k][y*96+at] = scene(21).c[k][y*64+63-at]
			}
		}
	}
	f, err := x.Search(t.Context(), nrgba(wide), Options{})
	if err != nil {
		t.Fatal(err)
	}
	n := f.Nearest[0]
	if n.Index != 21 || !n.Mirrored || f.Copy.Extent != Whole || !strings.Contains(f.Copy.Sentence, "mirrored") {
		t.Errorf("%+v: %s", n, f.Copy.Sentence)
	}
	if n.Query.X0 > .03 || n.Query.X1 < .6 || n.Query.X1 > .72 {
		t.Errorf("it is in %+v of the query", n.Query)
	}
	if f, err = x.Search(t.Context(), nrgba(scene(21)), Options{}); err != nil || f.Nearest[0].Index != 21 || f.Nearest[0].Mirrored {
		t.Errorf("%v: as it is, it is taken for %+v", err, f.Nearest[0])
	}
}

// Held in any way a copy is found, its region is one of the picture as it is, and it is
// said how the training picture was mirrored and turned.
func TestOrientations(t *testing.T) {
	x := drawn()
	for _, o := range orientations {
		wide := newRaster(96, 64) // a white margin to the right
		m := scene(21)
		if o.mirrored {
			m = m.mirrored()
		}
		for range (4 - o.quarters) % 4 {
			m = m.turned()
		}
		for k := range wide.c {
			for i := range wide.c[k] {
				if wide.c[k][i] = 1; i%96 < 64 {
					wide.c[k][i] = m.c[k][i/96*64+i%96]
				}
			}
		}
		f, err := x.Search(t.Context(), nrgba(wide), Options{})
		if err != nil {
			t.Fatal(err)
		}
		n := f.Nearest[0]
		if n.Index != 21 || n.Mirrored != o.mirrored || n.Turned != o.degrees() || f.Copy.Extent != Whole {
			t.Errorf("%+v: found %+v, %s", o, n, f.Copy.Sentence)
		}
		if n.Query.X0 > .03 || n.Query.X1 < .6 || n.Query.X1 > .72 || n.Query.Y1-n.Query.Y0 < .9 {
			t.Errorf("%+v: it is in %+v of the query", o, n.Query)
		}
		if says := strings.Contains(f.Copy.Sentence, fmt.Sprintf("turned by %d°", o.degrees())); says != (o.quarters > 0) {
			t.Errorf("%+v: %s", o, f.Copy.Sentence)
		}
	}
}

func TestNothingIsFoundWhereNothingIs(t *testing.T) {
	x := drawn()
	alarms := 0
	for i := range 20 {
		f, err := x.Search(t.Context(), nrgba(scene(1000+i)), Options{Parts: true})
		if err != nil {
			t.Fatal(err)
		}
		if f.Copy.Extent != None || len(f.Parts) > 0 {
			alarms++
		}
		if strings.Contains(f.Copy.Sentence, "cleared") {
			t.Error(f.Copy.Sentence)
		}
	}
	if alarms > 2 {
		t.Errorf("%d of 20 other pictures are called copies", alarms)
	}
}

func TestHeldOut(t *testing.T) {
	x := drawn()
	f, err := x.Search(t.Context(), nrgba(scene(10)), Options{Nearest: 3})
	if err != nil {
		t.Fatal(err)
	}
	if f.Nearest[0].Index != 10 || f.Nearest[0].Picture.Trained || f.Copy.Extent != None || !f.Copy.Nearest.Picture.Trained {
		t.Errorf("a picture that was held out: %+v", f)
	}
	if f, err = x.Search(t.Context(), nrgba(scene(10)), Options{Trained: true}); err != nil || f.Nearest[0].Index == 10 {
		t.Errorf("%v, found %v among those trained on", err, f.Nearest[0])
	}
}

func TestOddQueries(t *testing.T) {
	x := drawn()
	for name, m := range map[string]*image.NRGBA{
		"empty":     image.NewNRGBA(image.Rect(0, 0, 64, 64)),
		"one line":  image.NewNRGBA(image.Rect(0, 0, 700, 8)),
		"off":       nrgba(scene(1)).SubImage(image.Rect(3, 3, 50, 60)).(*image.NRGBA),
		"one tall":  image.NewNRGBA(image.Rect(0, 0, 8, 160)),
		"one piece": image.NewNRGBA(image.Rect(-5, -5, 5, 5)),
	} {
		f, err := x.Search(t.Context(), m, Options{Parts: true})
		if err != nil || len(f.Nearest) != 10 {
			t.Errorf("%s: %v, %d found", name, err, len(f.Nearest))
		}
		if name == "empty" && f.Copy.Extent != None {
			t.Error("an empty picture is a copy")
		}
	}
	for _, r := range []image.Rectangle{{}, image.Rect(0, 0, 7, 100), image.Rect(0, 0, 100, 1)} {
		if _, err := x.Search(t.Context(), image.NewNRGBA(r), Options{}); !errors.Is(err, ErrSmall) {
			t.Errorf("%v: %v", r, err)
		}
	}
}

func TestGround(t *testing.T) {
	r := scene(3)
	out := r.outside([3]float32{1, 1, 1})
	dark := newRaster(64, 64)
	for i := range out {
		for k, g := range [3]float32{.1, .3, .2} {
			dark.c[k][i] = r.c[k][i]
			if out[i] {
				dark.c[k][i] = g
			}
		}
	}
	if _, share := dark.ground(); share < .5 {
		t.Errorf("the ground has %v of the border", share)
	}
	looks, _ := dark.overWhite()
	if len(looks) == 0 {
		t.Fatal("no ground was found")
	}
	plain := looks[0]
	sum := 0.
	for k := range r.c {
		for i := range r.c[k] {
			sum += math.Abs(float64(plain.c[k][i] - r.c[k][i]))
		}
	}
	if sum /= 3 * 64 * 64; sum > .01 {
		t.Errorf("made white, the picture differs by %v", sum)
	}
	if looks, _ := r.overWhite(); len(looks) > 0 {
		t.Error("a white ground was replaced")
	}
	m := image.NewNRGBA(image.Rect(0, 0, 2, 2))
	m.SetNRGBA(0, 0, color.NRGBA{255, 0, 0, 128})
	if w := onGround(m, 8, white); math.Abs(float64(w.c[1][0])-127./255) > .01 || w.c[0][3] != 1 {
		t.Error("transparent parts are not over white")
	}
}
