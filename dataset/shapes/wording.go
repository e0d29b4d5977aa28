package shapes

import "strings"

// wordings is the number of ways in which worded puts a choice.
const wordings = 7

// worded puts a choice of a set with combinations into words, such as "a small
// red circle at the top left"; it tells what varies, and in some wordings
// leaves out the size.
func (c choice) worded(vary varied) string {
	size, texture := "", ""
	if vary.size {
		size = sizes[c.size].name
	}
	if c.texture > 0 {
		texture = textures[c.texture].name
	}
	kind, colour, at := reliefs()[c.kind].name, colours[c.colour].name, places[c.place]
	switch c.wording {
	case 0:
		return phrase(article(size, colour), size, colour, texture, kind, at.at)
	case 1:
		return phrase(colour, texture, kind) + ", " + at.name
	case 2:
		return at.at + ", " + phrase(article(colour), colour, texture, kind)
	case 3:
		return phrase(article(size, texture, kind), size, texture, kind, "in", colour, at.at)
	case 4:
		return phrase(article(colour), colour, texture, kind, at.at, "of the picture")
	case 5:
		return phrase(c.german(vary), at.german)
	}
	return phrase(at.german, c.german(vary))
}

// phrase joins those words that are not empty.
func phrase(words ...string) string {
	var b strings.Builder
	for _, w := range words {
		if w != "" && b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w)
	}
	return b.String()
}

// article is that of the first word that is not empty.
func article(words ...string) string {
	if strings.ContainsRune("aeiou", rune(phrase(words...)[0])) {
		return "an"
	}
	return "a"
}

// The same words in German: nouns with their gender, adjectives as stems, in
// the order of the lists of factors.
var (
	germanKinds = []struct{ article, ending, noun string }{
		{"ein", "er", "Kreis"}, {"ein", "es", "Quadrat"}, {"ein", "es", "Dreieck"}, {"ein", "er", "Stern"},
		{"ein", "er", "Ring"}, {"ein", "es", "Kreuz"}, {"eine", "e", "Mondsichel"}, {"ein", "es", "Herz"},
		{"ein", "er", "Tropfen"}, {"ein", "er", "Pfeil"},
	}
	germanColours = []string{"rot", "orangefarben", "gelb", "grün", "türkis", "blau", "violett", "rosafarben", "braun", "schwarz"}
	germanSizes   = []string{"klein", "mittelgroß", "groß"}
	germanTexture = []string{"", "gestreift", "gepunktet", "kariert"}
)

// german is the shape without its place, such as "ein kleiner roter Kreis".
func (c choice) german(vary varied) string {
	k := germanKinds[c.kind]
	inflect := func(stem string, told bool) string {
		if !told {
			return ""
		}
		return stem + k.ending
	}
	return phrase(k.article, inflect(germanSizes[c.size], vary.size), inflect(germanColours[c.colour], true),
		inflect(germanTexture[c.texture], c.texture > 0), k.noun)
}
