// Package fingerprint tells pictures apart and finds those that are the same
// to the eye: the exact SHA-256 of a file, and PDQ, a perceptual hash of 256
// bits that survives scaling, compression and light editing.
//
// PDQ follows "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing
// Algorithm" (Facebook, 2019) and gives the hashes of its reference
// implementation, the same on every machine.
package fingerprint

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/bits"
)

// Hash is a PDQ hash, most significant bit first, as it is written in
// hexadecimal.
type Hash [32]byte

// Near is the distance up to which two hashes are taken for the same picture,
// as the specification recommends.
const Near = 31

// Sharp is the quality from which the specification recommends to trust a
// hash; flat pictures have little to tell them apart.
const Sharp = 50

// Distance is the number of bits, 0 to 256, in which a and b differ.
func Distance(a, b Hash) int {
	n := 0
	for i := 0; i < len(a); i += 8 {
		n += bits.OnesCount64(binary.BigEndian.Uint64(a[i:]) ^ binary.BigEndian.Uint64(b[i:]))
	}
	return n
}

// String is the hash as 64 hexadecimal digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText writes what String gives.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads what String gives.
func (h *Hash) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(string(text))
	if err != nil || len(b) != len(h) {
		return fmt.Errorf("%.80q is not a PDQ hash: it is %d hexadecimal digits", text, 2*len(h))
	}
	copy(h[:], b)
	return nil
}
