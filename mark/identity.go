package mark

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"time"

	"github.com/limner-ai/limner/mark/c2pa"
)

// identity is a key of one's own with a certificate, and the root above it.
type identity struct {
	key        *ecdsa.PrivateKey
	leaf, root *x509.Certificate
}

// years is how long certificates are valid. Without time-stamps, a signature
// counts no longer than they are.
const years = 20

const ownOrganisation = "Limner, own key"

// OwnRoot reports whether a certificate is of the kind that is made here, and
// so on no public list.
func OwnRoot(c *x509.Certificate) bool {
	return len(c.Subject.Organization) == 1 && c.Subject.Organization[0] == ownOrganisation && c.IsCA
}

// newIdentity makes a root and a certificate under it (profile: C2PA 2.4,
// section 14.5.1). The root's key is used this once and kept nowhere, so that
// nobody can ever sign anything else in its name.
func newIdentity() (*identity, error) {
	rootKey, err := newKey()
	if err != nil {
		return nil, err
	}
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	from := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -1) // clocks differ
	to := from.AddDate(years, 0, 0)
	rootID, leafID := keyID(rootKey), keyID(key)
	name := func(what string, id []byte) pkix.Name {
		// The key's first digits tell installations apart and say nothing of them.
		return pkix.Name{Organization: []string{ownOrganisation}, CommonName: what + " " + hex.EncodeToString(id[:4])}
	}
	root := &x509.Certificate{
		SerialNumber: serial(), Subject: name("Limner root", rootID), NotBefore: from, NotAfter: to,
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign, SubjectKeyId: rootID,
	}
	leaf := &x509.Certificate{
		SerialNumber: serial(), Subject: name("Limner", leafID), NotBefore: from, NotAfter: to,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage:        []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection},
		UnknownExtKeyUsage: []asn1.ObjectIdentifier{c2pa.ClaimSigning},
		SubjectKeyId:       leafID, AuthorityKeyId: rootID,
	}
	own := &identity{key: key}
	if own.root, err = certify(root, root, rootKey, rootKey); err != nil {
		return nil, err
	}
	own.leaf, err = certify(leaf, own.root, key, rootKey)
	return own, err
}

func certify(c, parent *x509.Certificate, key, by *ecdsa.PrivateKey) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), by)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// serial is a number of 120 random bits, positive (RFC 5280, section 4.1.2.2).
func serial() *big.Int {
	var b [15]byte
	rand.Read(b[:]) // never fails
	return new(big.Int).SetBytes(b[:])
}

// keyID is the SHA-256 of the public key's point, cut to 20 bytes (RFC 7093,
// section 2, method 1).
func keyID(k *ecdsa.PrivateKey) []byte {
	point, err := k.PublicKey.Bytes()
	if err != nil {
		panic(err) // of a key that was just made on the curve
	}
	h := sha256.Sum256(point)
	return h[:20]
}

// encode is the key, the certificate and the root in PEM form.
func (i *identity) encode() ([]byte, error) {
	key, err := encodeKey(i.key)
	return append(key, encodeCertificates(i.leaf, i.root)...), err
}

func encodeCertificates(list ...*x509.Certificate) []byte {
	var b bytes.Buffer
	for _, c := range list {
		pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}) // into memory: never fails
	}
	return b.Bytes()
}
