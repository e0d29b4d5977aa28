package c2pa

import (
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"

	"github.com/fxamacker/cbor/v2"
)

// encoding writes deterministic CBOR (RFC 8949, section 4.2.1): the same
// manifest has the same length, whatever the order of a map.
var encoding = must(cbor.EncOptions{
	Sort:    cbor.SortCoreDeterministic,
	Time:    cbor.TimeRFC3339,
	TimeTag: cbor.EncTagRequired,
}.EncMode())

// decoding bounds what a hostile manifest can ask for.
var decoding = must(cbor.DecOptions{
	DupMapKey:        cbor.DupMapKeyEnforcedAPF,
	MaxNestedLevels:  32,
	MaxArrayElements: 10_000,
	MaxMapPairs:      10_000,
}.DecMode())

func must[T any](mode T, err error) T {
	if err != nil {
		panic(err) // the options are constants
	}
	return mode
}

// hashedURI points to a box and says what it hashes to (C2PA 2.4, section 8.4.2).
type hashedURI struct {
	URL  string `cbor:"url"`
	Alg  string `cbor:"alg,omitempty"`
	Hash []byte `cbor:"hash"`
}

// hashing gives a hash function by its name (C2PA 2.4, section 13.1).
func hashing(alg string) (hash.Hash, error) {
	switch alg {
	case "sha256":
		return sha256.New(), nil
	case "sha384":
		return sha512.New384(), nil
	case "sha512":
		return sha512.New(), nil
	}
	return nil, fmt.Errorf("the hash algorithm %.20q is not one of C2PA's", alg)
}

// sum is the SHA-256 of the bytes that a hashed URI covers.
func sum(data []byte) []byte {
	h := sha256.Sum256(data)
	return h[:]
}
