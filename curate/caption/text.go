package caption

import (
	"path"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// What strangers write is bounded.
const (
	maxCaptions = 8   // of one language
	maxKeywords = 64  // of a picture
	maxRunes    = 400 // of a caption or keyword
)

// clean makes all white space single spaces, leaves out what controls
// a terminal or the direction of text, and cuts what is too long.
func clean(s string) string {
	if len(s) > 4*maxRunes {
		s = s[:4*maxRunes]
	}
	s = norm.NFC.String(strings.ToValidUTF8(s, ""))
	words := strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, s))
	if r := []rune(strings.Join(words, " ")); len(r) > maxRunes {
		return strings.TrimSpace(string(r[:maxRunes]))
	}
	return strings.Join(words, " ")
}

// distinct are the clean texts, each once whatever its case, at most n.
func distinct(texts []string, n int) []string {
	var out []string
	seen := map[string]bool{}
	for _, t := range texts {
		if t = clean(t); t == "" || seen[strings.ToLower(t)] {
			continue
		}
		if len(out) == n {
			break
		}
		seen[strings.ToLower(t)] = true
		out = append(out, t)
	}
	return out
}

// fileWords are the words in a file's name, without its ending.
func fileWords(p string) string {
	name := path.Base(p)
	return spaced(strings.TrimSuffix(name, path.Ext(name)))
}

// spaced writes a name with spaces for what joins its words.
func spaced(name string) string {
	return clean(strings.Map(func(r rune) rune {
		if r == '_' || r == '-' {
			return ' '
		}
		return r
	}, name))
}

// plain is a name to compare by: case, accents and punctuation do not count,
// & is a word.
func plain(name string) string {
	name = strings.ReplaceAll(name, "&", " and ")
	name = cases.Fold().String(norm.NFKD.String(clean(name)))
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r), r == '\'', r == '’':
			return -1
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '#', r == '*':
			return r
		}
		return ' '
	}, name)
	return strings.Join(strings.Fields(name), " ")
}
