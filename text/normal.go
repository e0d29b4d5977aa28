package text

import (
	"iter"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Normal is the form in which texts are tokenised: compatibility composition
// (NFKC, Unicode Standard Annex 15) in lower case, where every run of white
// space and control characters is one space and none stands at the ends.
// Bytes that are not UTF-8 stay as they are.
func Normal(s string) string {
	s = norm.NFKC.String(s)
	out := make([]byte, 0, len(s))
	space := false
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			out = append(spaced(out, space), s[i])
			space = false
		case unicode.IsSpace(r) || unicode.IsControl(r):
			space = true
		default:
			out = utf8.AppendRune(spaced(out, space), unicode.ToLower(r))
			space = false
		}
		i += n
	}
	// The lower case of a composed character may be one that composes further.
	return norm.NFKC.String(string(out))
}

// spaced adds a space where one is due and is not the first of the text.
func spaced(out []byte, due bool) []byte {
	if due && len(out) > 0 {
		return append(out, ' ')
	}
	return out
}

// kind is what a character is to the splitting of words.
type kind uint8

const (
	letters  kind = iota // of scripts that put spaces between words
	han                  // runs of one of these three are words of their own,
	hiragana             // as Japanese has no spaces
	katakana
	single // digits and punctuation, each a word
	other  // symbols, emoji and bytes that are not UTF-8
	mark   // belongs to what stands before it
)

func kindOf(r rune) kind {
	switch {
	case r == 'ー' || r == '\u200d' || unicode.Is(unicode.M, r):
		return mark // with the joiner of emoji and the sign of a long vowel
	case unicode.Is(unicode.Han, r):
		return han
	case unicode.Is(unicode.Hiragana, r):
		return hiragana
	case unicode.Is(unicode.Katakana, r):
		return katakana
	case unicode.IsLetter(r):
		return letters
	case unicode.IsNumber(r) || unicode.IsPunct(r):
		return single
	}
	return other
}

// words splits a text in normal form into the units that pieces do not cross:
// runs of one kind of character, each with the space before it. A space is put
// before the first one, so that a word is the same wherever it stands.
func words(s string) iter.Seq[string] {
	return func(yield func(string) bool) {
		if s == "" {
			return
		}
		s = " " + s
		start, run := 0, mark
		for i := 0; i < len(s); {
			r, n := utf8.DecodeRuneInString(s[i:])
			k := kindOf(r)
			switch {
			case r == ' ': // begins a word, of whatever kind follows
			case i > start && s[start] == ' ' && i == start+1:
				run = k
				i += n
				continue
			case i-start+n > longest:
			case k == mark || k == run && k != single:
				i += n
				continue
			}
			if i > start && !yield(s[start:i]) {
				return
			}
			start, run = i, k
			i += n
		}
		if start < len(s) {
			yield(s[start:])
		}
	}
}

// head is the part of a long text that is read at all, cut between characters.
func head(s string) string {
	if len(s) <= prefix {
		return s
	}
	n := prefix
	for n > prefix-utf8.UTFMax && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
