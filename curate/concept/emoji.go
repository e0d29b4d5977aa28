package concept

import (
	"slices"
	"strconv"
	"strings"
)

const (
	joiner      = 0x200d // zero width joiner
	textStyle   = 0xfe0e // variation selectors 15 and 16
	emojiStyle  = 0xfe0f
	female      = 0x2640
	male        = 0x2642
	rightwards  = 0x27a1 // after a joiner: facing right
	keycap      = 0x20e3
	person      = 0x1f9d1
	child       = 0x1f9d2
	family      = 0x1f46a
	heart, kiss = 0x2764, 0x1f48b
)

func isTone(r rune) bool { return r >= 0x1f3fb && r <= 0x1f3ff }

// neutral replaces code points of one gender by those without (Unicode
// Technical Standard 51, section 2.2), and single code points by the sequence
// that shows the same.
var neutral = map[rune][]rune{
	0x1f468: {person}, 0x1f469: {person}, // man, woman
	0x1f466: {child}, 0x1f467: {child}, // boy, girl
	0x1f474: {0x1f9d3}, 0x1f475: {0x1f9d3}, // old man, old woman
	0x1f934: {0x1fac5}, 0x1f478: {0x1fac5}, // prince, princess
	0x1f930: {0x1fac4}, 0x1fac3: {0x1fac4}, // pregnant
	0x1f57a: {0x1f483},                                                     // dancing
	0x1f385: {person, joiner, 0x1f384}, 0x1f936: {person, joiner, 0x1f384}, // Father and Mother Christmas
	0x1f46b: {person, joiner, 0x1f91d, joiner, person}, // holding hands
	0x1f46c: {person, joiner, 0x1f91d, joiner, person},
	0x1f46d: {person, joiner, 0x1f91d, joiner, person},
	0x1f491: {person, joiner, heart, joiner, person},
	0x1f48f: {person, joiner, heart, joiner, kiss, joiner, person},
	0x1faf1: {0x1f91d}, 0x1faf2: {0x1f91d}, // the two hands of a handshake in two tones
}

// Emoji returns the concept of an emoji, without skin tones, genders,
// directions and variation selectors.
func Emoji(points []rune) Concept {
	var kept []rune
	for i, r := range points {
		switch {
		case r == textStyle || r == emojiStyle:
		case isTone(r) && len(points) > 1 && i > 0:
		case neutral[r] != nil:
			kept = append(kept, neutral[r]...)
		default:
			kept = append(kept, r)
		}
	}
	parts := split(kept)
	parts = slices.DeleteFunc(parts, func(p []rune) bool {
		return len(parts) > 1 && len(p) == 1 && (p[0] == female || p[0] == male || p[0] == rightwards)
	})
	people := func(p []rune) bool { return len(p) == 1 && (p[0] == person || p[0] == child) }
	hand := func(p []rune) bool { return len(p) == 1 && p[0] == 0x1f91d }
	switch {
	case len(parts) > 1 && !slices.ContainsFunc(parts, func(p []rune) bool { return !people(p) }):
		parts = [][]rune{{family}}
	case len(parts) > 1 && !slices.ContainsFunc(parts, func(p []rune) bool { return !hand(p) }):
		parts = parts[:1]
	}
	var b strings.Builder
	b.WriteString("emoji:")
	for i, p := range parts {
		if i > 0 {
			b.WriteString("-200d-")
		}
		for k, r := range p {
			if k > 0 {
				b.WriteByte('-')
			}
			b.WriteString(strconv.FormatInt(int64(r), 16))
		}
	}
	return Concept(b.String())
}

// split cuts a sequence at its joiners; empty parts fall out.
func split(points []rune) [][]rune {
	var parts [][]rune
	begin := 0
	for i := 0; i <= len(points); i++ {
		if i == len(points) || points[i] == joiner {
			if i > begin {
				parts = append(parts, points[begin:i])
			}
			begin = i + 1
		}
	}
	return parts
}

// parsePoints reads code points in hexadecimal, with - or _ or spaces between
// and u, u+ or emoji_u before them.
func parsePoints(s string) ([]rune, bool) {
	s = strings.ToLower(s)
	s = strings.TrimPrefix(strings.TrimPrefix(s, "emoji_"), "emoji-")
	var points []rune
	for _, f := range strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '_' || r == ' ' }) {
		f = strings.TrimPrefix(strings.TrimPrefix(f, "u"), "+")
		v, err := strconv.ParseUint(f, 16, 32)
		if err != nil || len(f) < 2 || len(f) > 6 || v > 0x10ffff {
			return nil, false
		}
		points = append(points, rune(v))
	}
	return points, isEmoji(points)
}

// isEmoji reports whether points may be an emoji: every one lies in a block
// that holds emoji or is one that combines with them. It is so generous that
// emoji of coming versions are recognised, and so narrow that words which
// happen to be hexadecimal (face, beef) are not.
func isEmoji(points []rune) bool {
	if len(points) == 0 {
		return false
	}
	for i, r := range points {
		switch {
		case r >= 0x2000 && r <= 0x33ff, r == emojiStyle, r == textStyle, r >= 0x1f000 && r <= 0x1fbff,
			r >= 0xe0020 && r <= 0xe007f && i > 0, r == 0xa9, r == 0xae:
		case (r >= '0' && r <= '9' || r == '#' || r == '*') && slices.Contains(points, keycap):
		default:
			return false
		}
	}
	return points[0] > 0x2010 || points[0] < 0x2000
}
