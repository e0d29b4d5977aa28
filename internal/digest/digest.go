// Package digest is the form in which content is named.
package digest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// SHA256 is the SHA-256 of some bytes.
type SHA256 [sha256.Size]byte

const prefix = "sha256:"

// String is sha256: and 64 hexadecimal digits.
func (d SHA256) String() string { return prefix + hex.EncodeToString(d[:]) }

// MarshalText writes what String gives.
func (d SHA256) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what String gives.
func (d *SHA256) UnmarshalText(text []byte) error {
	digits, ok := strings.CutPrefix(string(text), prefix)
	b, err := hex.DecodeString(digits)
	if !ok || err != nil || len(b) != len(d) {
		return fmt.Errorf("%.80q is not a digest: it is %s and %d hexadecimal digits", text, prefix, 2*len(d))
	}
	copy(d[:], b)
	return nil
}

// Compare orders digests as bytes.
func Compare(a, b SHA256) int { return bytes.Compare(a[:], b[:]) }
