package station

import (
	"fmt"
	"strings"
)

// Why is the reason of a choice. It is made from what decided, not for show.
type Why struct {
	Reason    Reason    `json:"reason"`
	Attribute Attribute `json:"attribute,omitempty"` // that decided
	Kept      int       `json:"kept,omitempty"`      // of Shown pictures with it
	Shown     int       `json:"shown,omitempty"`
	Words     string    `json:"words"` // a sentence
}

// Reason is the sort of a reason.
type Reason string

// The reasons.
const (
	Draw    Reason = "draw"    // nothing is known yet
	Explore Reason = "explore" // what was shown least, to learn
	Liked   Reason = "liked"   // it has what was kept before
	Guess   Reason = "guess"   // it has what little is known of
)

// why finds what spoke most for a prompt: the attribute that was worth most in
// this draw, against what others of its kind were worth. If that is more than
// twice what is really thought of it, the draw decided rather than experience.
func (c *chooser) why(t *taste, prompt int, worth []float64) Why {
	if len(t.names) == 0 {
		return Why{Reason: Draw, Words: "You have told me nothing yet, so this one is a draw."}
	}
	sum, number := map[string]float64{}, map[string]float64{}
	for i, a := range c.all {
		kind, _ := a.split()
		sum[kind] += worth[i]
		number[kind]++
	}
	best, most, worthOf := always, 0., 0.
	for _, i := range c.has[prompt] {
		a := c.all[i]
		kind, _ := a.split()
		if over := worth[i] - sum[kind]/number[kind]; a != always && over > most {
			best, most, worthOf = a, over, worth[i]
		}
	}
	if best == always { // all of it is about the mean of its kind
		return Why{Reason: Guess, Words: "Nothing speaks for it or against it: a try."}
	}
	w := Why{Attribute: best, Kept: t.kept[best], Shown: t.shown[best]}
	if thought := t.think(best); thought > 0 && 2*thought >= worthOf && w.Kept > 0 {
		w.Reason, w.Words = Liked, fmt.Sprintf("You kept %s.", of(w.Kept, w.Shown, pictures(best)))
		return w
	}
	w.Reason = Guess
	w.Words = fmt.Sprintf("You have seen no %s yet: a guess.", pictures(best))
	if w.Shown > 0 {
		w.Words = fmt.Sprintf("I am not sure about %s yet (%d of %d kept): a guess.", pictures(best), w.Kept, w.Shown)
	}
	return w
}

// whyNew is the reason of a round that explores.
func whyNew(t *taste, p Prompt) Why {
	a := attribute(kindThing, p.Thing)
	if g := attribute(kindGroup, p.Group); t.shown[g] == 0 {
		a = g
	}
	w := Why{Reason: Explore, Attribute: a, Kept: t.kept[a], Shown: t.shown[a]}
	w.Words = fmt.Sprintf("Something new: %s have not been shown yet.", pictures(a))
	if w.Shown > 0 {
		w.Words = fmt.Sprintf("Something rare: %s were shown only %s.", pictures(a), times(w.Shown))
	}
	return w
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func of(kept, shown int, what string) string {
	if shown == 1 {
		return "the only one so far of " + what
	}
	if kept == shown {
		return fmt.Sprintf("all %d %s", shown, what)
	}
	return fmt.Sprintf("%d of %d %s", kept, shown, what)
}

// pictures names the pictures with an attribute, in the plural.
func pictures(a Attribute) string {
	kind, word := a.split()
	switch kind {
	case kindGroup:
		switch word {
		case "sea":
			return "pictures of the sea"
		case "sky":
			return "pictures of the sky"
		}
		return "pictures of " + word
	case kindStyle:
		return "pictures in the style " + word
	case kindColour:
		return "pictures of things in " + word
	case kindLooks:
		return strings.TrimSpace(word + " pictures")
	}
	return "pictures of “" + word + "”"
}
