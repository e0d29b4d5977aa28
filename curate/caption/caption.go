// Package caption puts words to pictures: what their source says of them, the
// names of their files, and what emojibase (labels, tags, short names, groups
// and skin tones in several languages) and emojilib (keywords) know about the
// emoji that they draw. It says what words say; it looks at no picture.
package caption

import (
	"slices"
	"strings"

	"github.com/limner-ai/limner/source"
)

// Item is what is known of a picture beforehand.
type Item struct {
	Path       string // within its source
	Title      string
	Captions   []source.Caption
	Keywords   []string
	Codepoints string // of the emoji that it draws, "1f44b-1f3fb"; may be empty
	Style      string // the source's name for how it is drawn
	// Named says that the file, or the title, is named as emoji are, so that
	// its code points may be found by that name.
	Named bool
}

// Words are the words for a picture.
type Words struct {
	Captions []source.Caption // in the order of the languages, the best of each first
	Keywords []string         // in the first language, and the source's own
	Emoji    Emoji            // zero if the picture draws none that is known
}

// Emoji is what emojibase says about an emoji.
type Emoji struct {
	Codepoints string `json:"codepoints"` // as emojibase writes them, in small letters
	Group      string `json:"group,omitempty"`
	Subgroup   string `json:"subgroup,omitempty"`
	// Tones are the skin tones, "light" to "dark", of each person in it.
	Tones  []string `json:"tones,omitempty"`
	Gender string   `json:"gender,omitempty"` // female or male, if one alone is named
}

// Writer puts words to pictures in some languages.
type Writer struct {
	data   *Data
	styles map[string]string
}

// NewWriter returns a writer with words for styles: what it holds for a style
// is added to every caption, nothing if that is empty, and the style's own name
// if it is not there. Data may come from Read, or from None.
func NewWriter(data *Data, styles map[string]string) *Writer { return &Writer{data, styles} }

// Join returns the words for a picture.
func (w *Writer) Join(it Item) Words {
	var out Words
	e := w.data.find(it)
	if e != nil {
		out.Emoji = e.Emoji
	}
	for i, lang := range w.data.languages {
		var texts []string
		if e != nil {
			texts = append(texts, e.labels[i])
		}
		for _, c := range it.Captions {
			if strings.EqualFold(c.Lang, lang) {
				texts = append(texts, c.Text)
			}
		}
		if i == 0 {
			texts = append(texts, it.Title)
			if !slices.ContainsFunc(texts, func(t string) bool { return clean(t) != "" }) {
				texts = append(texts, fileWords(it.Path))
			}
		}
		for _, text := range distinct(texts, maxCaptions) {
			out.Captions = append(out.Captions, source.Caption{Lang: lang, Text: w.styled(text, it.Style)})
		}
	}
	keywords := slices.Clone(it.Keywords)
	if e != nil {
		keywords = append(e.words(), keywords...)
	}
	out.Keywords = distinct(keywords, maxKeywords)
	return out
}

// styled adds the words for a style.
func (w *Writer) styled(text, style string) string {
	words, ok := w.styles[style]
	if !ok {
		words = spaced(style)
	}
	if words = clean(words); words == "" {
		return text
	}
	return text + ", " + words
}

// words are the keywords of an emoji: tags, short names, tones.
func (e *emoji) words() []string {
	out := slices.Clone(e.tags)
	for _, s := range e.shortcodes {
		out = append(out, spaced(s))
	}
	for _, t := range e.Tones {
		out = append(out, t+" skin tone")
	}
	return out
}
