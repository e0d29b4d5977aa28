package c2pa

import (
	"bytes"
	"crypto/x509"
	"slices"
	"testing"
	"time"

	"github.com/veraison/go-cose"

	"github.com/limner-ai/limner/mark/carrier"
)

// forge signs a manifest that change made wrong.
func forge(t *testing.T, id identity, m Manifest, change func(b *builder)) []byte {
	t.Helper()
	b, err := newBuilder(m, id.signer, id.trust)
	if err != nil {
		t.Fatal(err)
	}
	change(b)
	out, err := b.put(pngFile(t))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func wantFailure(t *testing.T, r *Report, code string) {
	t.Helper()
	if r.State == Trusted || !slices.ContainsFunc(r.Failures(), func(s Status) bool { return s.Code == code }) {
		t.Errorf("%s, want %s: %+v", r.State, code, r.Failures())
	}
}

// What is altered after signing is named.
func TestAlterations(t *testing.T) {
	id := newIdentity(t, nil)
	for name, file := range map[string][]byte{"png": sign(t, pngFile(t), created(), id), "jpeg": sign(t, jpegFile(t), created(), id), "webp": sign(t, webpFile(t), created(), id)} {
		_, at, err := carrier.Store(file)
		if err != nil {
			t.Fatal(err)
		}
		crc, pixels := 0, len(file)-20
		switch name {
		case "png":
			crc = 4
		case "webp":
			pixels = at.Start - 20 // the store is last
			if at.Length%2 == 0 && file[at.End()-1] == 0 {
				crc = 1 // filling
			}
		}
		for what, c := range map[string]struct {
			at   int
			code string
		}{
			"pixels":    {pixels, dataHashMismatch},
			"header":    {at.Start - 1, dataHashMismatch},
			"signature": {at.End() - crc - 1, signatureMismatch},
			"claim":     {bytes.Index(file, []byte("a cat")), signatureMismatch},
			"assertion": {bytes.Index(file, []byte("setRoot")), assertionMismatch},
		} {
			altered := bytes.Clone(file)
			altered[c.at] ^= 1
			r, err := Read(altered, id.trust)
			if what == "header" && err != nil {
				continue // no longer a picture
			}
			if err != nil {
				t.Fatalf("%s, %s: %v", name, what, err)
			}
			t.Run(name+" "+what, func(t *testing.T) { wantFailure(t, r, c.code) })
		}
		if r := read(t, append(bytes.Clone(file), 0), id.trust); r.State != Invalid {
			t.Errorf("%s with a byte more is %s", name, r.State)
		}
	}
}

// A bit turned anywhere is noticed, or changes nothing of what is said.
func TestNoBitCanLie(t *testing.T) {
	id := newIdentity(t, nil)
	file := sign(t, pngFile(t), created(), id)
	_, at, _ := carrier.Store(file)
	truth := read(t, file, id.trust).Active()
	for i := range file {
		if at.Start <= i && i < at.End() && i%3 != 0 {
			continue // a third of the store says as much
		}
		altered := bytes.Clone(file)
		altered[i] ^= 1 << (i / 3 % 8)
		r, err := Read(altered, id.trust)
		if err != nil || r.State != Trusted {
			continue
		}
		if i < at.Start || i >= at.End() {
			t.Errorf("byte %d of the picture can be altered", i)
		}
		a := r.Active()
		if a.Title != truth.Title || a.Signer != truth.Signer || !slices.Equal(a.Actions, truth.Actions) ||
			!slices.Equal(a.Ingredients, truth.Ingredients) || len(a.Assertions) != len(truth.Assertions) {
			t.Errorf("byte %d changes what is said, and the signature holds", i)
		}
	}
}

func TestManifestsThatAreWrong(t *testing.T) {
	id := newIdentity(t, nil)
	parent := sign(t, pngFile(t), created(), id)
	edit := func(relation ...string) Manifest {
		m := created()
		for i, r := range relation {
			m.Ingredients = append(m.Ingredients, Ingredient{Relation: r, File: parent})
			if i == 0 {
				m.Actions = []Action{{Name: Opened, Ingredients: []int{1}}}
			}
		}
		return m
	}
	actions := func(a ...Action) Manifest {
		m := created()
		m.Actions = append(m.Actions, a...)
		return m
	}
	nothing := func(*builder) {}
	for code, c := range map[string]struct {
		m      Manifest
		change func(b *builder)
	}{
		assertionMissing: {created(), func(b *builder) {
			b.claim.Created = append(b.claim.Created, hashedURI{URL: "self#jumbf=c2pa.assertions/none", Hash: []byte{1}})
		}},
		outsideManifest: {created(), func(b *builder) {
			b.claim.Created = append(b.claim.Created, hashedURI{URL: "https://example.org/assertion", Hash: []byte{1}})
		}},
		undeclared: {created(), func(b *builder) {
			b.assertions = append(b.assertions, super(typeCBOR, "extra", plain("cbor", []byte{0xA0})))
		}},
		cborInvalid:      {created(), func(b *builder) { b.raw("org.example.x", []byte{0x9F}) }},
		multipleBindings: {created(), func(b *builder) { b.assert(labelDataHash+"__1", dataHashMap{Hash: []byte{}, Pad: []byte{}}) }},
		algorithmUnsupported: {created(), func(b *builder) {
			b.claim.Created[0].Alg = "md5"
		}},
		selfRedacted:        {created(), func(b *builder) { b.claim.Redacted = []string{b.url("c2pa.assertions/" + labelActions)} }},
		claimMalformed:      {created(), func(b *builder) { b.claim.InstanceID = "" }},
		signatureMissing:    {created(), func(b *builder) { b.claim.Signature = "self#jumbf=c2pa.assertions/" + labelActions }},
		actionMalformed:     {actions(Action{Name: Created}), nothing},
		actionIngredient:    {actions(Action{Name: Placed}), nothing},
		multipleParents:     {edit(ParentOf, ParentOf), nothing},
		ingredientMissing:   {edit(ParentOf), func(b *builder) { b.carried = nil }},
		ingredientMismatch:  {edit(ParentOf), func(b *builder) { b.carried[0][bytes.Index(b.carried[0], []byte("a cat"))] ^= 1 }},
		ingredientMalformed: {created(), func(b *builder) { b.assert(numbered(labelIngredient, 9), ingredientMap{Relation: "friendOf"}) }},
	} {
		t.Run(code, func(t *testing.T) { wantFailure(t, read(t, forge(t, id, c.m, c.change), id.trust), code) })
	}
}

// raw adds an assertion of bytes that need not be CBOR.
func (b *builder) raw(label string, data []byte) {
	x := super(typeCBOR, label, plain("cbor", data))
	b.assertions = append(b.assertions, x)
	b.claim.Created = append(b.claim.Created, hashedURI{URL: "self#jumbf=c2pa.assertions/" + label, Hash: sum(x[8:])})
}

// The actions of an edit may name its parent alone, whatever stands in between.
func TestActionsNameTheirIngredients(t *testing.T) {
	id := newIdentity(t, nil)
	m := created()
	m.Ingredients = append(m.Ingredients, Ingredient{Relation: InputTo, File: pngFile(t)})
	m.Actions = []Action{{Name: Opened, Ingredients: []int{1}}}
	wantFailure(t, read(t, sign(t, pngFile(t), m, id), id.trust), actionIngredient)
}

func TestHashesThatLeaveOutTooMuch(t *testing.T) {
	id := newIdentity(t, nil)
	for name, c := range map[string]struct {
		exclusions []exclusion
		code       string
	}{
		"nothing":    {nil, dataHashMismatch},
		"all":        {[]exclusion{{0, 1 << 40}}, dataHashMismatch},
		"overflow":   {[]exclusion{{1 << 62, 1 << 62}}, dataHashMismatch},
		"negative":   {[]exclusion{{10, -5}}, dataHashMalformed},
		"out of row": {[]exclusion{{100, 5}, {50, 5}}, dataHashMalformed},
		"elsewhere":  {[]exclusion{{40, 7}}, dataHashMismatch},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := newBuilder(created(), id.signer, id.trust)
			if err != nil {
				t.Fatal(err)
			}
			store, err := b.store(dataHashMap{Exclusions: c.exclusions, Alg: "sha256", Hash: make([]byte, 32), Pad: []byte{}})
			if err != nil {
				t.Fatal(err)
			}
			file := pngFile(t)
			file = slices.Concat(file[:33], carrier.Frame(carrier.PNG, store), file[33:])
			wantFailure(t, read(t, file, id.trust), c.code)
		})
	}
}

