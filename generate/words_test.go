package generate

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model/gan"
)

const wordConfig = `{"arch":"dcgan","channels":[4],"latent":3,"embedding":4,"words":{"from":"w","family":"contrast",
	"pictures":{"height":8,"width":8,"channels":1},
	"config":{"vocabulary":262,"length":9,"channels":4,"layers":1,"heads":1,"patch":2,"pictures":[2],"blocks":0,"embedding":2}}}`

// Words and classes both change what a GAN makes, one picture depends on its
// own alone, and one thread gives the same bits as two.
func TestWordsOfAGAN(t *testing.T) {
	path := untrained(t, gan.Family{}, wordConfig, clothes...)
	g := opened(t, path)
	if got := g.Takes(); got != (Takes{Words: true, Classes: true, Truncation: true}) {
		t.Errorf("it takes %+v", got)
	}
	made := func(g *Generator, q Request) *tensor.Tensor {
		t.Helper()
		p, err := g.Sample(q)
		if err != nil {
			t.Fatal(err)
		}
		return p.Images
	}
	apple := made(g, Request{Prompt: "apple", Class: "bag", Seed: 3, N: 18})
	for name, q := range map[string]Request{
		"no prompt":     {Class: "bag", Seed: 3, N: 18},
		"other words":   {Prompt: "pear", Class: "bag", Seed: 3, N: 18},
		"another class": {Prompt: "apple", Class: "Ankle boot", Seed: 3, N: 18},
		"another seed":  {Prompt: "apple", Class: "bag", Seed: 4, N: 18},
	} {
		if slices.Equal(made(g, q).Data, apple.Data) {
			t.Errorf("%s made the same pictures", name)
		}
	}
	if one := made(g, Request{Prompt: "apple", Class: "bag", Seed: 3, First: 17, N: 1}); !slices.Equal(one.Data, apple.Row(17)) {
		t.Error("picture 17 alone is another than among 18")
	}
	single, err := Open(path, families, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer single.Close()
	if !slices.Equal(made(single, Request{Prompt: "apple", Class: "bag", Seed: 3, N: 18}).Data, apple.Data) {
		t.Error("one thread makes other pictures than two")
	}
	if _, err := g.Sample(Request{Prompt: "apple", Negative: "pear", N: 1}); err == nil || !strings.Contains(err.Error(), "no guidance") {
		t.Errorf("a negative prompt gave %v", err)
	}
}

// An interpolation begins at one prompt, ends at the other, and moves away from
// the first all the time.
func TestBetweenWords(t *testing.T) {
	g := opened(t, untrained(t, gan.Family{}, wordConfig))
	q := Request{Seed: 5, First: 2, N: 5, From: &End{Prompt: "apple"}, To: &End{Prompt: "pear", Seed: 6}}
	p, err := g.Make(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []Request{{Prompt: "apple", Seed: 5, First: 2, N: 1}, {Prompt: "pear", Seed: 6, First: 2, N: 1}} {
		end, err := g.Sample(want)
		if err != nil {
			t.Fatal(err)
		}
		for k, x := range end.Images.Data {
			if d := x - p.Images.Row(4 * i)[k]; d > 1e-5 || d < -1e-5 {
				t.Fatalf("end %d is off by %v", i, d)
			}
		}
	}
	last := 0.
	for i := range 5 {
		far := 0.
		for k, x := range p.Images.Row(i) {
			d := float64(x - p.Images.Row(0)[k])
			far += d * d
		}
		if far < last || i > 0 && far == 0 {
			t.Errorf("picture %d is %v from the first, the one before %v", i, far, last)
		}
		last = far
	}
}
