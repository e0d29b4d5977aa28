// Package box holds the model that comes with Limner: words to pictures of
// 64×64 with transparency, trained on emoji under permissive licences. What it
// was trained on, and by whose leave, its manifest says; ATTRIBUTION.md names
// the holders.
package box

import (
	"bytes"
	_ "embed"

	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
)

// Name is what the model is called.
const Name = "emoji"

//go:embed emoji.safetensors
var file []byte

// Attribution names the holders of rights in the pictures that the model was
// trained on, with their licences, as Markdown.
//
//go:embed ATTRIBUTION.md
var Attribution string

// Open verifies the model and makes it ready.
func Open(families []model.Family, engine trained.Engine) (*trained.Model, error) {
	return trained.Read("the built-in model "+Name, bytes.NewReader(file), int64(len(file)), families, engine)
}

// Size is the length of the model file in bytes.
func Size() int { return len(file) }
