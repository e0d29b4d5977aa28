package station

import (
	"slices"
	"strings"
	"testing"
)

func TestCorpus(t *testing.T) {
	c := corpus(t)
	things, words := map[string]bool{}, map[string]bool{}
	for _, p := range c {
		things[p.Thing] = true
		w := p.Words()
		if words[w] {
			t.Errorf("%q is there twice", w)
		}
		words[w] = true
		if strings.Contains(w, "  ") || w != strings.TrimSpace(w) || w != strings.ToLower(w) {
			t.Errorf("%q", w)
		}
	}
	if len(things) < 200 {
		t.Errorf("%d things", len(things))
	}
	for _, want := range []string{"a dog, flat", "an owl, 3d", "cherries, noto", "a cactus, 3d", "an umbrella, flat", "a unicorn, 3d", "a red apple, twemoji", "an orange, 3d", "thumbs up, 3d", "a t-shirt, flat"} {
		if !words[want] {
			t.Errorf("%q is not among the prompts", want)
		}
	}
	for _, bad := range []string{"no colon", "group: a,,b"} {
		if _, err := ReadCorpus(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func TestNothingComesAgainTooSoon(t *testing.T) {
	c := newChooser(corpus(t))
	_, recent, _ := listen(c, nil, nil, 3, 150, func(r Round) Round { return r })
	last := map[string]int{}
	prompts := map[Prompt]bool{}
	for i, p := range recent {
		if at, ok := last[p.Thing]; ok && i-at <= restThing {
			t.Errorf("%s came again after %d rounds", p.Thing, i-at)
		}
		last[p.Thing] = i
		if prompts[p] {
			t.Errorf("%v came twice in %d rounds", p, len(recent))
		}
		prompts[p] = true
	}
	// A corpus that is too small for that goes on all the same.
	small := newChooser(Corpus{{Thing: "dog", Group: "animals", Style: "flat"}, {Thing: "dog", Group: "animals", Style: "3d"}})
	_, recent, _ = listen(small, nil, nil, 3, 10, func(r Round) Round { return r })
	for i := 1; i < len(recent); i++ {
		if recent[i] == recent[i-1] {
			t.Error("the same twice in a row")
		}
	}
}

func TestTheSameSeedChoosesTheSame(t *testing.T) {
	c := newChooser(corpus(t))
	run := func(seed uint64) []Prompt {
		_, recent, _ := listen(c, nil, nil, seed, 30, func(r Round) Round { return r })
		return recent
	}
	if !slices.Equal(run(9), run(9)) {
		t.Error("the same seed chose otherwise")
	}
	if slices.Equal(run(9), run(10)) {
		t.Error("another seed chose the same")
	}
}

// The reason that is given must be that of the choice.
func TestWhy(t *testing.T) {
	c := newChooser(corpus(t))
	first := c.choose(learn(nil), nil, 1, 0, 0)
	if first.Why.Reason != Draw {
		t.Errorf("with nothing known: %+v", first.Why)
	}
	var rounds []Round
	for i, p := range c.corpus {
		if i%7 == 0 && p.Colour == "" {
			rounds = append(rounds, Round{len(rounds), p.Attributes(), p.Style == "flat"})
		}
	}
	tst := learn(rounds)
	reasons := map[Reason]int{}
	for number := range 40 {
		got := c.choose(tst, nil, 4, number, 0)
		reasons[got.Why.Reason]++
		if !slices.Contains(got.Prompt.Attributes(), got.Why.Attribute) && got.Why.Attribute != "" {
			t.Fatalf("the reason %v is not in the prompt %v", got.Why, got.Prompt)
		}
		if got.Why.Kept != tst.kept[got.Why.Attribute] || got.Why.Shown != tst.shown[got.Why.Attribute] {
			t.Errorf("%+v, but %d of %d were kept", got.Why, tst.kept[got.Why.Attribute], tst.shown[got.Why.Attribute])
		}
		if got.Why.Reason == Liked && (got.Why.Kept == 0 || tst.think(got.Why.Attribute) <= 0) {
			t.Errorf("%+v is liked, but worth %v", got.Why, tst.think(got.Why.Attribute))
		}
		if !strings.HasSuffix(got.Why.Words, ".") {
			t.Errorf("%q is no sentence", got.Why.Words)
		}
	}
	if reasons[Liked] == 0 {
		t.Errorf("reasons: %v; style flat was kept every time", reasons)
	}
	if got := c.choose(tst, nil, 4, 1, 1); got.Why.Reason != Explore {
		t.Errorf("exploring: %+v", got.Why)
	}
}
