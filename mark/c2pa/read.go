package c2pa

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/limner-ai/limner/mark/carrier"
)

// storeURL is the address of the manifest store in its file.
const storeURL = "self#jumbf=/c2pa"

// maxManifests bounds the work that a file asks for.
const maxManifests = 256

// ErrNone is wrapped where a file has no Content Credentials.
var ErrNone = errors.New("the file has no Content Credentials")

// Read checks the Content Credentials of a PNG, JPEG or WebP file. Whatever is wrong
// with them is in the report, by the specification's codes. Errors are a file
// that is no picture, that is cut off, or that has none, which wraps [ErrNone].
func Read(file []byte, trust Trust) (*Report, error) {
	store, at, err := carrier.Store(file)
	if err != nil {
		return nil, err
	}
	if store == nil {
		return nil, ErrNone
	}
	root, err := parse(store)
	if err != nil {
		return nil, err
	}
	v, err := newVerifier(root, trust)
	if err != nil {
		return nil, err
	}
	v.file, v.at = file, at
	if format, err := carrier.FormatOf(file); err == nil {
		v.filling = carrier.Filling(format, store)
	}
	return v.report(), nil
}

// manifest is one in a store, with its parts found.
type manifest struct {
	*box
	record     *Record
	claim      claimMap
	claimBox   *box
	assertions []box
	done       bool
}

// verifier checks a store.
type verifier struct {
	file      []byte
	at        carrier.Range // of the store
	filling   int           // bytes at its end that may be left out of the hash, or not
	trust     Trust
	manifests map[string]*manifest
	active    *manifest
	order     []*manifest     // as they were checked
	redacted  map[string]bool // assertions, as "manifest label/assertion label"
	digests   map[digested][]byte
}

func newVerifier(root *box, trust Trust) (*verifier, error) {
	if trust.At.IsZero() {
		trust.At = time.Now()
	}
	v := &verifier{trust: trust, manifests: map[string]*manifest{}, redacted: map[string]bool{}, digests: map[digested][]byte{}}
	for i := range root.children {
		x := &root.children[i]
		if x.kind != "jumb" {
			continue
		}
		if len(v.manifests) == maxManifests {
			return nil, fmt.Errorf("there are more than %d manifests", maxManifests)
		}
		if v.manifests[x.label] != nil {
			return nil, errors.New("two manifests have the same label, so that neither counts")
		}
		v.active = &manifest{box: x, record: &Record{Label: x.label}}
		v.manifests[x.label] = v.active
	}
	if v.active == nil {
		return nil, errors.New("the manifest store is malformed: it holds no manifest")
	}
	for _, m := range v.manifests {
		m.open()
	}
	return v, nil
}

func (v *verifier) report() *Report {
	v.gatherRedactions()
	v.check(v.active)
	r := &Report{}
	for _, m := range v.order {
		m.record.settle()
		r.Manifests = append(r.Manifests, m.record)
	}
	r.State = v.active.record.State
	return r
}

// gatherRedactions lists the assertions that claims say they removed from
// manifests of their ingredients (section 15.10.2).
func (v *verifier) gatherRedactions() {
	for _, m := range v.manifests {
		for _, u := range m.claim.Redacted {
			label, path := locate(u, m.label)
			if assertion, ok := strings.CutPrefix(path, "c2pa.assertions/"); ok {
				v.redacted[label+"/"+assertion] = true
			}
		}
	}
}

// check verifies a manifest and, after it, those of its ingredients.
func (v *verifier) check(m *manifest) {
	if m.done {
		return
	}
	m.done = true
	v.order = append(v.order, m)
	if m.claimBox == nil {
		return // open said why
	}
	v.checkSignature(m)
	v.checkAssertions(m)
	if m == v.active {
		v.checkContent(m)
	}
	v.checkIngredients(m)
}

// url is that of a box in a manifest.
func (m *manifest) url(path string) string { return storeURL + "/" + m.label + "/" + path }

