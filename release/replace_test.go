package release

import (
	"context"
	"image"
	"slices"
	"testing"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/internal/basis"
	"github.com/limner-ai/limner/model/trained"
)

// counter makes pictures whose first pixel is their number.
type counter struct {
	asked  []int
	guided []float64 // with what guidance
}

func (c *counter) Make(_ context.Context, q generate.Request) (*generate.Pictures, error) {
	p := &generate.Pictures{Images: tensor.New(q.N, 2, 2, 3), Request: q}
	for i := range q.N {
		c.asked, c.guided = append(c.asked, q.First+i), append(c.guided, q.Guidance)
		p.Images.Row(i)[0] = float32(q.First+i) / 255
		p.Items = append(p.Items, generate.Item{Index: q.First + i, Prompt: q.Prompt, Class: -1})
	}
	return p, nil
}

func TestOthersStandInThePlaceOfWhatIsTooNear(t *testing.T) {
	for _, c := range []struct {
		policy Policy
		near   []int
		want   []int // numbers of the pictures that stand there
	}{
		{Withhold, nil, []int{0, 1, 2}},
		{Withhold, []int{1}, []int{0, 4, 2}},
		{Withhold, []int{1, 4}, []int{0, 7, 2}},
		{Withhold, []int{1, 4, 7, 10, 13, 16}, []int{0, 1, 2}}, // then Issue holds it back
		{Replace, []int{1}, []int{0, 4, 2}},
		{Replace, []int{1, 4, 7, 10, 13, 16}, []int{0, 1, 2}}, // then Issue flags it
		{"", []int{1}, []int{0, 4, 2}},
		{Flag, []int{1}, []int{0, 1, 2}},
		{Allow, []int{1}, []int{0, 1, 2}},
	} {
		p := Press{Policy: c.policy, Guard: func(_ context.Context, _ string, m *image.NRGBA) (Near, bool, error) {
			return Near{TooNear: slices.Contains(c.near, int(m.Pix[0]))}, true, nil
		}}
		maker := &counter{}
		pics, _ := maker.Make(t.Context(), generate.Request{Prompt: "an apple", N: 3, Seed: 5})
		pics.Items[1].Number = 2
		seen, n, err := p.Replace(t.Context(), maker, manifest(), pics)
		if err != nil {
			t.Fatal(err)
		}
		changed := 0
		for i, want := range c.want {
			if want != i {
				changed++
			}
			if near := c.policy != Allow && slices.Contains(c.near, want); len(seen) != len(c.want) || seen[i].TooNear != near {
				t.Errorf("%+v: of picture %d is known %+v", c, i, seen)
			}
			if item := pics.Items[i]; item.Index != want || int(pics.Images.Row(i)[0]*255+.5) != want || item.Prompt != "an apple" || i == 1 && item.Number != 2 {
				t.Errorf("%+v: picture %d is %+v", c, i, item)
			}
		}
		if n != changed {
			t.Errorf("%+v: %d replaced", c, n)
		}
	}
}

// Others are made with less guidance, all but the first with none, and a picture that stands in
// another's place knows with how much it was made.
func TestOthersHeedThePromptLess(t *testing.T) {
	near := 3
	p := Press{Guard: func(context.Context, string, *image.NRGBA) (Near, bool, error) {
		near--
		return Near{TooNear: near >= 0}, true, nil
	}}
	maker := &counter{}
	pics, _ := maker.Make(t.Context(), generate.Request{Prompt: "an apple", N: 2, Guidance: 4})
	maker.guided = nil
	if _, n, err := p.Replace(t.Context(), maker, manifest(), pics); err != nil || n != 1 || !slices.Equal(maker.guided, []float64{2.5, 1, 1}) {
		t.Fatalf("%d replaced, made with guidance %v, %v", n, maker.guided, err)
	}
	if a, b := pics.Items[0].Guidance, pics.Items[1].Guidance; a != 1 || b != 0 {
		t.Errorf("the pictures were made with %v and %v", a, b)
	}
	for _, g := range []float64{0, .5, 1} {
		if Less(g, 1) != g {
			t.Errorf("of guidance %v less is %v", g, Less(g, 1))
		}
	}
}

// A picture is held against all that the model learnt from: also what it began with
// and what it contains.
func TestAllGroundsAreHeldAgainst(t *testing.T) {
	of := func(root string) trained.Origin {
		return trained.Origin{Data: trained.Data{Basis: basis.Basis{Status: basis.Recorded, Root: root}}}
	}
	m := manifest()
	first := of("sha256:12")
	m.From, m.Parts = &first, map[string]trained.Origin{"autoencoder": of("sha256:11"), "words": of("sha256:13")}
	var asked []string
	near := map[string]bool{}
	p := Press{Guard: func(_ context.Context, root string, _ *image.NRGBA) (Near, bool, error) {
		asked = append(asked, root)
		return Near{TooNear: near[root], Whose: root}, root != "sha256:12", nil
	}}
	picture := image.NewNRGBA(image.Rect(0, 0, 8, 8))
	if n, err := p.Near(t.Context(), m, picture); err != nil || n.TooNear || n.Whose != "sha256:11" || !slices.Equal(asked, []string{"sha256:11", "sha256:12", "sha256:13"}) {
		t.Errorf("%+v, %v; asked for %q", n, err, asked)
	}
	near["sha256:13"] = true
	if n, err := p.Near(t.Context(), m, picture); err != nil || !n.TooNear || n.Whose != "sha256:13" {
		t.Errorf("%+v, %v", n, err)
	}
}

// What is made from a picture lies near to what that lies near to.
func TestWhatIsMadeFromAPictureIsNotReplaced(t *testing.T) {
	for policy, want := range map[Policy]int{Replace: 0, Withhold: Others} {
		p := Press{Policy: policy, Guard: func(context.Context, string, *image.NRGBA) (Near, bool, error) {
			return Near{TooNear: true}, true, nil
		}}
		maker := &counter{}
		pics, _ := maker.Make(t.Context(), generate.Request{Prompt: "an apple", N: 1, Image: tensor.New(2, 2, 3)})
		maker.asked = nil
		if _, n, err := p.Replace(t.Context(), maker, manifest(), pics); err != nil || n != 0 || len(maker.asked) != want {
			t.Errorf("%s: %d replaced, %d others made, %v", policy, n, len(maker.asked), err)
		}
	}
}
