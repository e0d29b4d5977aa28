package proof

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/limner-ai/limner/internal/digest"
)

// Proof shows where a digest is in a set, or where it would have to be: its own
// leaf, or the leaves before and after it, of which the one at an end of the set
// is missing.
type Proof struct {
	Digest Digest `json:"digest"`
	Leaves []Leaf `json:"leaves"`
}

// Leaf is a digest of the set, its place among all in ascending order, and the
// hashes that lead from it to the root.
type Leaf struct {
	Index  int64  `json:"index"`
	Digest Digest `json:"digest"`
	Path   Path   `json:"path"`
}

// Path is the hashes beside the way from a leaf to the root, the lowest first
// (RFC 6962, section 2.1.1). As text it is base64 of all of them.
type Path []tlog.Hash

// MarshalText writes base64.
func (p Path) MarshalText() ([]byte, error) {
	var b []byte
	for _, h := range p {
		b = append(b, h[:]...)
	}
	return base64.StdEncoding.AppendEncode(nil, b), nil
}

// UnmarshalText reads base64.
func (p *Path) UnmarshalText(text []byte) error {
	b, err := base64.StdEncoding.Strict().AppendDecode(nil, text)
	if err != nil || len(b)%tlog.HashSize != 0 {
		return errors.New("a path is not base64 of whole hashes")
	}
	*p = nil
	for ; len(b) > 0; b = b[tlog.HashSize:] {
		*p = append(*p, tlog.Hash(b[:tlog.HashSize]))
	}
	return nil
}

// maxText bounds the text of a proof; the longest possible has 20 KiB.
const maxText = 64 << 10

// Parse reads a proof as encoding/json writes it.
func Parse(text []byte) (Proof, error) {
	if len(text) > maxText {
		return Proof{}, fmt.Errorf("a proof of %d bytes is longer than any", len(text))
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	var p Proof
	if err := d.Decode(&p); err != nil {
		return Proof{}, fmt.Errorf("not a proof: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return Proof{}, errors.New("not a proof: more follows after it")
	}
	return p, nil
}

// ErrInvalid is wrapped by the error of a proof that proves nothing.
var ErrInvalid = errors.New("the proof does not hold")

// Check reports whether p.Digest is in the set of that name. An error means
// that p proves neither that it is nor that it is not.
func Check(n Name, p Proof) (included bool, err error) {
	if n.Size < 0 || len(p.Leaves) > 2 {
		return false, fmt.Errorf("%w: a set of %d, %d leaves", ErrInvalid, n.Size, len(p.Leaves))
	}
	for _, l := range p.Leaves {
		if l.Index < 0 || l.Index >= n.Size {
			return false, fmt.Errorf("%w: leaf %d of a set of %d", ErrInvalid, l.Index, n.Size)
		}
		if err := tlog.CheckRecord(tlog.RecordProof(l.Path), n.Size, tlog.Hash(n.Root), l.Index, tlog.RecordHash(l.Digest[:])); err != nil {
			return false, fmt.Errorf("%w: the path of leaf %d does not lead to the root", ErrInvalid, l.Index)
		}
	}
	switch len(p.Leaves) {
	case 0:
		empty, err := new(Tree).Name()
		if err != nil || n != empty {
			return false, fmt.Errorf("%w: it shows no leaf of a set of %d", ErrInvalid, n.Size)
		}
		return false, nil
	case 1:
		l := p.Leaves[0]
		switch c := digest.Compare(p.Digest, l.Digest); {
		case c == 0:
			return true, nil
		case c < 0 && l.Index == 0, c > 0 && l.Index == n.Size-1:
			return false, nil
		}
		return false, fmt.Errorf("%w: one leaf, neither the digest's own nor at an end of the set", ErrInvalid)
	}
	before, after := p.Leaves[0], p.Leaves[1]
	if before.Index+1 != after.Index || digest.Compare(before.Digest, p.Digest) >= 0 || digest.Compare(p.Digest, after.Digest) >= 0 {
		return false, fmt.Errorf("%w: the digest does not lie between two neighbours", ErrInvalid)
	}
	return false, nil
}
