package factors

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/dataset/shapes"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model/trained"
)

func drawings(t *testing.T, n int, split picture.Split) (*shapes.Set, *tensor.Tensor, []Prompt) {
	t.Helper()
	set, err := shapes.Open(picture.Source{Seed: 31, Count: n, Split: split, Combinations: true,
		Vary: []string{"colour", "place", "size", "angle", "ground", "light"}})
	if err != nil {
		t.Fatal(err)
	}
	x := tensor.New(n, 32, 32, 3)
	for i := range n {
		if _, err := set.Item(i, x.Row(i)); err != nil {
			t.Fatal(err)
		}
	}
	prompts, err := Prompts(set, n)
	if err != nil {
		t.Fatal(err)
	}
	return set, x, prompts
}

func judge(t *testing.T) *Judge {
	t.Helper()
	e := trained.NewCPU(1)
	t.Cleanup(e.Close)
	j, err := NewJudge(e)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// Real drawings of a seed of their own, of combinations that no judge was
// trained on, are judged right, and still are when they are as soft and noisy
// as an autoencoder leaves them.
func TestJudge(t *testing.T) {
	const n = 1500
	_, real, prompts := drawings(t, n, picture.Test)
	soft := tensor.New(real.Shape...)
	noise := make([]float32, len(soft.Data))
	tensor.Philox{Seed: 4}.Normal(noise, 0)
	for i := range n {
		from, to := real.Row(i), soft.Row(i)
		for y := range 32 {
			for x := range 32 {
				for c := range 3 {
					sum := float32(0)
					for _, d := range [][3]int{{0, 0, 4}, {0, 1, 1}, {0, -1, 1}, {1, 0, 1}, {-1, 0, 1}} {
						yy, xx := min(max(y+d[0], 0), 31), min(max(x+d[1], 0), 31)
						sum += float32(d[2]) / 8 * from[(yy*32+xx)*3+c]
					}
					at := (y*32+x)*3 + c
					to[at] = sum + 0.02*noise[i*len(to)+at]
				}
			}
		}
	}
	j := judge(t)
	r, err := Measure(j, soft, real, prompts)
	if err != nil || r.Real < .995 || r.All < .99 || r.N != n {
		t.Errorf("%+v, %v", r, err)
	}
}

// Pictures of other prompts are wrong in what differs.
func TestMeasure(t *testing.T) {
	const n = 300
	set, real, prompts := drawings(t, n, picture.Train)
	other := tensor.New(n, 32, 32, 3)
	bytes := make([]uint8, 32*32*3)
	for i := range n {
		f := set.Factors(i)
		switch i % 3 {
		case 0:
			f.Colour = next(shapes.Colours(), f.Colour)
		case 1:
			f.X, f.Y = f.Y, f.X // another place unless on the diagonal
		}
		if err := shapes.Draw(bytes, f, 32, 3); err != nil {
			t.Fatal(err)
		}
		picture.Unit(other.Row(i), bytes)
	}
	moved := 0.
	for i, p := range prompts {
		if i%3 == 1 && !slices.Contains([]string{"top left", "middle", "bottom right"}, p.Place) {
			moved++
		}
	}
	r, err := Measure(judge(t), other, real, prompts)
	if err != nil {
		t.Fatal(err)
	}
	for what, v := range map[string][2]float64{
		"kind": {r.Kind, 1}, "colour": {r.Colour, 2. / 3}, "place": {r.Place, 1 - moved/n}, "all": {r.All, 2./3 - moved/n},
	} {
		if math.Abs(v[0]-v[1]) > .01 {
			t.Errorf("%s: %v, want %v", what, v[0], v[1])
		}
	}
	if len(r.Wrong) != mostWrong || r.Wrong[0].Index != 0 || r.Wrong[0].Prompt != prompts[0].Text {
		t.Errorf("wrong: %+v", r.Wrong)
	}
	if _, err := Measure(judge(t), other, real, prompts[1:]); err == nil {
		t.Error("a prompt is missing")
	}
}

func next(all []string, one string) string { return all[(slices.Index(all, one)+1)%len(all)] }

func TestPromptsWantCombinations(t *testing.T) {
	plain, err := shapes.Open(picture.Source{Count: 5})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Prompts(plain, 5); err == nil || !strings.Contains(err.Error(), "combinations") {
		t.Errorf("error %v", err)
	}
	if _, err := Prompts(plain, 6); err == nil {
		t.Error("6 prompts of 5 drawings")
	}
}
