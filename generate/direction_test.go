package generate

import (
	"context"
	"math"
	"testing"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/model/gan"
	"github.com/limner-ai/limner/model/vae"
)

// labelled is a set of noise, of which every other picture is "dark".
type labelled struct{ n int }

func (s labelled) Len() int           { return s.n }
func (labelled) Shape() (h, w, c int) { return 8, 8, 1 }
func (labelled) Classes() []string    { return []string{"Dark", "light"} }
func (labelled) Name(int) string      { return "" }
func (s labelled) Item(i int, p []float32) (picture.Label, error) {
	if p != nil {
		copy(p, noise(uint64(i), 1).Data)
		for k := range p {
			p[k] *= float32(i%2+1) / 2
		}
	}
	return picture.Label{Class: i % 2, Caption: [...]string{"a dim thing", "a Bright-Red thing"}[i%2]}, nil
}

func TestDirections(t *testing.T) {
	g := opened(t, untrained(t, vae.Family{}, vaeConfig))
	set := labelled{20}
	ctx := context.Background()
	there, err := g.Direction(ctx, set, "dark", "Light")
	if err != nil {
		t.Fatal(err)
	}
	back, err := g.Direction(ctx, set, "bright red", "")
	if err != nil {
		t.Fatal(err)
	}
	length := 0.
	for k, v := range there.Direction {
		length += math.Abs(float64(v))
		if math.Abs(float64(v+back.Direction[k])) > 1e-6 {
			t.Errorf("there is %v, back %v", there.Direction, back.Direction)
		}
	}
	if length == 0 || there.Name != "toward dark, away from Light" || there.Amount != 1 {
		t.Errorf("%+v", there)
	}
	_, err = g.Direction(ctx, set, "green", "")
	wantLine(t, err, `toward "green"`, "its classes are Dark, light")
	_, err = g.Direction(ctx, set, "right", "") // no word of "bright"
	wantLine(t, err, "no picture")
	told := opened(t, untrained(t, vae.Family{}, vaeConfig, "dark", "light"))
	_, err = told.Direction(ctx, set, "dark", "light")
	wantLine(t, err, "is told the class")
	other := opened(t, untrained(t, gan.Family{}, ganConfig))
	_, err = other.Direction(ctx, set, "dark", "light")
	wantLine(t, err, "wants a VAE")
}
