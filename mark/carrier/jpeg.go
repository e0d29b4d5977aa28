package carrier

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

const (
	app1, app11  = "\xE1", "\xEB"
	xmpSignature = "http://ns.adobe.com/xap/1.0/\x00"
	longest      = 0xFFFF - 2 // bytes of a segment's data
)

// jpegParts walks marker segments up to the first scan (ITU-T T.81, annex B).
func jpegParts(file []byte) ([]part, error) {
	var all []part
	for at := 2; ; {
		if len(file)-at < 2 {
			return nil, fmt.Errorf("the JPEG file is cut off at byte %d", at)
		}
		if file[at] != 0xFF {
			return nil, fmt.Errorf("the JPEG file has no marker at byte %d", at)
		}
		marker := file[at+1]
		switch {
		case marker == 0xFF: // fill
			at++
			continue
		case marker == 0xDA || marker == 0xD9: // scan, end
			return all, nil
		case marker == 0x01 || 0xD0 <= marker && marker <= 0xD7: // without a segment
			at += 2
			continue
		}
		if len(file)-at < 4 {
			return nil, fmt.Errorf("the JPEG file is cut off at byte %d", at)
		}
		size := int(binary.BigEndian.Uint16(file[at+2:]))
		if size < 2 || size > len(file)-at-2 {
			return nil, fmt.Errorf("the JPEG file is cut off: the segment at byte %d has %d bytes", at, size)
		}
		if len(all) == maxParts {
			return nil, fmt.Errorf("the JPEG file has more than %d segments", maxParts)
		}
		all = append(all, part{Range{at, 2 + size}, string(file[at+1 : at+2]), file[at+4 : at+2+size]})
		at += 2 + size
	}
}

// afterIntroduction is where marks go: JFIF and Exif must come first.
func afterIntroduction(all []part) int {
	at := 2
	for _, p := range all {
		if p.Start != at || p.kind != "\xE0" && p.kind != app1 {
			break
		}
		at = p.End()
	}
	return at
}

func jpegXMP(p part) ([]byte, bool) {
	text, ok := bytes.CutPrefix(p.data, []byte(xmpSignature))
	return text, ok && p.kind == app1
}

// jpegXMPSegment is an APP1 segment (XMP Specification part 3, section 1.1.3).
func jpegXMPSegment(packet []byte) ([]byte, error) {
	if most := longest - len(xmpSignature); len(packet) > most {
		return nil, fmt.Errorf("the XMP packet has %d bytes; a JPEG segment holds %d", len(packet), most)
	}
	return segment(app1, []byte(xmpSignature), packet), nil
}

func segment(marker string, data ...[]byte) []byte {
	body := bytes.Join(data, nil)
	b := binary.BigEndian.AppendUint16([]byte("\xFF"+marker), uint16(len(body)+2))
	return append(b, body...)
}

// headerSize is the length of "JP", the box's instance number and the number
// of the segment; boxHeader that of the header which each segment repeats.
const headerSize, boxHeader = 8, 8

// jpegSegments cuts a store into APP11 segments (ISO/IEC 19566-5, annex D).
func jpegSegments(store []byte) []byte {
	var out []byte
	rest := store[boxHeader:]
	for number := uint32(1); number == 1 || len(rest) > 0; number++ {
		n := min(len(rest), longest-headerSize-boxHeader)
		head := binary.BigEndian.AppendUint32([]byte("JP\x00\x01"), number)
		out = append(out, segment(app11, head, store[:boxHeader], rest[:n])...)
		rest = rest[n:]
	}
	return out
}

// jpegStore joins APP11 segments that hold a JUMBF superbox labelled c2pa.
// Boxes for other purposes are left alone.
func jpegStore(all []part) (store []byte, r Range, err error) {
	var next uint32
	var instance uint16
	for _, p := range all {
		if p.kind != app11 || len(p.data) < headerSize+boxHeader || string(p.data[:2]) != "JP" {
			continue
		}
		box, number := binary.BigEndian.Uint16(p.data[2:]), binary.BigEndian.Uint32(p.data[4:])
		data := p.data[headerSize:]
		switch {
		case number == 1 && isStore(data):
			if store != nil {
				return nil, Range{}, errors.New("the file has two manifest stores, so that neither counts")
			}
			store, r, instance, next = bytes.Clone(data), p.Range, box, 2
		case store == nil || box != instance:
		case number != next || p.Start != r.End():
			return nil, Range{}, errors.New("segments of the manifest store are missing, out of order or apart")
		default:
			store = append(store, data[boxHeader:]...)
			r.Length += p.Length
			next++
			if len(store) > MaxStore {
				return nil, Range{}, fmt.Errorf("the manifest store is longer than %d bytes", MaxStore)
			}
		}
	}
	return store, r, nil
}

// isStore reports whether a superbox begins here whose description has the
// type of a C2PA manifest store.
func isStore(b []byte) bool {
	return len(b) >= 20 && string(b[4:8]) == "jumb" && string(b[12:20]) == "jumdc2pa"
}
