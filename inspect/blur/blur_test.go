package blur

import (
	"context"
	"image"
	"math"
	"testing"

	"github.com/limner-ai/limner/inspect"
	"github.com/limner-ai/limner/inspect/inspecttest"
	"github.com/limner-ai/limner/inspect/plane"
)

func TestConformance(t *testing.T) { inspecttest.Run(t, Kind) }

// step is a disc of sharp or blurred outline, with less or more contrast.
func step(sigma float64, level float32) [4]*plane.Plane {
	p := plane.New(96, 96)
	for i := range p.V {
		// The share of each pixel that the disc covers.
		for j := range 64 {
			x, y := float64(i%96)+(float64(j%8)+.5)/8, float64(i/96)+(float64(j/8)+.5)/8
			if math.Hypot(x-48, y-48) < 30 {
				p.V[i] += level / 64
			}
		}
	}
	p = plane.Gaussian(p, sigma)
	whole := plane.New(96, 96).Map(func(float32) float32 { return 1 })
	return [4]*plane.Plane{p, p, p, whole}
}

// The width of an edge is told right, whatever its contrast.
func TestWidths(t *testing.T) {
	for _, sigma := range []float64{.8, 1.2, 1.6, 2.2} {
		var last float64
		for _, level := range []float32{.15, .9} {
			e := find(step(sigma, level))
			if len(e.at) < 100 {
				t.Fatalf("%d edges", len(e.at))
			}
			got := alone(math.Exp(whole(e).width))
			if math.Abs(got-sigma) > .15*sigma+.05 {
				t.Errorf("deviation %v is told as %v", sigma, got)
			}
			if last > 0 && math.Abs(got-last) > .05*sigma {
				t.Errorf("deviation %v: %v at one contrast, %v at another", sigma, last, got)
			}
			last = got
		}
	}
	if Look(image.NewNRGBA(image.Rect(0, 0, 64, 64))) != nil {
		t.Error("nothing has edges")
	}
}

// A picture that was enlarged with square pixels is as sharp as before.
func TestOwnScale(t *testing.T) {
	in, err := Kind.Open(inspect.Env{})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	found := map[string]inspect.Finding{}
	for _, p := range inspecttest.Pictures() {
		if p.Image.Rect.Dx() > 256 {
			continue
		}
		f, err := in.Inspect(context.Background(), p.Image)
		if err != nil {
			t.Fatal(err)
		}
		found[p.Name] = f
	}
	if a, b := found["face"], found["enlarged face"]; !a.Applies || a.Score != b.Score || a.Faulty {
		t.Errorf("a face %+v, enlarged %+v", a, b)
	}
	if found["flat"].Applies || found["clear"].Applies {
		t.Error("what is flat has no sharpness")
	}
}

func TestReadRefuses(t *testing.T) {
	for _, b := range [][]byte{nil, []byte("nonsense"), file[:len(file)/2]} {
		if _, err := Read(b); err == nil {
			t.Errorf("%d bytes are a judge", len(b))
		}
	}
}
