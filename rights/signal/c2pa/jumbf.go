package c2pa

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// Limits of a manifest store.
const (
	maxDepth = 16
	maxBoxes = 20_000
)

// box is a JUMBF box (ISO/IEC 19566-5): a superbox has a label and boxes, any
// other one has data.
type box struct {
	kind     string // four letters, "jumb" for a superbox
	at       int    // offset in the store
	label    string
	data     []byte
	children []box
}

type boxReader struct {
	store []byte
	count int
}

// boxes reads the boxes between two offsets.
func (r *boxReader) boxes(at, end, depth int) ([]box, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("boxes are nested deeper than %d", maxDepth)
	}
	var all []box
	for at < end {
		if r.count++; r.count > maxBoxes {
			return nil, fmt.Errorf("more than %d boxes", maxBoxes)
		}
		if end-at < 8 {
			return nil, fmt.Errorf("the box at byte %d is cut off", at)
		}
		size, header := uint64(binary.BigEndian.Uint32(r.store[at:])), 8
		switch size {
		case 0: // to the end
			size = uint64(end - at)
		case 1: // 64 bits
			if end-at < 16 {
				return nil, fmt.Errorf("the box at byte %d is cut off", at)
			}
			size, header = binary.BigEndian.Uint64(r.store[at+8:]), 16
		}
		if size < uint64(header) || size > uint64(end-at) {
			return nil, fmt.Errorf("the box at byte %d has the length %d", at, size)
		}
		b := box{kind: string(r.store[at+4 : at+8]), at: at}
		from, to := at+header, at+int(size)
		if b.kind == "jumb" {
			children, err := r.boxes(from, to, depth+1)
			if err != nil {
				return nil, err
			}
			if len(children) == 0 || children[0].kind != "jumd" {
				return nil, fmt.Errorf("the superbox at byte %d has no description", at)
			}
			if b.label, err = label(children[0].data); err != nil {
				return nil, fmt.Errorf("the superbox at byte %d: %w", at, err)
			}
			b.children = children[1:]
		} else {
			b.data = r.store[from:to]
		}
		all = append(all, b)
		at = to
	}
	return all, nil
}

// label returns the label of a description box: 16 bytes of type, a byte of
// toggles of which bit 1 says that there is a label, and the label.
func label(d []byte) (string, error) {
	if len(d) < 17 {
		return "", errors.New("its description is cut off")
	}
	if d[16]&2 == 0 {
		return "", nil
	}
	name, _, ok := bytes.Cut(d[17:], []byte{0})
	if !ok {
		return "", errors.New("its label does not end")
	}
	return string(name), nil
}
