package c2pa

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/limner-ai/limner/mark/carrier"
)

// ingredient makes the assertion about an ingredient, and takes along the
// manifests that it carries (C2PA 2.4, sections 18.16.11 and 18.16.12).
func (b *builder) ingredient(in Ingredient, trust Trust) (ingredientMap, error) {
	if in.Relation != ParentOf && in.Relation != ComponentOf && in.Relation != InputTo {
		return ingredientMap{}, fmt.Errorf("the relation %q is none of %s, %s and %s", in.Relation, ParentOf, ComponentOf, InputTo)
	}
	x := ingredientMap{Title: in.Title, Format: in.Format, Relation: in.Relation, InstanceID: in.ID, Description: in.Description}
	for _, t := range in.Types {
		x.Types = append(x.Types, assetType{t})
	}
	if in.File == nil {
		return x, nil
	}
	report, root, err := history(in.File, trust)
	if err != nil || root == nil {
		return x, nil // a history that cannot be read cannot be carried on
	}
	active := report.Active().Label
	if !b.carry(root) {
		return x, nil
	}
	// An ingredient's manifest speaks for it.
	m := root.child(active)
	signature := m.child("c2pa.signature")
	if signature == nil {
		return x, nil
	}
	x.ActiveManifest = &hashedURI{URL: storeURL + "/" + active, Hash: sum(m.data), Alg: "sha256"}
	x.ClaimSignature = &hashedURI{URL: storeURL + "/" + active + "/c2pa.signature", Hash: sum(signature.data), Alg: "sha256"}
	x.Results = results(report)
	return x, nil
}

// history reads the manifests of a picture; root is nil without any.
func history(file []byte, trust Trust) (*Report, *box, error) {
	report, err := Read(file, trust)
	if errors.Is(err, ErrNone) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	store, _, err := carrier.Store(file)
	if err != nil {
		return nil, nil, err
	}
	root, err := parse(store)
	return report, root, err
}

// maxHistory bounds the manifests of ingredients that are carried, in bytes, so
// that no picture given makes what is made from it too large to be signed.
const maxHistory = 8 << 20

// carry takes the manifests of a store along. It takes none if there are too
// many, or if one of them has the label of another that is there already and is
// not the same.
func (b *builder) carry(root *box) bool {
	size := b.history
	for _, m := range root.children {
		old, ok := b.labels[m.label]
		switch {
		case ok && !bytes.Equal(old, m.data):
			return false
		case !ok:
			size += len(m.data)
		}
	}
	if size > maxHistory {
		return false
	}
	b.history = size
	for _, m := range root.children {
		if _, ok := b.labels[m.label]; m.kind == "jumb" && !ok {
			b.labels[m.label] = m.data
			b.carried = append(b.carried, plain("jumb", m.data))
		}
	}
	return true
}

// results are what was found when an ingredient was checked (section
// 18.16.12.4.3): in full for its active manifest, and for the manifests below
// it what their own ingredient assertions do not say already.
func results(report *Report) *validationResults {
	all := &validationResults{Active: &statusCodes{}, SpecVersion: specVersion}
	all.Active.add(report.Active().Statuses)
	byLabel := map[string]*Record{}
	for _, m := range report.Manifests {
		byLabel[m.Label] = m
	}
	for _, m := range report.Manifests {
		for _, p := range m.parts {
			below := byLabel[p.manifest]
			if below == nil {
				continue
			}
			d := ingredientDelta{URI: p.url}
			d.Deltas.add(slices.DeleteFunc(slices.Clone(below.Statuses), p.results.has))
			all.Deltas = append(all.Deltas, d)
		}
	}
	all.Active.fill()
	for i := range all.Deltas {
		all.Deltas[i].Deltas.fill()
	}
	return all
}

func (c *statusCodes) add(statuses []Status) {
	for _, s := range statuses {
		m := statusMap{s.Code, s.URL, s.Explanation}
		switch s.Kind {
		case Success:
			c.Success = append(c.Success, m)
		case Informational:
			c.Informational = append(c.Informational, m)
		case Failure:
			c.Failure = append(c.Failure, m)
		}
	}
}

// fill makes empty lists of nil ones, which would be encoded as null.
func (c *statusCodes) fill() {
	for _, l := range []*[]statusMap{&c.Success, &c.Informational, &c.Failure} {
		if *l == nil {
			*l = []statusMap{}
		}
	}
}

