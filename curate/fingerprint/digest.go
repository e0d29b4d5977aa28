package fingerprint

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// Digest is the SHA-256 of a file's bytes.
type Digest [sha256.Size]byte

const digestPrefix = "sha256:"

// Exact returns the digest of a file.
func Exact(file []byte) Digest { return sha256.Sum256(file) }

// String is sha256: and 64 hexadecimal digits.
func (d Digest) String() string { return digestPrefix + hex.EncodeToString(d[:]) }

// MarshalText writes what String gives.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what String gives.
func (d *Digest) UnmarshalText(text []byte) error {
	digits, ok := strings.CutPrefix(string(text), digestPrefix)
	b, err := hex.DecodeString(digits)
	if !ok || err != nil || len(b) != len(d) {
		return fmt.Errorf("%.80q is not a digest: it is %s and %d hexadecimal digits", text, digestPrefix, 2*len(d))
	}
	copy(d[:], b)
	return nil
}
