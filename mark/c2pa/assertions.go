package c2pa

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// digested is a box and an algorithm. Each is hashed once, however often a
// hostile file points to it.
type digested struct {
	b   *box
	alg string
}

// matches compares what a hashed URI points to with its hash.
func (v *verifier) matches(u hashedURI, b *box, m *manifest) (bool, error) {
	key := digested{b, cmp.Or(u.Alg, m.claim.Alg)}
	sum, ok := v.digests[key]
	if !ok {
		h, err := hashing(key.alg)
		if err != nil {
			return false, err
		}
		h.Write(b.data)
		sum = h.Sum(nil)
		v.digests[key] = sum
	}
	return bytes.Equal(sum, u.Hash), nil
}

// assertionName splits the number from a label: c2pa.ingredient.v3__1.
func assertionName(label string) string {
	name, _, _ := strings.Cut(label, "__")
	return name
}

// checkAssertions verifies that the assertions of a manifest are those that
// the claim names, unchanged (C2PA 2.4, section 15.10).
func (v *verifier) checkAssertions(m *manifest) {
	r := m.record
	declared := map[string]bool{}
	bindings, parents := 0, 0
	var actions []*box
	for _, u := range slices.Concat(m.claim.Created, m.claim.Gathered) {
		at, b, path := v.find(u.URL, m)
		label, inStore := strings.CutPrefix(path, "c2pa.assertions/")
		if at != m || !inStore {
			r.fail(outsideManifest, clean(u.URL), "the claim names an assertion that is not in its manifest")
			continue
		}
		if declared[label] {
			continue
		}
		declared[label] = true
		name := assertionName(label)
		if v.redacted[m.label+"/"+label] {
			if strings.HasPrefix(name, "c2pa.actions") {
				r.fail(actionRedacted, m.url(path), "actions cannot be redacted")
			}
			continue
		}
		if b == nil {
			r.fail(assertionMissing, m.url(path), "an assertion that the claim names is missing")
			continue
		}
		same, err := v.matches(u, b, m)
		switch {
		case err != nil:
			r.fail(algorithmUnsupported, m.url(path), err.Error())
		case !same:
			r.fail(assertionMismatch, m.url(path), "the assertion was altered")
		default:
			r.succeed(assertionMatch, m.url(path))
		}
		v.remember(m, label, b)
		switch {
		case isBinding(name):
			bindings++
		case name == "c2pa.actions" || name == labelActions:
			actions = append(actions, b)
		case strings.HasPrefix(name, "c2pa.ingredient"):
			if v.readIngredient(m, label, b) == ParentOf {
				parents++
			}
		}
	}
	for i, b := range actions { // after the ingredients that they name
		v.checkActions(m, b, i == 0)
	}
	for _, u := range m.claim.Redacted {
		if label, _ := locate(u, m.label); label == m.label {
			r.fail(selfRedacted, clean(u), "a claim cannot redact its own assertions")
		}
	}
	for _, a := range m.assertions {
		if a.kind == "jumb" && !declared[a.label] {
			r.fail(undeclared, m.url("c2pa.assertions/"+clean(a.label)), "an assertion is not named in the claim")
		}
	}
	switch {
	case bindings > 1:
		r.fail(multipleBindings, m.url("c2pa.assertions"), "the content is bound twice")
	case bindings == 0 && m.use != typeUpdate:
		r.fail(bindingsMissing, m.url("c2pa.claim.v2"), "nothing binds the manifest to content")
	}
	if parents > 1 {
		r.fail(multipleParents, m.url("c2pa.claim.v2"), "there is more than one parent")
	}
}

func isBinding(name string) bool {
	return strings.HasPrefix(name, "c2pa.hash.") && !strings.HasSuffix(name, ".part") && name != "c2pa.hash.multi-asset"
}

// remember keeps the content of an assertion for the report.
func (v *verifier) remember(m *manifest, label string, b *box) {
	url := m.url("c2pa.assertions/" + label)
	if data := b.content("json"); data != nil {
		var x any
		if err := json.Unmarshal(data, &x); err != nil {
			m.record.fail(jsonInvalid, url, err.Error())
			return
		}
		m.record.Assertions[clean(label)] = x
		return
	}
	if data := b.content("cbor"); data != nil {
		var x any
		err := decoding.Wellformed(data)
		if err == nil {
			err = decoding.Unmarshal(data, &x)
		}
		if err != nil {
			m.record.fail(cborInvalid, url, err.Error())
			return
		}
		m.record.Assertions[clean(label)] = plainValue(x)
	}
}

// plainValue makes of what CBOR can say what JSON can.
func plainValue(x any) any {
	switch x := x.(type) {
	case map[any]any:
		m := make(map[string]any, len(x))
		for k, v := range x {
			m[fmt.Sprint(k)] = plainValue(v)
		}
		return m
	case []any:
		for i := range x {
			x[i] = plainValue(x[i])
		}
		return x
	case nil, bool, string, []byte, int64, uint64, json.Number:
		return x
	case float64:
		if x != x || x-x != 0 { // JSON has neither
			return fmt.Sprint(x)
		}
		return x
	}
	if t, ok := x.(interface{ MarshalText() ([]byte, error) }); ok {
		if text, err := t.MarshalText(); err == nil {
			return string(text)
		}
	}
	return fmt.Sprint(x)
}

// checkActions reads actions and checks their order and their ingredients
// (section 15.10.3.2.3).
func (v *verifier) checkActions(m *manifest, b *box, first bool) {
	r, url := m.record, m.url("c2pa.assertions/"+clean(b.label))
	var list struct {
		Actions []actionRead `cbor:"actions"`
	}
	if err := decoding.Unmarshal(b.content("cbor"), &list); err != nil || len(list.Actions) == 0 {
		r.fail(actionMalformed, url, cmp.Or(err, errors.New("there are no actions")).Error())
		return
	}
	for i, a := range list.Actions {
		r.Actions = append(r.Actions, a.done())
		if (a.Action == Created || a.Action == Opened) && (!first || i > 0) {
			r.fail(actionMalformed, url, "only the first action can be that the picture was created or opened")
		}
		wanted := map[string]string{Opened: ParentOf, Placed: ComponentOf}[a.Action]
		if wanted == "" {
			continue
		}
		on := a.Parameters.Ingredients
		if a.Parameters.Ingredient.URL != "" { // actions of version 1
			on = append(on, a.Parameters.Ingredient)
		}
		if len(on) == 0 || a.Action == Opened && len(on) > 1 {
			r.fail(actionIngredient, url, "the action "+a.Action+" does not name its ingredient")
			continue
		}
		for _, u := range on {
			if why := v.badReference(m, u, wanted); why != "" {
				r.fail(actionIngredient, url, why)
			}
		}
	}
}

// badReference says what is wrong with an action's ingredient.
func (v *verifier) badReference(m *manifest, u hashedURI, relation string) string {
	at, b, path := v.find(u.URL, m)
	if at != m || b == nil {
		return "an action names an ingredient that is not there"
	}
	if same, err := v.matches(u, b, m); err != nil || !same {
		return "an action's ingredient was altered"
	}
	url := m.url(path)
	for _, p := range m.record.parts {
		if p.url == url && p.relation == relation {
			return ""
		}
	}
	return "an action's ingredient has the wrong relation"
}
