// Package concept says what a picture is a picture of, as coarsely as a fair
// test needs it: the man with dark skin and the woman with fair skin who both
// juggle are one concept, drawn by whomever. A model that has seen the one has
// as good as seen the other, so the two must not lie on both sides of a split
// into training and held-out pictures.
package concept

import (
	"path"
	"strings"
)

// Concept is a key, equal for pictures of the same concept: "emoji:" and code
// points in hexadecimal, or "name:" and words.
type Concept string

// Of returns the concept of a picture by the name of its file or of the
// picture itself: code points in hexadecimal as emoji fonts name their files
// ("1f939-1f3fb-200d-2640-fe0f.png", "emoji_u1f939_1f3fb.svg"), an emoji
// itself, or words ("Woman juggling: light skin tone"). It is "" if the name
// holds neither letter nor digit nor symbol.
func Of(name string) Concept {
	stem := path.Base(strings.ReplaceAll(name, `\`, "/"))
	if ext := path.Ext(stem); len(ext) > 1 && len(ext) <= 5 && !strings.Contains(ext, " ") {
		stem = strings.TrimSuffix(stem, ext)
	}
	if points, ok := parsePoints(stem); ok {
		return Emoji(points)
	}
	if points := []rune(stem); isEmoji(points) {
		return Emoji(points)
	}
	return Name(stem)
}
