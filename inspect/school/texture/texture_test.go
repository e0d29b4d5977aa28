package texture

import (
	"bytes"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/limner-ai/limner/inspect/texture"
)

// emoji is a face with hair, on nothing.
func emoji() *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for y := range 64 {
		for x := range 64 {
			if math.Hypot(float64(x)-31.5, float64(y)-31.5) > 27 {
				continue
			}
			c := color.NRGBA{240, 190, 150, 255}
			if y < 24 {
				c = color.NRGBA{uint8(70 + 20*(x%3)), 40, 25, 255}
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

// Each fault changes what its mask says and nothing else, and never what is
// transparent; a stronger one changes more.
func TestSpoil(t *testing.T) {
	m, other := emoji(), emoji()
	before := bytes.Clone(m.Pix)
	for _, f := range faults {
		change := map[float64]float64{}
		for _, strength := range []float64{.1, .9} {
			r := rand.New(rand.NewPCG(3, 3))
			found := 0
			for range 12 {
				out, mask, ok := spoil(f, m, other, strength, r)
				if !ok || found == 6 {
					continue
				}
				found++
				for i := range mask.V {
					a, b := m.Pix[4*i:4*i+4], out.Pix[4*i:4*i+4]
					if a[3] != b[3] {
						t.Fatalf("%s changes alpha", f.name)
					}
					for k := range 3 {
						d := math.Abs(float64(a[k]) - float64(b[k]))
						change[strength] += d
						if a[3] > 0 && d > 255*visible+1 && mask.V[i] == 0 {
							t.Fatalf("%s changes a pixel by %v beside its mask", f.name, d)
						}
					}
				}
			}
			if found == 0 {
				t.Errorf("%s finds no place", f.name)
			}
			change[strength] /= max(float64(found), 1)
		}
		// A weak run over a border shows at few borders only, so that its mean says
		// little.
		if f.name != "running over" && change[.9] <= change[.1] {
			t.Errorf("%s changes %v at .1, %v at .9", f.name, change[.1], change[.9])
		}
	}
	if !bytes.Equal(before, m.Pix) {
		t.Error("the picture was changed")
	}
	names := []string{}
	for _, f := range faults {
		names = append(names, f.name)
	}
	for i, name := range texture.Faults {
		if names[i] != name {
			t.Errorf("fault %d is %q here, %q there", i, names[i], name)
		}
	}
}

// What has no border or no detail cannot be spoilt there.
func TestNoPlace(t *testing.T) {
	flat := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for i := range flat.Pix {
		flat.Pix[i] = 200
	}
	for _, f := range faults[:2] {
		if _, _, ok := spoil(f, flat, flat, 1, rand.New(rand.NewPCG(1, 1))); ok {
			t.Errorf("%s was put into one colour", f.name)
		}
	}
}

// Training tells classes that an arc parts.
func TestTrain(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	h := &texture.Head{Mean: []float32{0, 0}, Deviation: []float32{1, 1}}
	draw := func() example {
		x := []float32{float32(r.NormFloat64()), float32(r.NormFloat64())}
		class := 0
		if x[0]*x[0]+x[1]*x[1] > 1.4 {
			class = 3
		}
		return example{x, class}
	}
	var all []example
	for range 3000 {
		all = append(all, draw())
	}
	var losses []float64
	train(h, all, 1, func(_ int, loss float64) { losses = append(losses, loss) })
	right := 0
	for range 1000 {
		e := draw()
		p := h.Chances(e.input)
		if (p[3] > .5) == (e.class == 3) {
			right++
		}
	}
	if right < 940 || losses[len(losses)-1] > losses[0]/2 {
		t.Errorf("%d of 1000 right, losses %.3f", right, losses)
	}
	rounded(h)
	if p := h.Chances([]float32{3, 0}); p[3] < .9 {
		t.Errorf("rounded, far out has %v", p)
	}
}
