package coverage

import (
	"slices"
	"strings"
	"unicode"

	"github.com/limner-ai/limner/curate"
)

// What words say about hands.
const (
	handMain   = "a hand is the subject"
	handBeside = "a face or person with hands that do something"
	handWord   = "a word for a hand or its parts"
	handNone   = "no word for hands"
)

// besideHands are subgroups whose emoji show hands beside something else, as
// far as their names say.
var besideHands = []string{"face-hand", "person-gesture"}

var handWords = []string{"hand", "hands", "finger", "fingers", "thumb", "thumbs", "fist", "fists", "clapping", "handshake", "waving"}

// hands says what words say about hands in a picture.
func hands(e *curate.Entry) string {
	sub := e.Emoji.Subgroup
	switch {
	case strings.HasPrefix(sub, "hand-") || sub == "hands":
		return handMain
	case slices.Contains(besideHands, sub):
		return handBeside
	}
	for _, c := range e.Captions {
		if hasWord(c.Text, handWords) {
			return handWord
		}
	}
	for _, k := range e.Keywords {
		if hasWord(k, handWords) {
			return handWord
		}
	}
	return handNone
}

func hasWord(text string, words []string) bool {
	for w := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) }) {
		if slices.Contains(words, w) {
			return true
		}
	}
	return false
}

// tones are the skin tones of emoji of people.
func tones(e *curate.Entry) []string {
	t := slices.Compact(slices.Sorted(slices.Values(e.Emoji.Tones)))
	switch {
	case len(t) > 1:
		return one("several")
	case len(t) == 1:
		return t
	case e.Emoji.Group == "people-body":
		return one("none chosen")
	}
	return nil
}
