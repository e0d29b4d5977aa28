package repair

import (
	"slices"
	"testing"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/evaluate"
)

func TestCarefulSamplerCounts(t *testing.T) {
	g := boxed(t)
	inner, err := evaluate.NewSampler(g.Model, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	prompts := []string{"a red apple, 3d", "a dog, flat", "a house"}
	dim := dimmer(t)
	c := &Careful{Sampler: inner, Context: t.Context(), By: dim, Judge: panel(t), Best: 3}
	got, err := c.Sample(prompts, 4)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := inner.Sample(prompts, 4)
	if err != nil {
		t.Fatal(err)
	}
	light := func(x *tensor.Tensor) (sum float32) {
		for _, v := range x.Data {
			sum += v
		}
		return sum
	}
	if light(got) <= light(plain) {
		t.Errorf("the best of 3 are no lighter: %v, %v", light(got), light(plain))
	}
	f := c.Tally.Faults
	if c.Tally.Pictures != 3 || len(f) != 2 || f[0].Inspector != "dark" || !f[0].Chose || f[0].Judged != [2]int{3, 3} ||
		f[0].Probability[1] >= f[0].Probability[0] || f[1].Inspector != "spots" || f[1].Chose || f[1].Judged != [2]int{3, 3} {
		t.Errorf("%+v", c.Tally)
	}
	// The first of three is what one would get without care.
	c = &Careful{Sampler: inner, Context: t.Context(), By: dim, Best: 1}
	if got, err = c.Sample(prompts, 4); err != nil || !slices.Equal(got.Data, plain.Data) {
		t.Error("the best of 1 is another picture", err)
	}
}

// purple makes pictures with a spot.
type purple struct{}

func (purple) Sample(prompts []string, _ uint64) (*tensor.Tensor, error) {
	t := tensor.New(len(prompts), 64, 64, 4)
	for i := range prompts {
		take(t.Row(i), spotted(64, 64, spotOf(i)).Pix, 4)
	}
	return t, nil
}

func TestCarefulSamplerRepairs(t *testing.T) {
	p := panel(t)
	c := &Careful{Sampler: purple{}, Context: t.Context(), Generator: boxed(t), By: p, Tries: 1}
	got, err := c.Sample([]string{"a house", "a dog"}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if f := c.Tally.Faults[0]; c.Tally.Repaired != 1 || f.Faulty[0] != 1 || f.Probability[1] >= f.Probability[0] {
		t.Errorf("%+v", c.Tally)
	}
	sound, _ := purple{}.Sample([]string{"", ""}, 1)
	if slices.Equal(got.Row(0), sound.Row(0)) || !slices.Equal(got.Row(1), sound.Row(1)) {
		t.Error("the faulty picture is to change, the sound one to stay")
	}
}
