package source

import "time"

// Item is one picture with all that its source says about it.
type Item struct {
	// Path is its place within the source, with slashes, unique there and free
	// of "..": "noto/red-apple.svg".
	Path string
	// Data is the picture's file as it came.
	Data []byte
	// URL is where it was fetched from; empty for what came otherwise.
	URL   string
	Taken time.Time // when it was fetched; zero for what lay on disk

	Title   string
	Creator string
	// Holders are those who own rights in it, where the source names them.
	Holders []string
	// Captions are words for what it shows, the best of each language first.
	Captions []Caption
	Keywords []string
	// Codepoints is the emoji that it draws, as "1f34e" or "1f469-200d-1f692";
	// empty for other pictures.
	Codepoints string
	// Style names how it is drawn, where the source draws all in one way: "noto".
	Style string

	// Group names, unique within the source, those files of it that share a
	// statement: a stanza of a copyright file, an icon set. Empty for none.
	Group string
	// Statements are those about this file and about its group, beside the
	// source's own.
	Statements []Statement
	// Reservations are what was observed about its use before it was taken.
	// What the file itself carries is read by whoever takes it in.
	Reservations []Reservation
	// Sidecars are XMP packets that lie beside the file and speak of it; like
	// the file itself they are read by whoever takes it in.
	Sidecars []*Evidence
}

// Caption is a phrase in some language.
type Caption struct {
	Lang string `json:"lang"` // BCP 47: "en", "zh-Hant"
	Text string `json:"text"`
}
