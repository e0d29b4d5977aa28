package text

import (
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/engine/tensor"
)

var apple = Description{
	Captions: []Caption{
		{"red apple: ripe fruit", "en"}, {"an apple", "en"}, {"roter Apfel", "de"}, {"赤いリンゴ", "ja"},
	},
	Keywords: []string{"fruit", "health", "school", "fresh"},
	Style:    "3d emoji",
}

func TestPlain(t *testing.T) {
	for want, d := range map[string]Description{
		"red apple: ripe fruit, 3d": apple,
		"fruit, flat":               {Keywords: []string{"fruit", "x"}, Style: "flat"},
		"twemoji":                   {Style: "twemoji"},
		"a cat":                     {Captions: []Caption{{Text: "a cat"}}},
		"":                          {},
	} {
		if got := Plain(d); got != want {
			t.Errorf("%+v became %q, want %q", d, got, want)
		}
	}
}

// What is composed over many draws, in the shares that the package promises.
func TestCompose(t *testing.T) {
	const n = 20000
	draw := Draws(tensor.Philox{Seed: 1, Stream: 2})
	count := map[string]int{}
	seen := map[string]bool{}
	for range n {
		s := Compose(apple, draw)
		seen[s] = true
		has := func(what string, parts ...string) {
			if slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(s, p) }) {
				count[what]++
			}
		}
		has("style", "3d")
		has("de", "roter", "Apfel")
		has("ja", "赤い")
		has("keyword", apple.Keywords[1:]...)
		has("article", "a red", "an apple")
		has("colon", "apple: ")
		if s == "" || strings.Contains(s, "  ") || strings.HasPrefix(s, ",") || strings.HasSuffix(s, ",") || strings.Contains(s, ", ,") {
			t.Fatalf("composed %q", s)
		}
	}
	for what, want := range map[string]float64{
		"style": .8, "de": .25, "ja": .25, "keyword": .5 * .3 * .9,
		"article": .5 * .9 / 3, "colon": .5 * .5 * .9 * .75 * (1 - .125/4),
	} {
		if got := float64(count[what]) / n; got < .88*want || got > 1.12*want {
			t.Errorf("%s: in a share of %.3f, want %.3f", what, got, want)
		}
	}
	for _, s := range []string{
		"roter Apfel, 3d", "赤いリンゴ", "3d emoji of an apple", "3d apple", "apple in 3d style", "an apple, 3d emoji",
		"a red apple: ripe fruit, 3d style", "red apple ripe fruit", "ripe fruit", "school, health, 3d",
	} {
		if s != "ripe fruit" && !seen[s] {
			t.Errorf("%q was never composed", s)
		}
	}
}

// Nothing known, or little, makes a prompt too, and draws repeat.
func TestComposeOfLittle(t *testing.T) {
	for _, d := range []Description{
		{}, {Style: "flat"}, {Keywords: []string{"x"}}, {Captions: []Caption{{"", "en"}}}, {Captions: []Caption{{"a", ""}}},
	} {
		var first []string
		for range 2 {
			draw := Draws(tensor.Philox{Seed: 7})
			var got []string
			for range 100 {
				got = append(got, Compose(d, draw))
			}
			if first != nil && !slices.Equal(first, got) {
				t.Errorf("%+v: the same draws gave other prompts", d)
			}
			first = got
		}
	}
}

func TestDraws(t *testing.T) {
	draw := Draws(tensor.Philox{Seed: 3, Stream: 4})
	var count [5]int
	for range 5000 {
		count[draw(5)]++
	}
	if slices.Min(count[:]) < 900 {
		t.Errorf("drawn %v times", count)
	}
	if draw(1) != 0 {
		t.Error("a draw of one is not 0")
	}
}
