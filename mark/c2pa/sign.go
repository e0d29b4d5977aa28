package c2pa

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"github.com/limner-ai/limner/mark/carrier"
)

// Labels of assertions.
const (
	labelActions    = "c2pa.actions.v2"
	labelDisclosure = "c2pa.ai-disclosure"
	labelIngredient = "c2pa.ingredient.v3"
	labelDataHash   = "c2pa.hash.data"
)

// Sign gives a copy of a PNG, JPEG or WebP file with the manifest in it, signed. A
// manifest store that the file has is left out of the copy: who wants to keep
// it gives the file as an ingredient. trust is by whom the manifests of
// ingredients are checked; what is wrong with them is recorded, and no error.
//
// The hash that is signed covers all of the file but the store itself.
func Sign(file []byte, m Manifest, s *Signer, trust Trust) ([]byte, error) {
	b, err := newBuilder(m, s, trust)
	if err != nil {
		return nil, err
	}
	return b.put(file)
}

// put gives a copy of a file with the manifest in it.
func (b *builder) put(file []byte) ([]byte, error) {
	format, err := carrier.FormatOf(file)
	if err != nil {
		return nil, err
	}
	bare, start, err := carrier.Room(file)
	if err != nil {
		return nil, err
	}
	// The assertion says how long the store is that it lies in. A greater number
	// never makes the store shorter, so this ends, from below, at a length that
	// is true of itself.
	var frame []byte
	pad := []byte{}
	for length := 0; ; length = len(frame) {
		around := carrier.Around(format, bare, length)
		content := sha256.Sum256(around)
		store, err := b.store(dataHashMap{
			Exclusions: []exclusion{{int64(start), int64(length)}},
			Alg:        "sha256", Hash: content[:], Pad: pad, Name: "manifest store",
		})
		if err != nil {
			return nil, err
		}
		if len(store) > carrier.MaxStore {
			return nil, fmt.Errorf("the Content Credentials would have %d bytes, more than %d: give ingredients with shorter histories", len(store), carrier.MaxStore)
		}
		frame = carrier.Frame(format, store)
		// With padding inside of the store, nobody has to ask whether filling
		// after it counts.
		filling := carrier.Filling(format, store)
		if filling > 0 {
			pad = make([]byte, 1-len(pad))
		}
		if len(frame) == length && filling == 0 {
			return slices.Concat(around[:start], frame, around[start:]), nil
		}
	}
}

// builder holds what does not depend on the length of the store.
type builder struct {
	signer     *Signer
	label      string
	claim      claimMap
	assertions [][]byte          // superboxes, named in the claim
	carried    [][]byte          // manifests of ingredients
	labels     map[string][]byte // theirs, with what they hold
	history    int               // bytes of them
}

func newBuilder(m Manifest, s *Signer, trust Trust) (*builder, error) {
	switch {
	case len(m.Actions) == 0 || m.Actions[0].Name != Created && m.Actions[0].Name != Opened:
		return nil, errors.New("the first action of a manifest must be that the picture was created or opened")
	case m.Generator == "":
		return nil, errors.New("a manifest must name the program that made it")
	}
	b := &builder{signer: s, label: "urn:c2pa:" + uuid.NewString(), labels: map[string][]byte{}}
	b.claim = claimMap{
		Alg:        "sha256",
		InstanceID: "xmp:iid:" + uuid.NewString(),
		Info:       generatorInfo{m.Generator, m.Version},
		Signature:  b.url("c2pa.signature"),
		Title:      m.Title,
	}
	ingredients := make([]hashedURI, len(m.Ingredients))
	for i, in := range m.Ingredients {
		content, err := b.ingredient(in, trust)
		if err == nil {
			ingredients[i], err = b.assert(numbered(labelIngredient, i), content)
		}
		if err != nil {
			return nil, fmt.Errorf("ingredient %d: %w", i+1, err)
		}
	}
	actions, err := m.actions(ingredients)
	if err != nil {
		return nil, err
	}
	if _, err := b.assert(labelActions, actions); err != nil {
		return nil, err
	}
	others := m.Others
	if d := m.Disclosure; d != nil {
		content := disclosureMap{Type: "c2pa.types.model", Name: d.Model, Identifier: d.Identifier}
		if d.Oversight != "" {
			content.Profile = &contentProfile{d.Oversight}
		}
		others = slices.Concat([]Assertion{{labelDisclosure, content}}, others)
	}
	for _, a := range others {
		if _, err := b.assert(a.Label, a.Content); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func numbered(label string, i int) string {
	if i == 0 {
		return label
	}
	return label + "__" + strconv.Itoa(i)
}

func (m *Manifest) actions(ingredients []hashedURI) (actionsMap, error) {
	var all actionsMap
	for _, a := range m.Actions {
		x := actionMap{Action: a.Name, Source: a.Source, Description: a.Description, When: a.When.UTC(),
			Agent: &generatorInfo{m.Generator, m.Version}}
		for _, i := range a.Ingredients {
			if i < 0 || i >= len(ingredients) {
				return all, fmt.Errorf("the action %s is on ingredient %d, of which there are %d", a.Name, i, len(ingredients))
			}
			if x.Parameters == nil {
				x.Parameters = &actionParameters{}
			}
			x.Parameters.Ingredients = append(x.Parameters.Ingredients, ingredients[i])
		}
		all.Actions = append(all.Actions, x)
	}
	return all, nil
}

// url is that of a box in the manifest.
func (b *builder) url(label string) string { return storeURL + "/" + b.label + "/" + label }

// assert adds an assertion and names it in the claim.
func (b *builder) assert(label string, content any) (hashedURI, error) {
	data, err := encoding.Marshal(content)
	if err != nil {
		return hashedURI{}, fmt.Errorf("the assertion %s cannot be encoded: %w", label, err)
	}
	x := super(typeCBOR, label, plain("cbor", data))
	u := hashedURI{URL: "self#jumbf=c2pa.assertions/" + label, Hash: sum(x[8:])}
	b.assertions = append(b.assertions, x)
	b.claim.Created = append(b.claim.Created, u)
	return u, nil
}

// store is the manifest store with the data hash given.
func (b *builder) store(h dataHashMap) ([]byte, error) {
	last := *b
	last.assertions, last.claim.Created = slices.Clip(b.assertions), slices.Clip(b.claim.Created)
	if _, err := last.assert(labelDataHash, h); err != nil {
		return nil, err
	}
	claim, err := encoding.Marshal(last.claim)
	if err != nil {
		return nil, fmt.Errorf("the claim cannot be encoded: %w", err)
	}
	signature, err := b.signer.sign(claim)
	if err != nil {
		return nil, err
	}
	manifest := super(typeManifest, b.label,
		super(typeAssertions, "c2pa.assertions", last.assertions...),
		super(typeClaim, "c2pa.claim.v2", plain("cbor", claim)),
		super(typeSignature, "c2pa.signature", plain("cbor", signature)))
	return super(typeStore, "c2pa", append(slices.Clip(b.carried), manifest)...), nil
}
