package mark

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/limner-ai/limner/mark/c2pa"
	"github.com/limner-ai/limner/mark/carrier"
	"github.com/limner-ai/limner/mark/xmp"
)

// Seal gives a copy of a PNG, JPEG or WebP file with XMP and Content
// Credentials, as far as they are on. It must be the last change to the file: texts in a PNG, say, must be there before. Credentials that the file
// has already count as those of a picture that was edited.
func (m *Marker) Seal(file []byte, a About) ([]byte, error) {
	format, err := carrier.FormatOf(file)
	if err != nil {
		return nil, err
	}
	if a.When.IsZero() {
		a.When = time.Now()
	}
	a.clean()
	store, _, err := carrier.Store(file)
	if err != nil {
		return nil, line("mark the picture", err)
	}
	if store != nil {
		a.Edited = true
		a.Ingredients = slices.Concat([]Ingredient{{Title: a.Title, Format: string(format), File: file}}, a.Ingredients)
	}
	if !m.options.NoXMP {
		if file, err = xmp.Put(file, m.properties(a)); err != nil {
			return nil, line("mark the picture", err)
		}
	}
	if m.options.NoCredentials {
		return file, nil
	}
	sealed, err := c2pa.Sign(file, m.manifest(a), m.signer, m.trust)
	if err != nil {
		return nil, line("sign the picture", err)
	}
	return sealed, nil
}

// clean makes all texts valid UTF-8, as both XML and CBOR want them.
func (a *About) clean() {
	m := &a.Model
	for _, s := range []*string{&a.Title, &a.Prompt, &m.Name, &m.Family, &m.Digest, &m.Version, &m.SetRoot, &m.Rights, &m.Checkpoint} {
		*s = strings.ToValidUTF8(*s, "\uFFFD")
	}
	a.Ingredients = slices.Clone(a.Ingredients)
	for i := range a.Ingredients {
		in := &a.Ingredients[i]
		in.Title, in.Format = strings.ToValidUTF8(in.Title, "\uFFFD"), strings.ToValidUTF8(in.Format, "\uFFFD")
	}
}

func (a *About) sourceType() string {
	if a.Edited {
		return c2pa.Composite
	}
	return c2pa.Generated
}

func (m *Marker) properties(a About) xmp.Properties {
	p := xmp.Properties{SourceType: a.sourceType(), CreatorTool: m.generator(), Description: short(a.Prompt, 6000),
		Model: short(a.Model.Name, 500), Digest: a.Model.Digest, SetRoot: a.Model.SetRoot, Rights: short(a.Model.Rights, 2000), ID: a.ID.String()}
	if a.Watermarked {
		p.Watermark = a.shortID()
	}
	return p
}

// short cuts a text to at most n bytes: even if each becomes six in XML, a
// packet fits into a segment of JPEG. Content Credentials have all of it.
func short(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n-len("…")], "") + "…"
}

func (m *Marker) generator() string {
	if m.options.Version == "" {
		return generatorName
	}
	return generatorName + " " + m.options.Version
}

const generatorName = "Limner"

// manifest puts what is said of a picture into C2PA's words.
func (m *Marker) manifest(a About) c2pa.Manifest {
	oversight := "prompt_guided"
	if a.Prompt == "" && len(a.Ingredients) == 0 {
		oversight = "fully_autonomous"
	}
	out := c2pa.Manifest{
		Generator: generatorName, Version: m.options.Version, Title: a.Title,
		Disclosure: &c2pa.Disclosure{Model: a.Model.Name, Identifier: a.Model.Digest, Oversight: oversight},
		Others:     []c2pa.Assertion{{Label: originLabel, Content: a.origin()}},
	}
	var parent, placed []int
	for i, in := range a.Ingredients {
		relation := in.Relation
		switch {
		case relation != "":
		case a.Edited && i == 0:
			relation = c2pa.ParentOf
		default:
			relation = c2pa.InputTo
		}
		switch relation {
		case c2pa.ParentOf:
			parent = append(parent, i)
		case c2pa.ComponentOf:
			placed = append(placed, i)
		}
		format := in.Format
		if f, err := carrier.FormatOf(in.File); err == nil {
			format = cmp.Or(format, string(f))
		}
		format = cmp.Or(format, "application/octet-stream") // as a GIF or an SVG without a word
		out.Ingredients = append(out.Ingredients, c2pa.Ingredient{Title: in.Title, Format: format, Relation: relation, File: in.File})
	}
	out.Actions = m.actions(a, parent, placed)
	out.Ingredients = append(out.Ingredients, c2pa.Ingredient{
		Title: a.Model.Name, Format: "application/octet-stream", Relation: c2pa.InputTo, ID: a.Model.Digest,
		Types: []string{"c2pa.types.generator", "c2pa.types.model"}, Description: a.Model.describe(),
	})
	return out
}

// actions are in the order that the specification wants: the first says how the
// picture began.
func (m *Marker) actions(a About, parent, placed []int) []c2pa.Action {
	begun := c2pa.Action{Name: c2pa.Created, When: a.When, Source: a.sourceType()}
	if len(parent) > 0 {
		begun = c2pa.Action{Name: c2pa.Opened, When: a.When, Ingredients: parent}
	}
	all := []c2pa.Action{begun}
	if len(placed) > 0 {
		all = append(all, c2pa.Action{Name: c2pa.Placed, When: a.When, Ingredients: placed})
	}
	if len(parent) > 0 {
		all = append(all, c2pa.Action{Name: c2pa.Edited, When: a.When, Source: a.sourceType()})
	}
	if a.Watermarked {
		all = append(all, c2pa.Action{Name: c2pa.Watermarked, When: a.When})
	}
	return all
}

// describe is a line on a model for people.
func (m *Model) describe() string {
	s := "image model"
	if m.Family != "" {
		s += " of the family " + m.Family
	}
	switch {
	case m.Rights != "":
		s += "; rights in what it was trained on: " + m.Rights
	case m.SetRoot != "":
		s += ", trained on the data set " + m.SetRoot
	}
	return s
}
