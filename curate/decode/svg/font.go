package svg

import (
	"codeberg.org/go-fonts/liberation/liberationmonoregular"
	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"codeberg.org/go-fonts/liberation/liberationserifregular"
)

// typefaces are the fonts that documents with text are set in; no font of the
// machine is, so that a document looks the same everywhere.
func typefaces() []any {
	return []any{liberationsansregular.TTF, liberationsansbold.TTF, liberationserifregular.TTF, liberationmonoregular.TTF}
}
