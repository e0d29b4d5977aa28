package index

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/klauspost/compress/fse"
	"github.com/klauspost/compress/zstd"
)

// encodeTexts writes what is known of the pictures, column by column, so that
// like stands beside like: the numbers of sources, licences and holders, whether
// it was trained on, paths, captions.
func (x *Index) encodeTexts(h *header) ([]byte, error) {
	var sources, licences, holders []string
	var trained, paths, captions []byte
	for _, p := range x.pictures {
		sources, licences, holders = append(sources, p.Source), append(licences, p.Licence), append(holders, p.Holders)
		trained = append(trained, 0)
		if p.Trained {
			trained[len(trained)-1] = 1
		}
		paths = append(binary.AppendUvarint(paths, uint64(len(p.Path))), p.Path...)
		captions = append(binary.AppendUvarint(captions, uint64(len(p.Caption))), p.Caption...)
	}
	var all, ids []byte
	h.Sources, ids = number(sources)
	all = append(all, ids...)
	h.Licences, ids = number(licences)
	all = append(all, ids...)
	h.Holders, ids = number(holders)
	all = append(append(append(append(all, ids...), trained...), paths...), captions...)
	w, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	defer w.Close()
	return w.EncodeAll(all, nil), nil
}

// unpacker is made once: it is used for small things at long intervals.
var unpacker = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxTexts))
})

func (x *Index) decodeTexts(h *header, packed []byte) error {
	r, err := unpacker()
	if err != nil {
		return fmt.Errorf("index: %w", err)
	}
	all, err := r.DecodeAll(packed, nil)
	if err != nil {
		return fmt.Errorf("%w: %w", errDamaged, err)
	}
	c := &columns{rest: all}
	for _, column := range []struct {
		list []string
		to   func(*Picture) *string
	}{
		{h.Sources, func(p *Picture) *string { return &p.Source }},
		{h.Licences, func(p *Picture) *string { return &p.Licence }},
		{h.Holders, func(p *Picture) *string { return &p.Holders }},
	} {
		for i := range x.pictures {
			*column.to(&x.pictures[i]) = c.pick(column.list)
		}
	}
	trained := 0
	for i := range x.pictures {
		if x.pictures[i].Trained = c.number() == 1; x.pictures[i].Trained {
			trained++
		}
	}
	text := string(c.rest) // one copy for all
	for i := range x.pictures {
		x.pictures[i].Path = c.text(&text)
	}
	for i := range x.pictures {
		x.pictures[i].Caption = c.text(&text)
	}
	if c.bad || len(text) > 0 || trained != x.set.Trained {
		return errDamaged
	}
	return nil
}

// columns reads one column after the other; what is wrong is remembered.
type columns struct {
	rest []byte
	bad  bool
}

func (c *columns) number() uint64 {
	v, n := binary.Uvarint(c.rest)
	if n <= 0 {
		c.bad, c.rest = true, nil
		return 0
	}
	c.rest = c.rest[n:]
	return v
}

func (c *columns) pick(list []string) string {
	v := c.number()
	if v >= uint64(len(list)) {
		c.bad = true
		return ""
	}
	return list[v]
}

// text takes a text from the front of rest, behind its length.
func (c *columns) text(rest *string) string {
	var head [binary.MaxVarintLen64]byte
	v, n := binary.Uvarint(head[:copy(head[:], *rest)])
	if n <= 0 || v > uint64(len(*rest)-n) {
		c.bad, *rest = true, ""
		return ""
	}
	out := (*rest)[n : n+int(v)]
	*rest = (*rest)[n+int(v):]
	return strings.ToValidUTF8(out, "\uFFFD")
}

// A column of bytes is stored as it is, as one value, or by finite-state
// entropy (Duda, "Asymmetric numeral systems", 2013).
const (
	plain = iota
	constant
	entropy
)

// encodeColumns writes rows [n k] column by column: its kind, its length, and the
// column.
func encodeColumns(rows []int8, n, k int) ([]byte, error) {
	var out []byte
	for f := range k {
		column := make([]byte, n)
		for i := range column {
			column[i] = byte(rows[i*k+f])
		}
		kind, packed := entropy, column
		var s fse.Scratch
		switch b, err := fse.Compress(column, &s); {
		case errors.Is(err, fse.ErrUseRLE):
			kind, packed = constant, column[:1]
		case errors.Is(err, fse.ErrIncompressible):
			kind = plain
		case err != nil:
			return nil, fmt.Errorf("index: %w", err)
		default:
			packed = b
		}
		out = append(out, byte(kind))
		out = append(binary.AppendUvarint(out, uint64(len(packed))), packed...)
	}
	return out, nil
}

// decodeColumns is the way back.
func decodeColumns(b []byte, n, k int) ([]int8, error) {
	rows := make([]int8, n*k)
	for f := range k {
		if len(b) == 0 {
			return nil, errDamaged
		}
		kind := b[0]
		size, used := binary.Uvarint(b[1:])
		if used <= 0 || size == 0 || size > uint64(len(b)-1-used) {
			return nil, errDamaged
		}
		column := b[1+used:][:size]
		b = b[1+used+int(size):]
		switch {
		case kind == constant:
			for i := range n {
				rows[i*k+f] = int8(column[0])
			}
			continue
		case kind == entropy:
			s := fse.Scratch{DecompressLimit: n}
			var err error
			if column, err = fse.Decompress(column, &s); err != nil {
				return nil, fmt.Errorf("%w: %w", errDamaged, err)
			}
		case kind != plain:
			return nil, errDamaged
		}
		if len(column) != n {
			return nil, errDamaged
		}
		for i, v := range column {
			rows[i*k+f] = int8(v)
		}
	}
	if len(b) > 0 {
		return nil, errDamaged
	}
	return rows, nil
}
