package index

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"

	"github.com/limner-ai/limner/internal/atomicfile"
)

// Format is the version of the layout that this code writes. It also reads the first,
// which has neither covers nor features.
const Format = 2

// The file is, in this order:
//
//	magic     16 bytes
//	length    of the header, uint32, little-endian
//	header    JSON
//	contents  32 bytes a picture: SHA-256 of the file as it came
//	texts     Zstandard: what is known of each picture, column by column
//	thumbs    a column for each frequency, each entropy-coded on its own
//	covers    likewise: how much pictures cover of their ground
//	features  likewise: what a network sees in them; there may be none
//	digest    SHA-256 of all that precedes
//
// Nothing but the header has to be understood to check the digest.
const magic = "limner trace 01\n"

// header is what the file says before anything else.
type header struct {
	Format   int        `json:"format"`
	Set      Set        `json:"set"`
	Bands    [3]int     `json:"bands"` // of luma and the two differences of colour
	Steps    [3]float32 `json:"steps"` // of coefficients
	Sources  []string   `json:"sources"`
	Licences []string   `json:"licences"`
	Holders  []string   `json:"holders"`
	Texts    int        `json:"texts"`  // bytes
	Thumbs   int        `json:"thumbs"` // bytes
	Covers   int        `json:"covers,omitempty"`
	Features *features  `json:"features,omitempty"`
}

// features are what a network sees, in the header.
type features struct {
	Network string  `json:"network"` // digest of its file
	Dim     int     `json:"dim"`
	Scale   float32 `json:"scale"` // a byte's step
	Bytes   int     `json:"bytes"`
}

// Limits of what is read.
const (
	maxFile     = 1 << 30
	maxHeader   = 16 << 20
	maxPictures = 1 << 20
	maxTexts    = 1 << 30
	maxDim      = 512
)

var bands = [3]int{lumaBand, tintBand, tintBand}

// Bytes is the index as a file.
func (x *Index) Bytes() ([]byte, error) {
	h := header{Format: Format, Set: x.set, Bands: bands, Steps: steps}
	texts, err := x.encodeTexts(&h)
	if err != nil {
		return nil, err
	}
	thumbs, err := encodeColumns(x.thumbs, x.Len(), len(frequencies))
	if err != nil {
		return nil, err
	}
	var cover, features []byte
	if x.covers != nil {
		if cover, err = encodeColumns(x.covers, x.Len(), covers); err != nil {
			return nil, err
		}
	}
	if s := x.sight; s != nil {
		if features, err = encodeColumns(s.rows, x.Len(), s.dim); err != nil {
			return nil, err
		}
		h.Features = s.header(len(features))
	}
	h.Texts, h.Thumbs, h.Covers = len(texts), len(thumbs), len(cover)
	head, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	out := append([]byte(magic), binary.LittleEndian.AppendUint32(nil, uint32(len(head)))...)
	out = append(out, head...)
	for _, p := range x.pictures {
		out = append(out, p.Content[:]...)
	}
	out = slices.Concat(out, texts, thumbs, cover, features)
	sum := sha256.Sum256(out)
	return append(out, sum[:]...), nil
}

// Write writes the index to a file, whole or not at all.
func (x *Index) Write(path string) error {
	b, err := x.Bytes()
	if err != nil {
		return err
	}
	return atomicfile.Write(path, 0o644, func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}

// Open reads the index in a file.
func Open(path string) (*Index, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	if st.Size() > maxFile {
		return nil, fmt.Errorf("index: %s has %d bytes, at most %d are read", path, st.Size(), maxFile)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	x, err := Read(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: make it anew with limner trace index", path, err)
	}
	return x, nil
}

var errDamaged = errors.New("index: the file is damaged")

// Read reads an index from a file's bytes, which it does not keep.
func Read(b []byte) (*Index, error) {
	h, rest, err := readHeader(b)
	if err != nil {
		return nil, err
	}
	n := h.Set.Pictures
	x := &Index{set: h.Set, pictures: make([]Picture, n)}
	for i := range x.pictures {
		copy(x.pictures[i].Content[:], rest[i*sha256.Size:])
	}
	rest = rest[n*sha256.Size:]
	if err := x.decodeTexts(&h, rest[:h.Texts]); err != nil {
		return nil, err
	}
	rest = rest[h.Texts:]
	if x.thumbs, err = decodeColumns(rest[:h.Thumbs], n, len(frequencies)); err != nil {
		return nil, err
	}
	rest = rest[h.Thumbs:]
	if h.Covers > 0 {
		if x.covers, err = decodeColumns(rest[:h.Covers], n, covers); err != nil {
			return nil, err
		}
	}
	if f := h.Features; f != nil {
		rows, err := decodeColumns(rest[h.Covers:], n, f.Dim)
		if err != nil {
			return nil, err
		}
		x.sight = &sight{network: f.Network, dim: f.Dim, scale: f.Scale, rows: rows}
	}
	return x, nil
}

// size is how many bytes follow the contents.
func (h *header) size() (n int64, ok bool) {
	parts := []int{h.Texts, h.Thumbs, h.Covers}
	if f := h.Features; f != nil {
		if f.Dim < 1 || f.Dim > maxDim || !(f.Scale > 0) || math.IsInf(float64(f.Scale), 0) {
			return 0, false
		}
		parts = append(parts, f.Bytes)
	}
	for _, p := range parts {
		if p < 0 {
			return 0, false
		}
		n += int64(p)
	}
	return n, h.Format == Format || h.Covers == 0 && h.Features == nil
}

// readHeader checks the digest and gives the header and what follows it, whose
// length is right.
func readHeader(b []byte) (h header, rest []byte, err error) {
	if !bytes.HasPrefix(b, []byte(magic)) {
		if bytes.HasPrefix(b, []byte(magic[:12])) {
			return h, nil, errors.New("index: the file is of another version of Limner")
		}
		return h, nil, errors.New("index: the file is not an index of a set")
	}
	const least = len(magic) + 4 + sha256.Size
	if len(b) < least {
		return h, nil, fmt.Errorf("%w: it is cut off", errDamaged)
	}
	body := b[:len(b)-sha256.Size]
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:], b[len(body):]) {
		return h, nil, fmt.Errorf("%w: its bytes do not give its digest", errDamaged)
	}
	length := int64(binary.LittleEndian.Uint32(body[len(magic):]))
	body = body[len(magic)+4:]
	if length > int64(len(body)) || length > maxHeader {
		return h, nil, errDamaged
	}
	if err := json.Unmarshal(body[:length], &h); err != nil {
		return h, nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	body = body[length:]
	size, sound := h.size()
	switch n := h.Set.Pictures; {
	case h.Format < 1 || h.Format > Format || h.Bands != bands || h.Steps != steps:
		return h, nil, fmt.Errorf("index: the file's layout is version %d, and this Limner reads %d", h.Format, Format)
	case n < 1 || n > maxPictures || !sound || int64(len(body)) != int64(n)*sha256.Size+size:
		return h, nil, errDamaged
	}
	return h, body, nil
}

// number gives each distinct text a number, in their order of first use.
func number(of []string) (list []string, ids []byte) {
	at := map[string]int{}
	for _, s := range of {
		k, ok := at[s]
		if !ok {
			k = len(list)
			at[s] = k
			list = append(list, s)
		}
		ids = binary.AppendUvarint(ids, uint64(k))
	}
	return slices.Clip(list), ids
}

// ReadSet says of which set an index is, and reads no more.
func ReadSet(b []byte) (Set, error) {
	h, _, err := readHeader(b)
	return h.Set, err
}
