package release

import (
	"cmp"
	"encoding/hex"
	"fmt"

	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/mark"
	"github.com/limner-ai/limner/model/trained"
)

// idOf reads the ID of an origin.
func idOf(o *generate.Origin) (id mark.ID, err error) {
	b, err := hex.DecodeString(o.ID)
	if err != nil || len(b) != len(id) {
		return id, fmt.Errorf("the ID %q of a picture is not %d hexadecimal digits", o.ID, 2*len(id))
	}
	copy(id[:], b)
	return id, nil
}

// about is what the marks say of a picture.
func about(m *trained.Manifest, pic *Picture, id mark.ID, watermarked bool) mark.About {
	o, b := &pic.Origin, m.Data.Basis
	return mark.About{
		ID: id, Edited: pic.Edited, Watermarked: watermarked,
		Title: cmp.Or(o.Prompt, o.Class, m.Name), Prompt: o.Prompt,
		Model: mark.Model{
			Name: m.Name, Family: m.Family, Digest: o.Digest, Version: m.Made.Code,
			SetRoot: root(m), Licences: m.Licences(), Rights: o.Rights, Checkpoint: b.Checkpoint,
		},
		Ingredients: pic.Given,
	}
}

// root names the data set that a model was trained on.
func root(m *trained.Manifest) string { return m.Grounds()[0].Root }
