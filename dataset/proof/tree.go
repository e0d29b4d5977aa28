// Package proof names a set of pictures by one hash and proves to a stranger
// that a picture belongs to it, or that it does not, with nothing but that name
// and a few hundred bytes.
//
// The name is the Merkle tree hash of RFC 6962, section 2.1, over the pictures'
// SHA-256 digests in ascending order: a leaf is the hash of a zero byte and a
// digest, a node that of a one byte and its two children, so that neither can be
// taken for the other. That the leaves are sorted makes absence provable: two
// neighbours, between which the digest would have to lie.
package proof

import (
	"crypto/sha256"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/limner-ai/limner/internal/digest"
)

// Digest is the SHA-256 of a picture's bytes.
type Digest = digest.SHA256

// Name names a set: what is published, and all that a checker must trust.
type Name struct {
	Root Digest `json:"root"`
	Size int64  `json:"size"` // number of digests
}

// Tree is a set of digests, ready to prove. It takes about 100 bytes a digest.
type Tree struct {
	leaves []Digest
	hashes []tlog.Hash // in tlog's storage order
}

// New makes the tree of the given digests, in any order; equal ones count
// once. The slice is not kept.
func New(digests []Digest) (*Tree, error) {
	t := &Tree{leaves: slices.Clone(digests)}
	slices.SortFunc(t.leaves, digest.Compare)
	t.leaves = slices.Compact(t.leaves)
	for i, d := range t.leaves {
		h, err := tlog.StoredHashes(int64(i), d[:], tlog.HashReaderFunc(t.read))
		if err != nil {
			return nil, fmt.Errorf("tree of digests: %w", err)
		}
		t.hashes = append(t.hashes, h...)
	}
	return t, nil
}

func (t *Tree) read(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		if x < 0 || x >= int64(len(t.hashes)) {
			return nil, fmt.Errorf("no hash %d in a tree of %d", x, len(t.hashes))
		}
		out[i] = t.hashes[x]
	}
	return out, nil
}

// Name returns the set's name.
func (t *Tree) Name() (Name, error) {
	n := int64(len(t.leaves))
	if n == 0 {
		return Name{Root: sha256.Sum256(nil)}, nil
	}
	root, err := tlog.TreeHash(n, tlog.HashReaderFunc(t.read))
	if err != nil {
		return Name{}, fmt.Errorf("root of the tree: %w", err)
	}
	return Name{Digest(root), n}, nil
}

// Prove proves that d is in the set or, if it is not, that it is not.
func (t *Tree) Prove(d Digest) (Proof, error) {
	p := Proof{Digest: d}
	at, found := slices.BinarySearchFunc(t.leaves, d, digest.Compare)
	indexes := []int{at - 1, at}
	if found {
		indexes = []int{at}
	}
	for _, i := range indexes {
		if i < 0 || i >= len(t.leaves) {
			continue
		}
		path, err := tlog.ProveRecord(int64(len(t.leaves)), int64(i), tlog.HashReaderFunc(t.read))
		if err != nil {
			return Proof{}, fmt.Errorf("path of leaf %d: %w", i, err)
		}
		p.Leaves = append(p.Leaves, Leaf{int64(i), t.leaves[i], Path(path)})
	}
	return p, nil
}
