package station

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed corpus.txt
var corpusText string

// Attribute is something that a picture was asked for with or turned out to
// have: kind, colon, word.
type Attribute string

// The kinds of attributes, with the deviation of what is thought of one before
// anything is known of it; keeping is 1, skipping is -1. Of single things little
// is expected: there are hundreds, and in each draw the luckiest would win.
const (
	kindThing  = "thing"
	kindGroup  = "group"
	kindStyle  = "style"
	kindColour = "colour"
	kindLooks  = "looks" // of the picture, once it is there
	always     = Attribute("always:")
)

var deviations = map[string]float64{kindThing: .15, kindGroup: .45, kindStyle: .45, kindColour: .2, kindLooks: .25, "always": .5}

func attribute(kind, word string) Attribute { return Attribute(kind + ":" + word) }

func (a Attribute) split() (kind, word string) {
	kind, word, _ = strings.Cut(string(a), ":")
	return kind, word
}

// deviation is that of the prior.
func (a Attribute) deviation() float64 {
	kind, _ := a.split()
	return deviations[kind]
}

// Prompt is something that can be painted.
type Prompt struct {
	Thing, Group, Style, Colour string // Colour may be ""
}

// Words is the prompt as the model reads it.
func (p Prompt) Words() string {
	words := strings.TrimSpace(p.Colour + " " + p.Thing)
	return article(words) + words + ", " + p.Style
}

// bare are the words that no article stands before, beside plurals.
var bare = []string{"sushi", "bread", "fire", "lightning", "popcorn", "broccoli", "corn", "thumbs up"}

func article(words string) string {
	plural := strings.HasSuffix(words, "s") && !strings.HasSuffix(words, "us") && !strings.HasSuffix(words, "ss")
	switch {
	case plural || slices.Contains(bare, words):
		return ""
	case strings.ContainsRune("aeio", rune(words[0])) || strings.HasPrefix(words, "um") || strings.HasPrefix(words, "hour"):
		return "an "
	}
	return "a "
}

// Attributes are those that the prompt is known by.
func (p Prompt) Attributes() []Attribute {
	out := []Attribute{always, attribute(kindGroup, p.Group), attribute(kindStyle, p.Style), attribute(kindThing, p.Thing)}
	if p.Colour != "" {
		out = append(out, attribute(kindColour, p.Colour))
	}
	return out
}

// Styles and colours that the prompts are made of.
var (
	styles  = []string{"3d", "flat", "noto", "twemoji"}
	colours = []string{"red", "orange", "yellow", "green", "blue", "purple", "pink", "black", "white"}
)

// Corpus is all prompts that can be chosen.
type Corpus []Prompt

// ReadCorpus reads groups of things: lines of "group: thing, thing*".
func ReadCorpus(text string) (Corpus, error) {
	var out Corpus
	for n, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		group, things, ok := strings.Cut(line, ":")
		if !ok {
			return nil, fmt.Errorf("corpus, line %d: want group: things", n+1)
		}
		for thing := range strings.SplitSeq(things, ",") {
			thing, coloured := strings.CutSuffix(strings.TrimSpace(thing), "*")
			if thing == "" {
				return nil, fmt.Errorf("corpus, line %d: a thing without a name", n+1)
			}
			for _, style := range styles {
				out = append(out, Prompt{Thing: thing, Group: group, Style: style})
				if !coloured {
					continue
				}
				for _, colour := range colours {
					out = append(out, Prompt{Thing: thing, Group: group, Style: style, Colour: colour})
				}
			}
		}
	}
	return out, nil
}
