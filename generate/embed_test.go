package generate

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model/vae"
)

// noise is n pictures of 256 levels.
func noise(seed uint64, n int) *tensor.Tensor {
	t := tensor.New(n, 8, 8, 1)
	tensor.Philox{Seed: seed}.Uniform(t.Data, 0)
	for i, v := range t.Data {
		t.Data[i] = float32(math.Floor(float64(v)*256)) / 255
	}
	return t
}

func one(t *tensor.Tensor, i int) *tensor.Tensor {
	return tensor.From(t.Row(i), append(tensor.S(1), t.Shape[1:]...)...)
}

func make1(t *testing.T, g *Generator, q Request) *Pictures {
	t.Helper()
	p, err := g.Make(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// far is the mean distance of pictures from one.
func far(images *tensor.Tensor, from []float32) float64 {
	sum := 0.0
	for i := range images.Shape[0] {
		for k, v := range images.Row(i) {
			sum += math.Abs(float64(v - from[k]))
		}
	}
	return sum / float64(images.Shape[0]*len(from))
}

func TestVariations(t *testing.T) {
	g := opened(t, untrained(t, vae.Family{}, vaeConfig, clothes...))
	image := one(noise(5, 3), 1)
	last := -1.0
	for _, strength := range []float64{0, .1, .3, .6, .8, 1} {
		p := make1(t, g, Request{Seed: 3, N: 40, Class: "bag", Image: image, Strength: strength})
		if strength == 0 && !slices.Equal(p.Images.Row(7), image.Data) {
			t.Error("no strength should give the picture itself")
		}
		if p.Items[3].How != "variation" || p.Items[3].Strength != strength {
			t.Errorf("%+v", p.Items[3])
		}
		distance := far(p.Images, image.Data)
		if distance <= last {
			t.Errorf("strength %v goes %v far, a smaller one %v", strength, distance, last)
		}
		last = distance
	}
	prior := make1(t, g, Request{Seed: 3, N: 40, Class: "bag"})
	all := make1(t, g, Request{Seed: 3, N: 40, Class: "bag", Image: image, Strength: 1})
	if !slices.Equal(prior.Images.Data, all.Images.Data) {
		t.Error("a strength of 1 should leave nothing of the picture")
	}
}

func TestInterpolations(t *testing.T) {
	g := opened(t, untrained(t, vae.Family{}, vaeConfig, clothes...))
	images := noise(5, 2)
	rec, err := g.Reconstructions(context.Background(), images, "bag")
	if err != nil || len(rec.Items) != 4 || rec.Columns != 2 || rec.Items[2].How != "reconstruction" {
		t.Fatal(rec, err)
	}
	if !slices.Equal(rec.Images.Data[:len(images.Data)], images.Data) {
		t.Error("the originals are not the first line")
	}
	a, b := one(images, 0), one(images, 1)
	between := make1(t, g, Request{Class: "bag", N: 5, From: &End{Image: a}, To: &End{Image: b}})
	if len(between.Items) != 5 || between.Columns != 5 || between.Items[1].Share != .25 {
		t.Fatal(between)
	}
	near(t, between.Images.Row(0), rec.Images.Row(2))
	near(t, between.Images.Row(4), rec.Images.Row(3))
	seeds, err := g.BetweenSeeds(3, 4, "", 4)
	if err != nil || len(seeds.Items) != 12 || seeds.Columns != 4 {
		t.Fatal(seeds, err)
	}
	prior := make1(t, g, Request{Seed: 3, N: 1, Class: "bag"})
	near(t, seeds.Images.Row(8), prior.Images.Row(0))
	mixed := make1(t, g, Request{Class: "bag", N: 3, From: &End{Image: a}, To: &End{Seed: 3}})
	near(t, mixed.Images.Row(0), rec.Images.Row(2))
	near(t, mixed.Images.Row(2), prior.Images.Row(0))
}

func TestTheLikeliestClassIsTaken(t *testing.T) {
	g := opened(t, untrained(t, vae.Family{}, vaeConfig, clothes...))
	images := noise(6, 20)
	got, err := g.painter.(Recogniser).Recognise(context.Background(), images)
	if err != nil {
		t.Fatal(err)
	}
	var bounds [3][]float32
	for k := range bounds {
		if bounds[k], err = g.Bound(images, times(k, 20)); err != nil {
			t.Fatal(err)
		}
	}
	for i, class := range got {
		for k := range bounds {
			if bounds[k][i] > bounds[class][i] {
				t.Errorf("picture %d: class %d has %v, %d has %v", i, class, bounds[class][i], k, bounds[k][i])
			}
		}
	}
	p := make1(t, g, Request{N: 1, Image: one(images, 4), Strength: .5})
	if len(p.Items) != 1 || p.Items[0].Class != got[4] {
		t.Errorf("%+v, want class %d", p.Items, got[4])
	}
}

// half is a mask of the left half.
func half() *tensor.Tensor {
	m := tensor.New(1, 8, 8, 1)
	for i := range m.Data {
		if i%8 < 4 {
			m.Data[i] = 1
		}
	}
	return m
}

func TestOutsideOfTheMaskNothingChanges(t *testing.T) {
	g := opened(t, untrained(t, vae.Family{}, vaeConfig, clothes...))
	image := one(noise(9, 1), 0)
	inside := func(p *Pictures) float64 {
		sum := 0.0
		for i := range p.Items {
			for k, v := range p.Images.Row(i) {
				if k%8 < 4 {
					sum += math.Abs(float64(v - image.Data[k]))
				} else if v != image.Data[k] {
					t.Fatalf("picture %d, pixel %d outside of the mask is %v, was %v", i, k, v, image.Data[k])
				}
			}
		}
		return sum
	}
	last := -1.0
	for _, strength := range []float64{0, .02, 1} {
		p := make1(t, g, Request{Seed: 2, N: 40, Class: "bag", Image: image, Mask: half(), Strength: strength})
		if d := inside(p); d <= last {
			t.Errorf("strength %v changes %v, a smaller one %v", strength, d, last)
		} else {
			last = d
		}
		if strength == 1 && slices.Equal(p.Images.Row(0), p.Images.Row(1)) {
			t.Error("two repaintings are the same")
		}
		again := make1(t, g, Request{Seed: 2, First: 38, N: 2, Class: "bag", Image: image, Mask: half(), Strength: strength})
		if !slices.Equal(again.Images.Row(0), p.Images.Row(38)) {
			t.Error("picture 38 alone is another than among 40")
		}
	}
	black := make1(t, g, Request{N: 2, Class: "bag", Image: image, Mask: tensor.New(1, 8, 8, 1), Strength: 1})
	if !slices.Equal(black.Images.Row(1), image.Data) {
		t.Error("a black mask should keep everything")
	}
}

func TestMixtureAndShift(t *testing.T) {
	g := opened(t, untrained(t, vae.Family{}, vaeConfig, clothes...))
	image := one(noise(4, 1), 0)
	own, _ := g.painter.(Recogniser).Recognise(context.Background(), image)
	rec, _ := g.painter.(Reconstructor).Reconstruct(context.Background(), image, own)
	same := make1(t, g, Request{N: 1, Image: image, Style: image})
	near(t, same.Images.Data, rec.Data)
	other := make1(t, g, Request{N: 1, Image: image, Style: image, Class: clothes[(own[0]+1)%3]})
	if slices.Equal(other.Images.Data, rec.Data) {
		t.Error("another class makes no difference")
	}
	shift := &Shift{Direction: []float32{1, -2, .5}}
	still := make1(t, g, Request{N: 2, Class: "bag", Image: image, Shift: shift})
	near(t, still.Images.Row(1), image.Data)
	shift.Amount = 2
	moved := make1(t, g, Request{N: 2, Class: "bag", Image: image, Shift: shift})
	halfway := make1(t, g, Request{N: 1, Class: "bag", Image: image, Shift: &Shift{Direction: shift.Direction, Amount: 1}})
	near(t, moved.Images.Row(0), halfway.Images.Row(0))
	if far(moved.Images, image.Data) == 0 {
		t.Error("the shift does nothing")
	}
	_, err := g.Make(context.Background(), Request{N: 1, Image: image, Shift: &Shift{Direction: []float32{1}}})
	wantLine(t, err, "3 numbers, not 1")
}
