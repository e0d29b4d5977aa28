// Package paint is the studio's worker that makes pictures: it opens models,
// turns what clients ask for into requests to package generate, paints those of
// one shape in one pass, and shows previews while it does.
package paint

import "github.com/limner-ai/limner/internal/digest"

// Kind is the name of the worker.
const Kind = "paint"

// Spec is what a client asks for, whichever API it speaks. Pictures are named
// by the digests of files that were uploaded into the object store before: no
// path and no URL is ever opened.
type Spec struct {
	Model    string  `json:"model,omitempty"`    // "": the one that comes with Limner
	Prompt   string  `json:"prompt,omitempty"`   //
	Negative string  `json:"negative,omitempty"` // words for what is not wanted
	Class    string  `json:"class,omitempty"`    // of models with classes
	N        int     `json:"n"`                  // pictures; 0: 1
	Seed     *uint64 `json:"seed,omitempty"`     // nil: one is drawn, and noted
	First    int     `json:"first,omitempty"`    // number of the first picture of the seed

	Steps      int     `json:"steps,omitempty"`    // 0: as the model's maker chose
	Guidance   float64 `json:"guidance,omitempty"` // 0: as the model's maker chose
	Sampler    string  `json:"sampler,omitempty"`  // euler, heun
	Truncation float64 `json:"truncation,omitempty"`

	Image    digest.SHA256 `json:"image,omitzero"`      // zero: none
	Strength *float64      `json:"strength,omitempty"`  // nil: .6, with a mask 1
	Mask     digest.SHA256 `json:"mask,omitzero"`       // a picture: see MaskKind
	MaskKind string        `json:"mask_kind,omitempty"` // white (or ""): paint where it is light; clear: where it is transparent
	Style    digest.SHA256 `json:"style,omitzero"`
	From     *End          `json:"from,omitempty"` // of an interpolation of N pictures
	To       *End          `json:"to,omitempty"`

	Repair *Repair `json:"repair,omitempty"` // of image, inside mask or where inspectors point

	Width      int    `json:"width,omitempty"`      // of the file, in pixels; 0: the model's. The picture is enlarged
	Height     int    `json:"height,omitempty"`     // by whole pixels or smoothly, never cropped
	Background string `json:"background,omitempty"` // "" or transparent, or #rrggbb
	Format     string `json:"format,omitempty"`     // png (or ""), jpeg, webp
}

// End is where an interpolation begins or ends: a picture, or else words, or
// else a seed.
type End struct {
	Image  digest.SHA256 `json:"image,omitzero"`
	Prompt string        `json:"prompt,omitempty"`
	Seed   uint64        `json:"seed,omitempty"`
}

// Repair says how a picture is repaired.
type Repair struct {
	By     []string `json:"by,omitempty"`     // inspectors that point and choose; none: all
	Tries  int      `json:"tries,omitempty"`  // in each round; 0: 8
	Rounds int      `json:"rounds,omitempty"` // 0: 2
}
