package mark

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// originLabel is that of Limner's own assertion.
const originLabel = "io.github.limner-ai.origin"

// watermarkName names the watermark's method and its version.
const watermarkName = "io.github.limner-ai.watermark.1"

// Origin is Limner's own assertion in Content Credentials: what the standard
// ones have no place for.
type Origin struct {
	ID        string          `cbor:"id" json:"id"`
	Prompt    string          `cbor:"prompt,omitempty" json:"prompt,omitempty"`
	Model     OriginModel     `cbor:"model" json:"model"`
	Data      OriginData      `cbor:"data" json:"data"`
	Watermark OriginWatermark `cbor:"watermark,omitzero" json:"watermark,omitzero"`
	// Inputs are the ingredients that are pictures, in order.
	Inputs []OriginInput `cbor:"inputs,omitempty" json:"inputs,omitempty"`
}

// OriginModel is the model that made a picture.
type OriginModel struct {
	Name    string `cbor:"name" json:"name"`
	Family  string `cbor:"family,omitempty" json:"family,omitempty"`
	Digest  string `cbor:"digest,omitempty" json:"digest,omitempty"`
	Version string `cbor:"version,omitempty" json:"version,omitempty"`
}

// OriginData is what the model was trained on.
type OriginData struct {
	Root       string         `cbor:"root,omitempty" json:"root,omitempty"`
	Licences   map[string]int `cbor:"licences,omitempty" json:"licences,omitempty"`
	Rights     string         `cbor:"rights,omitempty" json:"rights,omitempty"`
	Checkpoint string         `cbor:"checkpoint,omitempty" json:"checkpoint,omitempty"`
}

// OriginWatermark is the watermark in the pixels.
type OriginWatermark struct {
	Method string `cbor:"method" json:"method"`
	ID     string `cbor:"id" json:"id"` // hexadecimal
}

// OriginInput is an ingredient's bytes.
type OriginInput struct {
	Title  string `cbor:"title,omitempty" json:"title,omitempty"`
	SHA256 string `cbor:"sha256" json:"sha256"`
}

func (a *About) origin() Origin {
	o := Origin{ID: a.ID.String(), Prompt: a.Prompt,
		Model: OriginModel{a.Model.Name, a.Model.Family, a.Model.Digest, a.Model.Version},
		Data:  OriginData{a.Model.SetRoot, a.Model.Licences, a.Model.Rights, a.Model.Checkpoint}}
	if a.Watermarked {
		o.Watermark = OriginWatermark{watermarkName, a.shortID()}
	}
	for _, in := range a.Ingredients {
		digest := sha256.Sum256(in.File)
		o.Inputs = append(o.Inputs, OriginInput{in.Title, hex.EncodeToString(digest[:])})
	}
	return o
}

// shortID is the number in the watermark, as it is written.
func (a *About) shortID() string { return fmt.Sprintf("%08x", a.ID.Short()) }
