package c2pa

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/big"
	"testing"
	"time"

	"github.com/HugoSmits86/nativewebp"
)

// identity is a root and a leaf under it, made for a test.
type identity struct {
	signer *Signer
	trust  Trust
	leaf   *x509.Certificate
	root   *x509.Certificate
	key    crypto.Signer
}

func newIdentity(t testing.TB, change func(leaf *x509.Certificate)) identity {
	t.Helper()
	root := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "root", Organization: []string{"Test"}},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	rootKey, key := newKey(t), newKey(t)
	root = issue(t, root, root, rootKey.Public(), rootKey)
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "leaf", Organization: []string{"Test"}},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}, UnknownExtKeyUsage: []asn1.ObjectIdentifier{ClaimSigning}}
	if change != nil {
		change(leaf)
	}
	leaf = issue(t, leaf, root, key.Public(), rootKey)
	pool := x509.NewCertPool()
	pool.AddCert(root)
	id := identity{trust: Trust{Roots: pool}, leaf: leaf, root: root, key: key}
	id.signer, _ = NewSigner([]*x509.Certificate{leaf, root}, key)
	return id
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func issue(t testing.TB, c, parent *x509.Certificate, key any, by crypto.Signer) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key, by)
	if err != nil {
		t.Fatal(err)
	}
	c, err = x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func picture() image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, 16, 16))
	for i := range 256 {
		m.Set(i%16, i/16, color.NRGBA{uint8(i), uint8(255 - i), 40, 255})
	}
	return m
}

func pngFile(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, picture()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func jpegFile(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture(), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func webpFile(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := nativewebp.Encode(&b, picture(), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func created() Manifest {
	return Manifest{Generator: "Limner", Version: "test", Title: "a cat",
		Actions:    []Action{{Name: Created, When: time.Now(), Source: Generated}},
		Disclosure: &Disclosure{Model: "emoji", Identifier: "sha256:00", Oversight: "prompt_guided"},
		Ingredients: []Ingredient{{Title: "emoji", Format: "application/octet-stream", Relation: InputTo, ID: "sha256:00",
			Types: []string{"c2pa.types.model"}}},
		Others: []Assertion{{"io.github.limner-ai.origin", map[string]any{"setRoot": "abc"}}},
	}
}

func sign(t testing.TB, file []byte, m Manifest, id identity) []byte {
	t.Helper()
	out, err := Sign(file, m, id.signer, id.trust)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func read(t testing.TB, file []byte, trust Trust) *Report {
	t.Helper()
	r, err := Read(file, trust)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSignedFilesAreTrusted(t *testing.T) {
	id := newIdentity(t, nil)
	for name, file := range map[string][]byte{"png": pngFile(t), "jpeg": jpegFile(t)} {
		t.Run(name, func(t *testing.T) {
			r := read(t, sign(t, file, created(), id), id.trust)
			if r.State != Trusted || len(r.Manifests) != 1 {
				t.Errorf("%s: %+v", r.State, r.Failures())
			}
			a := r.Active()
			if a.Title != "a cat" || a.Generator != "Limner" || len(a.Actions) != 1 || a.Actions[0].Source != Generated ||
				len(a.Ingredients) != 1 || a.Ingredients[0].ID != "sha256:00" || a.Signer.Name != "CN=leaf,O=Test" {
				t.Errorf("%+v", a)
			}
			if r := read(t, sign(t, file, created(), id), Trust{}); r.State != Valid || r.Failures()[0].Code != credentialUntrusted {
				t.Errorf("without trust: %s %+v", r.State, r.Failures())
			}
		})
	}
}
