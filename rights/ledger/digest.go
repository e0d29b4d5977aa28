package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Digest is the SHA-256 of some content. As text it is 64 lower-case
// hexadecimal digits.
type Digest [sha256.Size]byte

// DigestOf computes the digest of data.
func DigestOf(data []byte) Digest { return sha256.Sum256(data) }

// ParseDigest reads the form that String gives.
func ParseDigest(s string) (Digest, error) {
	var d Digest
	if err := d.UnmarshalText([]byte(s)); err != nil {
		return Digest{}, err
	}
	return d, nil
}

// String gives the digest in hexadecimal.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// IsZero reports whether no digest is given.
func (d Digest) IsZero() bool { return d == Digest{} }

// MarshalText gives String's form.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads String's form and no other.
func (d *Digest) UnmarshalText(text []byte) error {
	var got Digest
	if len(text) != 2*len(d) || bytes.ContainsAny(text, "ABCDEF") {
		return fmt.Errorf("a SHA-256 digest is %d lower-case hexadecimal digits", 2*len(d))
	}
	if _, err := hex.Decode(got[:], text); err != nil {
		return fmt.Errorf("a SHA-256 digest is %d lower-case hexadecimal digits: %w", 2*len(d), err)
	}
	*d = got
	return nil
}

func (d Digest) compare(e Digest) int { return bytes.Compare(d[:], e[:]) }

// digestFrom reads a database column.
func digestFrom(b []byte) (d Digest, ok bool) {
	if len(b) != len(d) {
		return d, false
	}
	copy(d[:], b)
	return d, true
}
