package embedded

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
)

const (
	xmpSignature       = "http://ns.adobe.com/xap/1.0/\x00"
	extensionSignature = "http://ns.adobe.com/xmp/extension/\x00"
)

// jpeg walks marker segments up to the first scan (ITU-T T.81 annex B). XMP
// lies in APP1, and what is longer than a segment in further ones (XMP
// Specification part 3, section 1.1.3); a manifest store lies in APP11
// (ISO/IEC 19566-5 annex D).
func (p *Parts) jpeg(file []byte) {
	extended := map[string]*extension{}
	boxes := map[uint16]*box{}
	defer func() {
		p.extensions(extended)
		p.boxes(boxes)
	}()
	at := 2
	for range maxBlocks {
		if len(file)-at < 2 {
			p.broken(at, "the file ends before its picture")
			return
		}
		if file[at] != 0xFF {
			p.broken(at, "no marker")
			return
		}
		marker := file[at+1]
		if marker == 0xFF { // fill
			at++
			continue
		}
		if marker == 0x01 || 0xD0 <= marker && marker <= 0xD7 { // without a segment
			at += 2
			continue
		}
		if marker == 0xDA || marker == 0xD9 { // scan, end
			return
		}
		if len(file)-at < 4 {
			p.broken(at, "a segment is cut off")
			return
		}
		size := int(binary.BigEndian.Uint16(file[at+2:]))
		if size < 2 || size > len(file)-at-2 {
			p.broken(at, "a segment of %d bytes is cut off", size)
			return
		}
		data := file[at+4 : at+2+size]
		switch marker {
		case 0xE1:
			where := fmt.Sprintf("JPEG APP1 at byte %d", at)
			if text, ok := bytes.CutPrefix(data, []byte(xmpSignature)); ok {
				p.add(XMP, text, where)
			} else if rest, ok := bytes.CutPrefix(data, []byte(extensionSignature)); ok {
				p.extend(extended, rest, where)
			}
		case 0xEB:
			p.box(boxes, data, at)
		}
		at += 2 + size
	}
	p.broken(at, "more than %d segments", maxBlocks)
}

// extension is an extended XMP packet that is being put together.
type extension struct {
	where  string
	total  uint32
	pieces map[uint32][]byte // by offset
	read   int
}

func (p *Parts) extend(all map[string]*extension, data []byte, where string) {
	if len(data) < 40 {
		p.defect(XMP, where, "extended XMP is cut off")
		return
	}
	id := string(data[:32])
	total, offset := binary.BigEndian.Uint32(data[32:]), binary.BigEndian.Uint32(data[36:])
	e := all[id]
	if e == nil {
		if len(all) >= MaxParts {
			p.defect(XMP, where, "more than %d parts; this one was not read", MaxParts)
			return
		}
		e = &extension{where: where, total: total, pieces: map[uint32][]byte{}}
		all[id] = e
	}
	if e.total != total {
		p.defect(XMP, where, "extended XMP states two lengths")
		return
	}
	if old, twice := e.pieces[offset]; twice && !bytes.Equal(old, data[40:]) {
		p.defect(XMP, where, "extended XMP has two texts for one place")
		return
	} else if !twice {
		e.pieces[offset] = data[40:]
		e.read += len(data) - 40
	}
}

func (p *Parts) extensions(all map[string]*extension) {
	for _, id := range slices.Sorted(maps.Keys(all)) {
		e := all[id]
		if e.total > MaxPart || e.read > MaxPart {
			p.defect(XMP, e.where, "extended XMP is longer than %d bytes", MaxPart)
			continue
		}
		text := make([]byte, 0, e.read)
		for _, offset := range slices.Sorted(maps.Keys(e.pieces)) {
			if int(offset) != len(text) {
				break
			}
			text = append(text, e.pieces[offset]...)
		}
		if len(text) != int(e.total) || len(text) != e.read {
			p.defect(XMP, e.where, "extended XMP has gaps or overlaps")
			continue
		}
		p.add(XMP, text, e.where)
	}
}

// box is a JUMBF superbox that is being put together from segments.
type box struct {
	at   int
	next uint32 // the sequence number that follows
	data []byte
	bad  string
}

// box reads an APP11 segment: "JP", the box's instance number, the segment's
// number in the sequence, then box header and content. Each segment repeats
// the header.
func (p *Parts) box(all map[uint16]*box, data []byte, at int) {
	if len(data) < 16 || string(data[:2]) != "JP" {
		return
	}
	instance, sequence := binary.BigEndian.Uint16(data[2:]), binary.BigEndian.Uint32(data[4:])
	data = data[8:]
	header := 8
	if binary.BigEndian.Uint32(data) == 1 {
		header = 16
	}
	b := all[instance]
	if b == nil {
		b = &box{at: at, next: 1}
		all[instance] = b
	}
	switch {
	case sequence != b.next:
		b.bad = "segments are missing or out of order"
	case len(data) < header:
		b.bad = "a segment is cut off"
	case len(b.data)+len(data) > MaxStore:
		b.bad = fmt.Sprintf("longer than %d bytes", MaxStore)
	case sequence > 1:
		data = data[header:]
	}
	if b.bad == "" {
		b.data = append(b.data, data...)
		b.next++
	}
}

func (p *Parts) boxes(all map[uint16]*box) {
	for _, instance := range slices.Sorted(maps.Keys(all)) {
		b := all[instance]
		where := fmt.Sprintf("JPEG APP11 at byte %d", b.at)
		if b.bad != "" {
			p.defect(C2PA, where, "%s", b.bad)
			continue
		}
		p.add(C2PA, b.data, where)
	}
}
