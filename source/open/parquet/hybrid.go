package parquet

import (
	"encoding/binary"
	"errors"
)

// hybrid reads numbers in the hybrid of runs and packed bits (Encodings.md,
// "Run Length Encoding / Bit-Packing Hybrid") one by one.
type hybrid struct {
	b     []byte
	width uint

	left   uint64 // of the run
	packed bool
	value  uint32 // of a run
	bits   uint64 // packed bits that were read but not given
	have   uint
	group  []byte // bytes of the packed groups that are left
}

func newHybrid(b []byte, width uint) *hybrid { return &hybrid{b: b, width: width} }

func (h *hybrid) next() (uint32, error) {
	if h.width == 0 {
		return 0, nil // writers differ in whether they write runs of nothing
	}
	for h.left == 0 {
		if err := h.begin(); err != nil {
			return 0, err
		}
	}
	h.left--
	if !h.packed {
		return h.value, nil
	}
	for h.have < h.width {
		if len(h.group) == 0 {
			return 0, errShort
		}
		h.bits |= uint64(h.group[0]) << h.have
		h.group = h.group[1:]
		h.have += 8
	}
	v := uint32(h.bits & (1<<h.width - 1))
	h.bits >>= h.width
	h.have -= h.width
	return v, nil
}

// begin reads the head of the next run.
func (h *hybrid) begin() error {
	if len(h.b) == 0 {
		return errShort
	}
	head, n := binary.Uvarint(h.b)
	if n <= 0 {
		return errors.New("a run's length cannot be read")
	}
	if h.b = h.b[n:]; head > 1<<40 {
		return errors.New("a run is too long")
	}
	if h.packed = head&1 == 1; h.packed {
		groups := head >> 1
		if groups > uint64(len(h.b)) {
			groups = uint64(len(h.b)) // the last may be cut short; next notices
		}
		size := min(groups*uint64(h.width), uint64(len(h.b)))
		h.group, h.b = h.b[:size], h.b[size:]
		h.left, h.bits, h.have = groups*8, 0, 0
		return nil
	}
	h.left = head >> 1
	size := int(h.width+7) / 8
	if size > len(h.b) {
		return errShort
	}
	h.value = 0
	for i := range size {
		h.value |= uint32(h.b[i]) << (8 * i)
	}
	h.b = h.b[size:]
	return nil
}
