package safetensors

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"maps"
	"slices"
)

// digest hashes what a file means, not how it is laid out: metadata and
// tensors in the order of their names. So it covers names, shapes and metadata
// as well as values, and stays right when another tool writes the same content
// in another order.
//
// The hash is SHA-256 of, in turn: the line "limner.safetensors.1"; the number
// of metadata entries, and each key and value; the number of tensors, and each
// name, dtype, number of axes, axes, and bytes as stored. Numbers are 8 bytes,
// little-endian; texts come after their length in bytes; DigestKey is left
// out. Every part's length is known before it, so no two contents run together
// into the same bytes.
type digest struct{ h hash.Hash }

func newDigest(meta map[string]string, tensors int) digest {
	d := digest{sha256.New()}
	d.h.Write([]byte("limner.safetensors.1\n"))
	keys := slices.DeleteFunc(slices.Sorted(maps.Keys(meta)), func(k string) bool { return k == DigestKey })
	d.number(len(keys))
	for _, k := range keys {
		d.text(k)
		d.text(meta[k])
	}
	d.number(tensors)
	return d
}

// tensor hashes the description of a tensor; its bytes must follow.
func (d digest) tensor(in Info) {
	d.text(in.Name)
	d.text(string(in.Dtype))
	d.number(in.Shape.Rank())
	for _, n := range in.Shape {
		d.number(n)
	}
}

func (d digest) number(n int) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(n))
	d.h.Write(b[:])
}

func (d digest) text(s string) {
	d.number(len(s))
	d.h.Write([]byte(s))
}

func (d digest) sum() string { return "sha256:" + hex.EncodeToString(d.h.Sum(nil)) }
