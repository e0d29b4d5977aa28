package text

import (
	"slices"
	"strings"

	"github.com/limner-ai/limner/engine/tensor"
)

// Draws is a source of whole numbers in [0, n), n < 2³², that Compose takes:
// one after the other from the start of a stream.
func Draws(p tensor.Philox) func(n int) int {
	var block [4]uint32
	i := uint64(0)
	return func(n int) int {
		if i%4 == 0 {
			block = p.Block(i / 4)
		}
		x := block[i%4]
		i++
		return int(uint64(x) * uint64(n) >> 32)
	}
}

// Compose makes a prompt for a picture, another at every draw: in one of its
// languages, the first of which is taken as often as all others; with keywords
// or of keywords alone; with an article or without; with the style in one of
// the ways people put it, or without; and now and then a word less.
func Compose(d Description, draw func(n int) int) string {
	if len(d.Captions) == 0 && len(d.Keywords) == 0 {
		return brief(d.Style)
	}
	subject, first := d.pick(draw)
	keywords := 0
	switch way := draw(10); {
	case subject == "" || way == 0 && first && len(d.Keywords) > 1:
		return styled(some(d.Keywords, 2+draw(3), draw), d.Style, draw)
	case way < 3 && first:
		keywords = 1 + draw(2)
	}
	if draw(4) == 0 {
		subject = strings.ReplaceAll(subject, ": ", " ")
	}
	if draw(8) == 0 {
		subject = shortened(subject, draw)
	}
	article := draw(3) == 0
	if first && len(d.Captions) > 0 && d.Captions[0].Language == "en" {
		subject = withArticle(subject, article)
	}
	return styled(join(subject, some(d.Keywords, keywords, draw)), d.Style, draw)
}

// pick draws a caption and reports whether it is in the main language.
func (d Description) pick(draw func(int) int) (subject string, first bool) {
	var languages []string
	for _, c := range d.Captions {
		if !slices.Contains(languages, c.Language) {
			languages = append(languages, c.Language)
		}
	}
	if len(languages) == 0 {
		return "", true
	}
	at := 0
	if len(languages) > 1 && draw(2) == 0 {
		at = 1 + draw(len(languages)-1)
	}
	var of []Caption
	for _, c := range d.Captions {
		if c.Language == languages[at] {
			of = append(of, c)
		}
	}
	return of[draw(len(of))].Text, at == 0
}

// some draws n different keywords, fewer if there are not as many.
func some(keywords []string, n int, draw func(int) int) string {
	left := slices.Clone(keywords)
	var out []string
	for len(out) < n && len(left) > 0 {
		i := draw(len(left))
		out = append(out, left[i])
		left = slices.Delete(left, i, i+1)
	}
	return join(out...)
}

// shortened leaves out one word of three or more.
func shortened(s string, draw func(int) int) string {
	words := strings.Fields(s)
	if len(words) < 3 {
		return s
	}
	i := draw(len(words))
	return strings.Join(slices.Delete(words, i, i+1), " ")
}

// withArticle gives an English noun an indefinite article, or leaves out the
// one that it has.
func withArticle(s string, want bool) string {
	bare := s
	for _, a := range []string{"a ", "an ", "the "} {
		if rest, ok := strings.CutPrefix(s, a); ok {
			bare = rest
		}
	}
	switch {
	case !want:
		return bare
	case bare != s || bare == "":
		return s
	case strings.ContainsRune("aeiouAEIOU", rune(bare[0])):
		return "an " + bare
	}
	return "a " + bare
}

// styled names the style in one of several ways; one prompt in five does not.
func styled(subject, style string, draw func(int) int) string {
	way := draw(10)
	short := brief(style)
	switch {
	case style == "" || way < 2:
		return subject
	case subject == "":
		return short
	case way < 5:
		return subject + ", " + short
	case way < 6:
		return subject + ", " + style
	case way < 7:
		return style + " of " + subject
	case way < 8:
		return subject + ", " + short + " style"
	case way < 9:
		return subject + " in " + short + " style"
	}
	return short + " " + subject
}