func TestWhoIsTrusted(t *testing.T) {
	id, other := newIdentity(t, nil), newIdentity(t, nil)
	file := sign(t, pngFile(t), created(), id)
	for name, c := range map[string]struct {
		trust Trust
		code  string
		state State
	}{
		"another root": {other.trust, credentialUntrusted, Valid},
		"nobody":       {Trust{}, credentialUntrusted, Valid},
		"too late":     {Trust{Roots: id.trust.Roots, At: time.Now().Add(48 * time.Hour)}, signatureOutside, Invalid},
		"too early":    {Trust{Roots: id.trust.Roots, At: time.Now().Add(-48 * time.Hour)}, signatureOutside, Invalid},
	} {
		r := read(t, file, c.trust)
		if r.State != c.state || r.Failures()[0].Code != c.code {
			t.Errorf("%s: %s %+v", name, r.State, r.Failures())
		}
	}
	// A manifest that somebody else's key signed, with a certificate that is trusted.
	thief := *other.signer
	thief.chain = id.signer.chain
	wantFailure(t, read(t, sign(t, pngFile(t), created(), identity{signer: &thief}), id.trust), signatureMismatch)
}

// Certificates that may not sign are refused here, and by readers.
func TestCertificatesThatMayNotSign(t *testing.T) {
	for name, change := range map[string]func(c *x509.Certificate){
		"no usage": func(c *x509.Certificate) { c.KeyUsage = 0 },
		"no EKU":   func(c *x509.Certificate) { c.ExtKeyUsage, c.UnknownExtKeyUsage = nil, nil },
		"server's": func(c *x509.Certificate) {
			c.ExtKeyUsage, c.UnknownExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, nil
		},
		"anything":  func(c *x509.Certificate) { c.ExtKeyUsage = append(c.ExtKeyUsage, x509.ExtKeyUsageAny) },
		"CA":        func(c *x509.Certificate) { c.IsCA, c.KeyUsage = true, c.KeyUsage|x509.KeyUsageCertSign },
		"timestamp": func(c *x509.Certificate) { c.ExtKeyUsage = append(c.ExtKeyUsage, x509.ExtKeyUsageTimeStamping) },
	} {
		id := newIdentity(t, change)
		if id.signer != nil {
			t.Errorf("%s: may sign", name)
		}
		key, err := cose.NewSigner(cose.AlgorithmES256, id.key)
		if err != nil {
			t.Fatal(err)
		}
		id.signer = &Signer{[][]byte{id.leaf.Raw}, cose.AlgorithmES256, key}
		t.Run(name, func(t *testing.T) {
			wantFailure(t, read(t, sign(t, pngFile(t), created(), id), id.trust), credentialInvalid)
		})
	}
}
