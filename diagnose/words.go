package diagnose

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"

	"github.com/limner-ai/limner/dataset/picture"
)

// lexicon is what the training set's words say of its pictures.
type lexicon struct {
	n       int
	entries []entry
	of      map[string]int // pictures of a concept
}

type entry struct {
	text    string // first caption with the style, as prompts say it
	concept string
	words   map[string]bool // of captions in English and of keywords
	style   string
}

// read reads the words of all pictures.
func read(ctx context.Context, set picture.Set) (*lexicon, error) {
	l := &lexicon{n: set.Len(), of: map[string]int{}}
	for i := range set.Len() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		d, err := picture.Describe(set, i)
		if picture.IsSkip(err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("diagnose: %w", err)
		}
		e := entry{style: d.Style, words: map[string]bool{}}
		for k, c := range d.Captions {
			if k == 0 {
				e.text = c.Text
				base, _, _ := strings.Cut(c.Text, ":")
				e.concept = strings.ToLower(strings.TrimSpace(base))
			}
			if k == 0 || c.Language == "en" {
				put(e.words, c.Text)
			}
		}
		for _, k := range d.Keywords {
			put(e.words, k)
		}
		if d.Style != "" && e.text != "" {
			e.text += ", " + d.Style
		}
		l.of[e.concept]++
		l.entries = append(l.entries, e)
	}
	return l, nil
}

// put adds the words of a text.
func put(to map[string]bool, text string) {
	for w := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) }) {
		to[w] = true
	}
}

// prompt is what a picture is made of.
type prompt struct{ text, concept string }

// asked are the prompts: those given, over and over; else captions of the set,
// each concept once as far as they go; else those that come with Limner.
func asked(o Options, l *lexicon) []prompt {
	var all []prompt
	switch {
	case len(o.Prompts) > 0:
		for _, p := range o.Prompts {
			all = append(all, prompt{p, concept(p)})
		}
	case l != nil:
		all = l.prompts(o.Seed)
	}
	if len(all) == 0 {
		for _, p := range builtin {
			all = append(all, prompt{p, concept(p)})
		}
	}
	out := make([]prompt, o.N)
	for i := range out {
		out[i] = all[i%len(all)]
	}
	return out
}

// concept is what a prompt asks for without style and variant.
func concept(text string) string {
	base, _, _ := strings.Cut(text, ",")
	base, _, _ = strings.Cut(base, ":")
	return strings.ToLower(strings.TrimSpace(base))
}

// prompts are the captions in an order by the seed, first one of each concept.
func (l *lexicon) prompts(seed uint64) []prompt {
	order := rand.New(rand.NewPCG(seed, 11)).Perm(len(l.entries))
	seen := map[string]bool{}
	var first, rest []prompt
	for _, i := range order {
		e := l.entries[i]
		if e.text == "" {
			continue
		}
		p := prompt{e.text, e.concept}
		if seen[e.concept] {
			rest = append(rest, p)
			continue
		}
		seen[e.concept] = true
		first = append(first, p)
	}
	return slices.Concat(first, rest)
}

// count is how many pictures have one of some words.
func (l *lexicon) count(words []string) int {
	n := 0
	for _, e := range l.entries {
		if slices.ContainsFunc(words, func(w string) bool { return has(e, w) }) {
			n++
		}
	}
	return n
}

// has tells whether an entry speaks of something: all its words, and where there
// are several in the caption itself, in that order.
func has(e entry, what string) bool {
	if strings.Contains(what, " ") {
		return strings.Contains(strings.ToLower(e.text), what)
	}
	return e.words[what]
}

// builtin are prompts for a model whose set is not at hand.
var builtin = []string{
	"waving hand, 3d", "raised hand, 3d", "thumbs up, 3d", "victory hand, 3d", "OK hand, 3d", "handshake, 3d",
	"clapping hands, flat", "folded hands, 3d", "index pointing up, flat", "grinning face, 3d", "face with tears of joy, 3d",
	"thinking face, 3d", "man, 3d", "woman, flat", "old man, 3d", "child, 3d", "person running, flat", "woman dancing, 3d",
	"firefighter, 3d", "astronaut, 3d", "family, flat", "dog, 3d", "cat, flat", "horse, 3d", "lion, 3d", "elephant, 3d",
	"bird, flat", "fish, 3d", "butterfly, 3d", "octopus, 3d", "rose, 3d", "sunflower, flat", "tree, 3d", "cactus, 3d",
	"red apple, 3d", "banana, flat", "pizza, 3d", "hamburger, 3d", "birthday cake, 3d", "coffee, 3d", "wine glass, flat",
	"house, 3d", "castle, 3d", "church, flat", "car, 3d", "bus, flat", "train, 3d", "airplane, 3d", "rocket, 3d", "bicycle, flat",
	"sun, 3d", "rainbow, flat", "umbrella, 3d", "snowman, 3d", "football, 3d", "guitar, 3d", "book, flat", "key, 3d",
	"red heart, 3d", "gift, 3d",
}
