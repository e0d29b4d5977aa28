package concept

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// plain replaces words of one gender by those without.
var plain = map[string]string{
	"man": "person", "woman": "person", "men": "people", "women": "people",
	"boy": "child", "girl": "child", "boys": "children", "girls": "children",
	"male": "", "female": "",
}

// Name returns the concept of a name in words: compatibility forms and case
// folded, punctuation and separators made single spaces, skin tones and
// numbers at the end left out, genders made neutral. "" if no word is left.
func Name(name string) Concept {
	text := cases.Fold().String(norm.NFKC.String(name))
	words := strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) && !unicode.IsSymbol(r)
	})
	words = withoutTones(words)
	for len(words) > 1 && isNumber(words[len(words)-1]) {
		words = words[:len(words)-1]
	}
	kept := words[:0]
	for _, w := range words {
		if n, ok := plain[w]; ok {
			w = n
		}
		if w != "" {
			kept = append(kept, w)
		}
	}
	if len(kept) == 0 {
		return ""
	}
	return Concept("name:" + strings.Join(kept, " "))
}

// withoutTones takes out "skin tone" with the words light, medium and dark
// before it.
func withoutTones(words []string) []string {
	var out []string
	for i := 0; i < len(words); i++ {
		if words[i] == "skin" && i+1 < len(words) && words[i+1] == "tone" {
			for len(out) > 0 && (out[len(out)-1] == "light" || out[len(out)-1] == "medium" || out[len(out)-1] == "dark") {
				out = out[:len(out)-1]
			}
			i++
			continue
		}
		out = append(out, words[i])
	}
	return out
}

func isNumber(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return !unicode.IsDigit(r) }) < 0
}
