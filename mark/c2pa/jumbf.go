package c2pa

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// Limits of a manifest store that is read.
const (
	maxDepth = 16
	maxBoxes = 5_000
)

// boxType is what a superbox is for: four letters and a tail that all of
// C2PA's and JUMBF's own types share (ISO/IEC 19566-5, annex B).
type boxType string

const typeTail = "\x00\x11\x00\x10\x80\x00\x00\xAA\x00\x38\x9B\x71"

// Types (C2PA 2.4, section 11.1.4).
const (
	typeStore      boxType = "c2pa"
	typeManifest   boxType = "c2ma"
	typeUpdate     boxType = "c2um"
	typeAssertions boxType = "c2as"
	typeClaim      boxType = "c2cl"
	typeSignature  boxType = "c2cs"
	typeCBOR       boxType = "cbor"
	typeJSON       boxType = "json"
)

// plain is a box of bytes.
func plain(kind string, data ...[]byte) []byte {
	body := bytes.Join(data, nil)
	b := binary.BigEndian.AppendUint32(make([]byte, 0, len(body)+8), uint32(len(body)+8))
	b = append(b, kind...)
	return append(b, body...)
}

// super is a superbox: a description that says that the box can be asked for
// by its label, and the boxes in it.
func super(kind boxType, label string, boxes ...[]byte) []byte {
	description := plain("jumd", []byte(string(kind)+typeTail+"\x03"+label+"\x00"))
	return plain("jumb", append([][]byte{description}, boxes...)...)
}

// box is one that was read.
type box struct {
	kind  string // "jumb" for a superbox
	use   boxType
	label string
	// data follows the header: of a superbox, what a hashed URI to it covers
	// (C2PA 2.4, section 8.4.2.3).
	data     []byte
	children []box // of a superbox, without its description
}

// child finds a superbox by its label.
func (b *box) child(label string) *box {
	for i := range b.children {
		if c := &b.children[i]; c.kind == "jumb" && c.label == label {
			return c
		}
	}
	return nil
}

// content gives the data of the first box of a kind.
func (b *box) content(kind string) []byte {
	for _, c := range b.children {
		if c.kind == kind {
			return c.data
		}
	}
	return nil
}

type boxReader struct{ count int }

// parse reads a manifest store.
func parse(store []byte) (*box, error) {
	var r boxReader
	all, err := r.boxes(store, 0)
	if err != nil {
		return nil, fmt.Errorf("the manifest store is malformed: %w", err)
	}
	if len(all) == 0 || all[0].kind != "jumb" || all[0].use != typeStore {
		return nil, errors.New("the manifest store is malformed: it does not begin with a box for C2PA")
	}
	return &all[0], nil
}

func (r *boxReader) boxes(b []byte, depth int) ([]box, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("boxes are nested deeper than %d", maxDepth)
	}
	var all []box
	for len(b) > 0 {
		if r.count++; r.count > maxBoxes {
			return nil, fmt.Errorf("there are more than %d boxes", maxBoxes)
		}
		if len(b) < 8 {
			return nil, errors.New("a box is cut off")
		}
		size, header := uint64(binary.BigEndian.Uint32(b)), 8
		switch size {
		case 0: // to the end
			size = uint64(len(b))
		case 1: // 64 bits
			if len(b) < 16 {
				return nil, errors.New("a box is cut off")
			}
			size, header = binary.BigEndian.Uint64(b[8:]), 16
		}
		if size < uint64(header) || size > uint64(len(b)) {
			return nil, fmt.Errorf("a box has the length %d", size)
		}
		x := box{kind: string(b[4:8]), data: b[header:size]}
		if x.kind == "jumb" {
			if err := r.superbox(&x, depth); err != nil {
				return nil, err
			}
		}
		all = append(all, x)
		b = b[size:]
	}
	return all, nil
}

func (r *boxReader) superbox(x *box, depth int) error {
	inner, err := r.boxes(x.data, depth+1)
	if err != nil {
		return err
	}
	if len(inner) == 0 || inner[0].kind != "jumd" || len(inner[0].data) < 17 {
		return errors.New("a superbox has no description")
	}
	d := inner[0].data
	if string(d[4:16]) == typeTail {
		x.use = boxType(d[:4])
	}
	if d[16]&2 != 0 {
		label, _, ok := bytes.Cut(d[17:], []byte{0})
		if !ok || len(label) > 1024 {
			return errors.New("the label of a superbox does not end")
		}
		x.label = strings.ToValidUTF8(string(label), "\uFFFD")
	}
	x.children = inner[1:]
	return nil
}
