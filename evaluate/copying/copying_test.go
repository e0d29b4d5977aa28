package copying

import (
	"bytes"
	"context"
	"image/png"
	"math"
	"slices"
	"testing"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/dataset/shapes"
	"github.com/limner-ai/limner/engine/tensor"
)

var ctx = context.Background()

func drawn(t *testing.T, seed uint64, n int) picture.Set {
	t.Helper()
	set, err := shapes.Open(picture.Source{Seed: seed, Count: n})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func all(t *testing.T, set picture.Set) *tensor.Tensor {
	t.Helper()
	h, w, c := set.Shape()
	x := tensor.New(set.Len(), h, w, c)
	for i := range set.Len() {
		if _, err := set.Item(i, x.Row(i)); err != nil {
			t.Fatal(err)
		}
	}
	return x
}

// pooled describes pictures by the means of 8×8 cells.
func pooled(images *tensor.Tensor) (*tensor.Tensor, error) {
	n := images.Shape[0]
	f := tensor.New(n, 8*8*3)
	for i := range n {
		resample(f.Row(i), images.Row(i), 32, 32, 3, 8, straight)
	}
	return f, nil
}

// Five copies among 80 drawings of another seed are found and named, with and
// without features, and the planted ones are recalled.
func TestMeasure(t *testing.T) {
	train := drawn(t, 1, 1500)
	samples := all(t, drawn(t, 2, 80))
	copied := []int{3, 17, 40, 41, 79}
	d := &dice{}
	for k, i := range copied {
		if _, err := train.Item(100*k, samples.Row(i)); err != nil {
			t.Fatal(err)
		}
		plant(samples.Row(i), 32, 32, 3, disturbances[k], d)
	}
	features, _ := pooled(all(t, train))
	done := 0
	for name, opt := range map[string]Options{
		"pixels":   {Seed: 3, HeldOut: drawn(t, 4, 100), Progress: func(n, total int) { done = total - n }},
		"features": {Seed: 3, Describe: pooled, Training: features},
	} {
		r, err := Measure(ctx, samples, train, opt)
		if err != nil {
			t.Fatal(err)
		}
		if r.N != 80 || r.Training != 1500 || r.Copies < 5 || r.Copies > 6 || r.Share != float64(r.Copies)/80 || done != 0 {
			t.Errorf("%s: %+v", name, r)
		}
		for k, i := range copied {
			at := slices.IndexFunc(r.Worst, func(p Pair) bool { return p.Sample == i })
			if at < 0 || at > 5 || !r.Worst[at].Copy || r.Worst[at].Training != 100*k || r.Worst[at].Name != train.Name(100*k) || r.Worst[at].Caption == "" {
				t.Errorf("%s: copy %d is at place %d", name, i, at)
			}
		}
		if r.Planted != 200 || r.Recall < .9 || len(r.Of) != len(disturbances) || r.Of["none"] != 1 {
			t.Errorf("%s: recall %v, %v", name, r.Recall, r.Of)
		}
		if name == "pixels" && (r.HeldOut != 100 || r.FalseAlarms > .03 || r.Features != nil) {
			t.Errorf("%s: %d held out, %v false alarms", name, r.HeldOut, r.FalseAlarms)
		}
		if name == "features" && (r.Features == nil || *r.Features < 2) {
			t.Errorf("%s: %v by features", name, r.Features)
		}
		var b bytes.Buffer
		if err := WriteSheet(&b, r, samples, train); err != nil {
			t.Fatal(err)
		}
		if m, err := png.Decode(&b); err != nil || m.Bounds().Dy() < 24*64 {
			t.Errorf("%v", err)
		}
	}
}

// A copy of one of two near-duplicates is a copy: the other does not excuse it.
func TestClusters(t *testing.T) {
	x := tensor.New(40, 16, 16, 1)
	tensor.Philox{Seed: 1}.Uniform(x.Data, 0)
	copy(x.Row(1), x.Row(0))
	for i := range 8 {
		x.Row(1)[i] += 0.1
	}
	index, err := NewIndex(ctx, pixelSet{x}, nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := index.Pixels(ctx, tensor.From(x.Data[:256], 1, 16, 16, 1))
	if err != nil || m[0].Nearest != 0 || m[0].Other < 2 || m[0].Ratio() > .05 {
		t.Errorf("%+v, %v", m, err)
	}
	alone, err := NewIndex(ctx, pixelSet{tensor.From(x.Data[:512], 2, 16, 16, 1)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if m, err := alone.Pixels(ctx, tensor.From(x.Data[:256], 1, 16, 16, 1)); err != nil || m[0].Other != -1 || m[0].Ratio() != 1 {
		t.Errorf("%+v, %v", m, err)
	}
}

// pixelSet is a set of pictures in memory.
type pixelSet struct{ x *tensor.Tensor }

func (s pixelSet) Len() int             { return s.x.Shape[0] }
func (s pixelSet) Shape() (h, w, c int) { return s.x.Shape[1], s.x.Shape[2], s.x.Shape[3] }
func (s pixelSet) Classes() []string    { return nil }
func (s pixelSet) Name(int) string      { return "noise" }
func (s pixelSet) Item(i int, p []float32) (picture.Label, error) {
	copy(p, s.x.Row(i))
	return picture.Label{Class: -1}, nil
}

// What transparent pixels hide does not count, their transparency does.
func TestTransparent(t *testing.T) {
	a, b := tensor.New(1, 16, 16, 4), tensor.New(1, 16, 16, 4)
	tensor.Philox{Seed: 1}.Uniform(a.Data, 0)
	copy(b.Data, a.Data)
	for i := 0; i < 512; i += 4 {
		a.Data[i+3], b.Data[i+3] = 0, 0
		b.Data[i] = 1 - a.Data[i]
	}
	if !slices.Equal(lookAt(a).data, lookAt(b).data) {
		t.Error("hidden colours were seen")
	}
	b.Data[700-700%4+3] /= 2
	if slices.Equal(lookAt(a).data, lookAt(b).data) {
		t.Error("transparency was not seen")
	}
	// The ground itself: half transparent white over grey.
	if p, c := opaque([]float32{1, 1, 1, .5}, 4); c != 3 || !slices.Equal(p, []float32{.75, .75, .75}) {
		t.Errorf("%v", p)
	}
}

func TestMatched(t *testing.T) {
	a, b := make([]float32, 64), make([]float32, 64)
	tensor.Philox{Seed: 2}.Uniform(a, 0)
	for i, v := range a { // two channels
		b[i] = 1.1*v + .03
		if i%2 == 1 {
			b[i] = .95*v - .02
		}
	}
	if d := matched(a, b, 2); d > 1e-9 {
		t.Errorf("distance %v", d)
	}
	for i, v := range a {
		b[i] = v + .16 // more than may be
	}
	if d := matched(a, b, 1); math.Abs(d-64*.01) > .2 || d < .1 {
		t.Errorf("distance %v", d)
	}
}

func TestDistancesAndLeast(t *testing.T) {
	a, b := newRows(5, 7), newRows(9, 7)
	tensor.Philox{Seed: 3}.Uniform(a.data, 0)
	tensor.Philox{Seed: 4}.Uniform(b.data, 0)
	a, b = rowsOf(a.data, 7), rowsOf(b.data, 7)
	d := distances(a, b)
	for i := range 5 {
		for j := range 9 {
			want := 0.
			for k := range 7 {
				e := float64(a.row(i)[k] - b.row(j)[k])
				want += e * e
			}
			if math.Abs(float64(d[i*9+j])-want) > 1e-5 {
				t.Errorf("%d, %d: %v, want %v", i, j, d[i*9+j], want)
			}
		}
	}
	values := []float32{5, 1, 4, 1, 3, 9}
	if got := least(values, 3, nil); !slices.Equal(got, []int{1, 3, 4}) {
		t.Errorf("%v", got)
	}
	if got := least(values, 9, func(i int) bool { return i == 1 }); !slices.Equal(got, []int{3, 4, 2, 0, 5}) {
		t.Errorf("%v", got)
	}
}

// A view that moves by a pixel shows the neighbour.
func TestResample(t *testing.T) {
	src := make([]float32, 64)
	tensor.Philox{Seed: 5}.Uniform(src, 0)
	dst := make([]float32, 64)
	resample(dst, src, 8, 8, 1, 8, straight)
	if !slices.Equal(dst, src) {
		t.Error("looking straight changes the picture")
	}
	resample(dst, src, 8, 8, 1, 8, view{1, 1. / 8, 0})
	for i := range 64 {
		if i%8 > 0 && math.Abs(float64(dst[i]-src[i-1])) > 1e-5 {
			t.Fatalf("pixel %d: %v, want %v", i, dst[i], src[i-1])
		}
	}
	resample(dst[:16], src, 8, 8, 1, 4, straight)
	if want := (src[0] + src[1] + src[8] + src[9]) / 4; math.Abs(float64(dst[0]-want)) > 1e-6 {
		t.Errorf("mean %v, want %v", dst[0], want)
	}
}

func TestBadInput(t *testing.T) {
	train := drawn(t, 1, 10)
	for name, f := range map[string]func() error{
		"no samples": func() error { _, err := Measure(ctx, tensor.New(0, 32, 32, 3), train, Options{}); return err },
		"channels":   func() error { _, err := Measure(ctx, tensor.New(2, 32, 32, 1), train, Options{}); return err },
		"extent":     func() error { _, err := Measure(ctx, tensor.New(2, 8, 8, 3), train, Options{}); return err },
		"no training features": func() error {
			_, err := Measure(ctx, tensor.New(2, 32, 32, 3), train, Options{Describe: pooled})
			return err
		},
		"too few features": func() error {
			_, err := Measure(ctx, tensor.New(2, 32, 32, 3), train, Options{Describe: pooled, Training: tensor.New(9, 192)})
			return err
		},
		"cancelled": func() error {
			c, cancel := context.WithCancel(ctx)
			cancel()
			_, err := Measure(c, tensor.New(2, 32, 32, 3), train, Options{})
			return err
		},
	} {
		if f() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestCredit(t *testing.T) {
	for want, p := range map[string]Pair{
		"a.svg":                {Name: "a.svg"},
		"a.svg (MIT)":          {Name: "a.svg", Licence: "MIT"},
		"a.svg (Ada; Bo)":      {Name: "a.svg", Holders: "Ada; Bo"},
		"a.svg (Ada, CC0-1.0)": {Name: "a.svg", Holders: "Ada", Licence: "CC0-1.0"},
	} {
		if got := p.Credit(); got != want {
			t.Errorf("credit %q, want %q", got, want)
		}
	}
}

// Of five copies three are replaced before they leave, one of them by another copy,
// and so is a picture that was none by a copy.
func TestLeaving(t *testing.T) {
	train := drawn(t, 1, 1500)
	samples, fresh := all(t, drawn(t, 2, 20)), all(t, drawn(t, 5, 3))
	for k, i := range []int{1, 2, 3, 4, 5} {
		if _, err := train.Item(100*k, samples.Row(i)); err != nil {
			t.Fatal(err)
		}
	}
	one := func(data []float32) *tensor.Tensor { return tensor.From(data, 1, 32, 32, 3) }
	before, err := Measure(ctx, samples, train, Options{Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	if before.Leaving != nil {
		t.Errorf("nobody looked, and %+v left", before.Leaving)
	}
	opt := Options{Seed: 3, Flagged: map[int]bool{5: true, 12: true}, Instead: map[int]*tensor.Tensor{
		1: one(fresh.Row(0)), 2: one(fresh.Row(1)), 3: one(samples.Row(4)), 10: one(samples.Row(5)),
	}}
	r, err := Measure(ctx, samples, train, opt)
	if err != nil {
		t.Fatal(err)
	}
	want := Leaving{Replaced: 4, Copies: before.Copies - 2 + 1, Share: float64(before.Copies-1) / 20, Flagged: 2, Unsaid: before.Copies - 2}
	if before.Copies < 5 || r.Copies != before.Copies || r.Leaving == nil || *r.Leaving != want {
		t.Errorf("%d copies before; %d and %+v, want %+v", before.Copies, r.Copies, r.Leaving, want)
	}
	opt.Instead[20] = one(fresh.Row(2))
	if _, err := Measure(ctx, samples, train, opt); err == nil {
		t.Error("another picture for a sample that there is not")
	}
	delete(opt.Instead, 20)
	opt.Flagged[-1] = true
	if _, err := Measure(ctx, samples, train, opt); err == nil {
		t.Error("a sample that there is not says something")
	}
}
