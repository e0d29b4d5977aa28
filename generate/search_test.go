package generate

import (
	"context"
	"slices"
	"testing"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model/gan"
)

// What a generator has made itself it finds again, and goes from there.
func TestInversion(t *testing.T) {
	g := opened(t, untrained(t, gan.Family{}, ganConfig, clothes...))
	own := make1(t, g, Request{Seed: 12, N: 3, Class: "bag"})
	image := one(own.Images, 1)
	made, err := g.painter.(Reconstructor).Reconstruct(context.Background(), image, []int{2})
	if err != nil {
		t.Fatal(err)
	}
	if found, others := far(made, image.Data), far(own.Images, image.Data); found > others/10 {
		t.Errorf("the picture found is %v away, others of the generator %v", found, others)
	}
	last := 0.
	for _, strength := range []float64{.1, .4, .8, 1} {
		p := make1(t, g, Request{Seed: 3, N: 40, Class: "bag", Image: image, Strength: strength})
		if d := far(p.Images, image.Data); d <= last {
			t.Errorf("strength %v goes %v far, a smaller one %v", strength, d, last)
		} else {
			last = d
		}
	}
	hidden := make1(t, g, Request{Seed: 3, N: 4, Class: "bag", Image: image, Mask: half(), Strength: 1})
	prior := make1(t, g, Request{Seed: 3, N: 4, Class: "bag"})
	for i := range 4 {
		for k, v := range hidden.Images.Row(i) {
			if k%8 >= 4 && v != image.Data[k] {
				t.Fatalf("pixel %d outside of the mask is %v, was %v", k, v, image.Data[k])
			}
		}
	}
	if slices.Equal(hidden.Images.Row(0), hidden.Images.Row(1)) || slices.Equal(hidden.Images.Row(0), prior.Images.Row(0)) {
		t.Error("the hole is not searched for")
	}
	between := make1(t, g, Request{Class: "bag", N: 3, From: &End{Image: image}, To: &End{Seed: 3}})
	near(t, between.Images.Row(0), made.Data)
	near(t, between.Images.Row(2), prior.Images.Row(0))
	// The class is found too, and can be another.
	classes, err := g.painter.(Recogniser).Recognise(context.Background(), own.Images)
	if err != nil || len(classes) != 3 {
		t.Fatal(classes, err)
	}
	style := make1(t, g, Request{Class: clothes[(classes[1]+1)%3], N: 1, Image: image, Style: image})
	if style.Items[0].How != "mixture" {
		t.Errorf("%+v", style.Items)
	}
}

// Rows of a search do not see each other, and it does not lose what was best.
func TestSearch(t *testing.T) {
	g := opened(t, untrained(t, gan.Family{}, ganConfig))
	a := g.painter.(*adversarial)
	target, items := noise(3, 2), itemsOf(nil, 2)
	start := latentsOf([]Item{{Seed: 1}, {Seed: 2}}, a.z)
	both, alone := start.Clone(), tensor.From(slices.Clone(start.Row(1)), 1, a.z)
	first, err := a.improve(context.Background(), target, start.Clone(), items, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	after, err := a.improve(context.Background(), target, both, items, 40, nil)
	if err != nil {
		t.Fatal(err)
	}
	single, err := a.improve(context.Background(), one(target, 1), alone, items[:1], 40, nil)
	if err != nil || !slices.Equal(alone.Data, both.Row(1)) || single[0] != after[1] {
		t.Error("a search depends on the others beside it", err)
	}
	for i := range first {
		if after[i] >= first[i] {
			t.Errorf("the loss went from %v to %v", first[i], after[i])
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := a.improve(ctx, target, both, items, 40, nil); err == nil {
		t.Error("a search that was called off went on")
	}
}
