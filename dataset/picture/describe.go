package picture

// Description is all that a set can say about a picture in words.
type Description struct {
	Captions []Caption
	Keywords []string
	Style    string // words for how it is drawn, no part of the captions; "" if none

	Concept string // what it shows, the same for all pictures of it in whatever style or variant; "" if unknown

	Licence string   // SPDX expression under which the picture may be used; "" if unknown
	Holders []string // of the rights in it, who want to be named
}

// Caption says in one language what a picture shows.
type Caption struct {
	Text     string
	Language string // BCP 47, "" if unknown
}

// Describer is a Set that knows more words about a picture than its label's
// caption.
type Describer interface {
	Describe(i int) (Description, error)
}

// Describe is what s knows about picture i in words: what a Describer says,
// otherwise the caption, otherwise the name of the class.
func Describe(s Set, i int) (Description, error) {
	if d, ok := s.(Describer); ok {
		return d.Describe(i)
	}
	l, err := s.Item(i, nil)
	if err != nil {
		return Description{}, err
	}
	text := l.Caption
	if text == "" && l.Class >= 0 {
		text = s.Classes()[l.Class]
	}
	if text == "" {
		return Description{}, nil
	}
	return Description{Captions: []Caption{{Text: text}}}, nil
}