// open finds the claim of a manifest and reads it (section 15.6).
func (m *manifest) open() {
	r := m.record
	for i := range m.children {
		c := &m.children[i]
		switch {
		case c.kind == "brob":
			r.fail(compressedInvalid, m.url(""), "the manifest is compressed, which is not read here")
			return
		case c.kind == "jumb" && c.use == typeClaim && m.claimBox != nil:
			m.claimBox = nil
			r.fail(claimMultiple, m.url(c.label), "there is more than one claim")
			return
		case c.kind == "jumb" && c.use == typeClaim:
			m.claimBox = c
		}
	}
	if m.claimBox == nil {
		r.fail(claimMissing, m.url("c2pa.claim.v2"), "there is no claim")
		return
	}
	url, data := m.url(m.claimBox.label), m.claimBox.content("cbor")
	m.record.Assertions = map[string]any{}
	if err := decoding.Wellformed(data); err != nil {
		r.fail(claimCBOR, url, err.Error())
		m.claimBox = nil
		return
	}
	if err := m.decode(data); err != nil {
		r.fail(claimMalformed, url, err.Error())
		m.claimBox = nil
		return
	}
	r.Title, r.Generator, r.Version = clean(m.claim.Title), clean(m.claim.Info.Name), clean(m.claim.Info.Version)
	if store := m.child("c2pa.assertions"); store != nil {
		m.assertions = store.children
	}
}

func (m *manifest) decode(data []byte) error {
	if m.claimBox.label == "c2pa.claim" {
		return m.decodeV1(data)
	}
	if err := decoding.Unmarshal(data, &m.claim); err != nil {
		return err
	}
	c := &m.claim
	if c.InstanceID == "" || c.Signature == "" || len(c.Created) == 0 || c.Info.Name == "" {
		return errors.New("the claim lacks its instance, its signature, its assertions or its generator's name")
	}
	return nil
}

func (m *manifest) decodeV1(data []byte) error {
	var old claimMapV1
	if err := decoding.Unmarshal(data, &old); err != nil {
		return err
	}
	var shared struct {
		Alg       string   `cbor:"alg"`
		Signature string   `cbor:"signature"`
		Title     string   `cbor:"dc:title"`
		Redacted  []string `cbor:"redacted_assertions"`
	}
	if err := decoding.Unmarshal(data, &shared); err != nil {
		return err
	}
	if shared.Signature == "" || len(old.Assertions) == 0 {
		return errors.New("the claim lacks its signature or its assertions")
	}
	m.claim = claimMap{Alg: shared.Alg, Signature: shared.Signature, Title: shared.Title, Redacted: shared.Redacted,
		Created: old.Assertions, Info: generatorInfo{Name: old.Generator}}
	return nil
}

// locate splits a JUMBF URI into the label of a manifest, the one that it is
// said in if it is relative, and the path in it (section 8.2).
func locate(url, own string) (label, path string) {
	rest, ok := strings.CutPrefix(url, "self#jumbf=")
	if !ok {
		return "", ""
	}
	if rest, ok = strings.CutPrefix(rest, "/c2pa/"); !ok {
		return own, rest
	}
	label, path, _ = strings.Cut(rest, "/")
	return label, path
}

// find resolves a JUMBF URI; path is empty for a whole manifest.
func (v *verifier) find(url string, from *manifest) (at *manifest, b *box, path string) {
	label, path := locate(url, from.label)
	at = v.manifests[label]
	if at == nil {
		return nil, nil, path
	}
	b = at.box
	if path == "" {
		return at, b, path
	}
	for step := range strings.SplitSeq(path, "/") {
		if b = b.child(step); b == nil {
			return at, nil, path
		}
	}
	return at, b, path
}

// clean makes text from a stranger fit to be shown: valid, and not too long.
func clean(s string) string {
	const most = 2000
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
