package carrier

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// webpParts walks the chunks of a WebP file (RFC 9649, section 2.3).
func webpParts(file []byte) ([]part, error) {
	end := uint64(binary.LittleEndian.Uint32(file[4:])) + 8
	if end > uint64(len(file)) || end < 12 {
		return nil, fmt.Errorf("the WebP file is cut off: it says that it has %d bytes", end)
	}
	var all []part
	for at := 12; at < int(end); {
		if int(end)-at < 8 {
			return nil, fmt.Errorf("the WebP file is cut off at byte %d", at)
		}
		size := uint64(binary.LittleEndian.Uint32(file[at+4:]))
		padded := size + size&1
		if padded > end-uint64(at)-8 {
			return nil, fmt.Errorf("the WebP file is cut off: the chunk at byte %d has %d bytes", at, size)
		}
		if len(all) == maxParts {
			return nil, fmt.Errorf("the WebP file has more than %d chunks", maxParts)
		}
		p := part{Range{at, 8 + int(padded)}, string(file[at : at+4]), file[at+8 : at+8+int(size)]}
		all = append(all, p)
		at = p.End()
	}
	if len(all) == 0 {
		return nil, errors.New("the WebP file is empty")
	}
	return all, nil
}

func webpChunk(kind string, data []byte) []byte {
	b := binary.LittleEndian.AppendUint32([]byte(kind), uint32(len(data)))
	b = append(b, data...)
	if len(data)%2 == 1 {
		b = append(b, 0)
	}
	return b
}

// Flags of a VP8X chunk (RFC 9649, section 2.7).
const flagXMP, flagAlpha = 1 << 2, 1 << 4

// webpSetXMP puts the packet last, as the order of chunks wants it, and gives
// a file of the simple form the extended one's header.
func webpSetXMP(file []byte, all []part, old int, packet []byte) ([]byte, error) {
	out, err := extended(file, all)
	if err != nil {
		return nil, err
	}
	for i, p := range all {
		if i != old {
			out = append(out, file[p.Start:p.End()]...)
		}
	}
	if len(out) < 21 {
		return nil, errors.New("the header of the WebP file is cut off")
	}
	out[20] |= flagXMP
	out = append(out, webpChunk("XMP ", packet)...)
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out, nil
}

// extended begins a copy of a file: its header and, if it is of the simple form,
// that of the extended one, which other chunks than the picture's want.
func extended(file []byte, all []part) ([]byte, error) {
	out := append([]byte(nil), file[:12]...)
	if all[0].kind == "VP8X" {
		return out, nil
	}
	header, err := extend(all[0])
	return append(out, webpChunk("VP8X", header)...), err
}

// webpRoom gives a file without a store the extended form; a store belongs at its
// end.
func webpRoom(file []byte, all []part) (bare []byte, start int, err error) {
	out, err := extended(file, all)
	if err != nil {
		return nil, 0, err
	}
	for _, p := range all {
		out = append(out, file[p.Start:p.End()]...)
	}
	return webpAround(out, 0), len(out), nil
}

// webpShrink takes bytes off those that a file's header counts; what lies behind
// the file's end stays there.
func webpShrink(file []byte, by int) {
	binary.LittleEndian.PutUint32(file[4:], binary.LittleEndian.Uint32(file[4:])-uint32(by))
}

// webpAround is a file whose header counts so many bytes more than there are.
func webpAround(bare []byte, more int) []byte {
	out := append([]byte(nil), bare...)
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8+more))
	return out
}

// extend makes the data of a VP8X chunk out of a picture's own header: VP8
// (RFC 6386, section 9.1) or VP8L (RFC 9649, section 3.4).
func extend(p part) ([]byte, error) {
	var w, h uint32
	var flags byte
	d := p.data
	switch {
	case p.kind == "VP8 " && len(d) >= 10 && string(d[3:6]) == "\x9d\x01\x2a":
		w = uint32(binary.LittleEndian.Uint16(d[6:]) & 0x3FFF)
		h = uint32(binary.LittleEndian.Uint16(d[8:]) & 0x3FFF)
	case p.kind == "VP8L" && len(d) >= 5 && d[0] == 0x2F:
		bits := binary.LittleEndian.Uint32(d[1:])
		w, h = bits&0x3FFF+1, bits>>14&0x3FFF+1
		if bits>>28&1 == 1 {
			flags = flagAlpha
		}
	}
	if w == 0 || h == 0 {
		return nil, errors.New("the WebP file does not begin with a picture")
	}
	w, h = w-1, h-1
	return []byte{flags, 0, 0, 0, byte(w), byte(w >> 8), byte(w >> 16), byte(h), byte(h >> 8), byte(h >> 16)}, nil
}