// has reports whether a status is among those recorded.
func (c *statusCodes) has(s Status) bool {
	if c == nil {
		return false
	}
	list := map[Kind][]statusMap{Success: c.Success, Informational: c.Informational, Failure: c.Failure}[s.Kind]
	return slices.ContainsFunc(list, func(m statusMap) bool { return m.Code == s.Code && m.URL == s.URL })
}

// ingredientParts is what is needed of an ingredient assertion after it was read.
type ingredientParts struct {
	url, manifest    string
	relation         string
	active, claimSig *hashedURI
	results          *statusCodes
	hasResults, isV3 bool
}

// readIngredient keeps an ingredient assertion for the report and for
// [verifier.checkIngredients], and gives its relation.
func (v *verifier) readIngredient(m *manifest, label string, b *box) string {
	r, url := m.record, m.url("c2pa.assertions/"+label)
	var in ingredientMap
	if err := decoding.Unmarshal(b.content("cbor"), &in); err != nil {
		r.fail(ingredientMalformed, url, err.Error())
		return ""
	}
	p := ingredientParts{url: url, relation: in.Relation, active: in.ActiveManifest, claimSig: in.ClaimSignature,
		isV3: assertionName(label) == labelIngredient, hasResults: in.Results != nil}
	if p.active == nil {
		p.active = in.C2PAManifest
	}
	if p.active != nil {
		p.manifest, _ = locate(p.active.URL, m.label)
	}
	if in.Results != nil {
		p.results = in.Results.Active
	}
	if in.Relation != ParentOf && in.Relation != ComponentOf && in.Relation != InputTo {
		r.fail(ingredientMalformed, url, fmt.Sprintf("the relation %q is not one of C2PA's", clean(in.Relation)))
	}
	if in.ActiveManifest != nil && in.Source != "" {
		r.fail(ingredientMalformed, url, "an ingredient with a manifest says its source type itself")
	}
	r.parts = append(r.parts, p)
	r.Ingredients = append(r.Ingredients, Part{clean(in.Title), clean(in.Format), clean(in.Relation), clean(in.InstanceID), clean(p.manifest)})
	return in.Relation
}

// checkIngredients verifies that the manifests of ingredients are those that
// were put in, and then themselves (section 15.11).
func (v *verifier) checkIngredients(m *manifest) {
	for _, p := range m.record.parts {
		r := m.record
		switch {
		case p.active == nil && p.relation != InputTo:
			r.inform(unknownProvenance, p.url, "the ingredient has no Content Credentials")
			continue
		case p.active == nil:
			continue
		case p.isV3 && !p.hasResults:
			r.fail(ingredientMalformed, p.url, "nobody recorded what was found when the ingredient was put in")
		}
		below, b, path := v.find(p.active.URL, m)
		if below == nil || b == nil || path != "" {
			r.fail(ingredientMissing, p.url, "the manifest of the ingredient is missing")
			continue
		}
		if v.wasRedacted(below) {
			v.checkHash(m, p, p.claimSig, ingredientSigMissing, ingredientSigMismatch, ingredientSignature)
		} else {
			v.checkHash(m, p, p.active, ingredientMissing, ingredientMismatch, ingredientValidated)
		}
		v.check(below)
	}
}

// checkHash compares what a hashed URI of an ingredient points to with its hash.
func (v *verifier) checkHash(m *manifest, p ingredientParts, u *hashedURI, missing, mismatch, match string) {
	if u == nil {
		m.record.fail(missing, p.url, "the ingredient does not name its signature")
		return
	}
	_, b, _ := v.find(u.URL, m)
	if b == nil {
		m.record.fail(missing, p.url, "the signature of the ingredient is missing")
		return
	}
	same, err := v.matches(*u, b, m)
	switch {
	case err != nil:
		m.record.fail(algorithmUnsupported, p.url, err.Error())
	case !same:
		m.record.fail(mismatch, p.url, "the manifest of the ingredient was altered")
	default:
		m.record.succeed(match, p.url)
	}
}

func (v *verifier) wasRedacted(m *manifest) bool {
	for a := range v.redacted {
		if strings.HasPrefix(a, m.label+"/") {
			return true
		}
	}
	return false
}
