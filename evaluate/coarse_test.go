package evaluate

import (
	"context"
	"slices"
	"testing"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/evaluate/fidelity"
)

func TestShrink(t *testing.T) {
	// 4×6 pixels of two channels to 2×2 cells of 2×3 pixels.
	x := tensor.New(2, 4, 6, 2)
	for i := range 24 {
		x.Row(1)[2*i], x.Row(1)[2*i+1] = float32(i), -float32(i)
	}
	got := shrink(x, 2)
	// Rows 0 and 1, columns 0 to 2: (0+1+2+6+7+8)/6 = 4.
	if want := []float32{4, -4, 7, -7, 16, -16, 19, -19}; !slices.Equal(got.Row(1), want) || !slices.Equal(got.Row(0), make([]float32, 8)) {
		t.Errorf("%v, want %v", got.Row(1), want)
	}
	// 3 pixels to 2 cells share the middle one; 1 pixel to 2 cells fills both.
	y := tensor.From([]float32{1, 2, 4}, 1, 1, 3, 1)
	if got := shrink(y, 2).Data; !slices.Equal(got, []float32{1.5, 3, 1.5, 3}) {
		t.Errorf("%v", got)
	}
}

// The features of a classifier of kinds hardly see that a colour or the light
// never changes; the coarse distance does.
func TestCoarseSeesWhatClassesDoNotTell(t *testing.T) {
	e := &evaluation{ctx: context.Background()}
	of := func(seed uint64, vary ...string) *fidelity.Gaussian {
		g, err := e.shrunk(openSet(t, picture.Source{Kind: "shapes", Size: 32, Channels: 3, Count: 300, Seed: seed, Vary: vary}))
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	distance := func(a, b *fidelity.Gaussian) float64 {
		d, err := fidelity.Frechet(a, b)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	real := of(1)
	floor := distance(real, of(2))
	for _, c := range [][]string{
		{"texture", "ground", "size", "place", "angle", "light"},
		{"colour", "texture", "ground", "size", "place", "angle"},
	} {
		if r := distance(real, of(3, c...)) / floor; r < 2 {
			t.Errorf("with only %v varying the distance is %v floors", c, r)
		}
	}
}
