package station

import (
	"math"
	"math/rand/v2"
)

// Choice is a prompt that was chosen, and why.
type Choice struct {
	Prompt Prompt
	Seed   uint64 // of the picture
	Why    Why
}

const (
	restThing  = 12  // rounds in which a thing is not shown again
	restPrompt = 200 // rounds in which a prompt is not, as far as there are others
)

// chooser chooses from a corpus. What it draws follows from its seed and the
// number of the round alone.
type chooser struct {
	corpus Corpus
	all    []Attribute // of the corpus, in its order, each once
	has    [][]int32   // for each prompt, the places of its attributes in all
}

func newChooser(c Corpus) *chooser {
	ch := &chooser{corpus: c}
	met := map[Attribute]int32{}
	for _, p := range c {
		var has []int32
		for _, a := range p.Attributes() {
			at, ok := met[a]
			if !ok {
				at = int32(len(ch.all))
				met[a] = at
				ch.all = append(ch.all, a)
			}
			has = append(has, at)
		}
		ch.has = append(ch.has, has)
	}
	return ch
}

// draws are the random numbers of a round.
func draws(seed uint64, number int) *rand.Rand {
	return rand.New(rand.NewPCG(seed, uint64(number)*0x9e3779b97f4a7c15+1))
}

// choose picks the prompt of a round, given what was learnt and the prompts of
// the rounds before, the newest last. Explore is the share of rounds that go to
// what was shown least, whatever is thought of it.
func (c *chooser) choose(t *taste, recent []Prompt, seed uint64, number int, explore float64) Choice {
	draw := draws(seed, number)
	free := c.rested(recent)
	exploring := draw.Float64() < explore
	picture := draw.Uint64() >> 12 // whole in a browser's numbers
	if exploring {
		p := c.unfamiliar(t, free, draw)
		return Choice{p, picture, whyNew(t, p)}
	}
	worth := t.sample(c.all, draw)
	best, most := free[0], math.Inf(-1)
	for _, i := range free {
		score := 0.
		for _, a := range c.has[i] {
			score += worth[a]
		}
		if score > most {
			best, most = i, score
		}
	}
	return Choice{c.corpus[best], picture, c.why(t, best, worth)}
}

// rested are the places of the prompts that were not shown too recently; if nothing has
// rested long enough, those whose thing was not the last.
func (c *chooser) rested(recent []Prompt) []int {
	tail := func(n int) []Prompt { return recent[max(0, len(recent)-n):] }
	things, prompts := map[string]bool{}, map[Prompt]bool{}
	for _, p := range tail(restThing) {
		things[p.Thing] = true
	}
	for _, p := range tail(restPrompt) {
		prompts[p] = true
	}
	for _, fits := range []func(Prompt) bool{
		func(p Prompt) bool { return !things[p.Thing] && !prompts[p] },
		func(p Prompt) bool { return !things[p.Thing] },
		func(p Prompt) bool { return len(recent) == 0 || p != recent[len(recent)-1] },
	} {
		var out []int
		for i, p := range c.corpus {
			if fits(p) {
				out = append(out, i)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return []int{0} // the only one
}

// unfamiliar draws among the prompts whose group was shown least, and of those
// whose thing was.
func (c *chooser) unfamiliar(t *taste, free []int, draw *rand.Rand) Prompt {
	for _, kind := range []func(Prompt) Attribute{
		func(p Prompt) Attribute { return attribute(kindGroup, p.Group) },
		func(p Prompt) Attribute { return attribute(kindThing, p.Thing) },
	} {
		fewest := math.MaxInt
		var least []int
		for _, i := range free {
			n := t.shown[kind(c.corpus[i])]
			if n < fewest {
				fewest, least = n, nil
			}
			if n == fewest {
				least = append(least, i)
			}
		}
		free = least
	}
	return c.corpus[free[draw.IntN(len(free))]]
}
