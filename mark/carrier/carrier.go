// Package carrier knows where marks lie in PNG, JPEG and WebP files: an XMP
// packet, and a C2PA manifest store. It moves bytes and understands neither.
package carrier

import (
	"bytes"
	"errors"
	"fmt"
)

// Limits, so that a hostile file costs little.
const (
	MaxXMP   = 4 << 20  // bytes of a packet
	MaxStore = 16 << 20 // bytes of a manifest store
	maxParts = 100_000  // chunks or segments of a file
)

// ErrFormat is wrapped where a file is of no format that this package knows.
var ErrFormat = errors.New("want a PNG, JPEG or WebP file")

// Format is the media type of a file.
type Format string

// The formats.
const (
	PNG  Format = "image/png"
	JPEG Format = "image/jpeg"
	WebP Format = "image/webp"
)

const pngSignature = "\x89PNG\r\n\x1a\n"

// FormatOf looks at the first bytes of a file. Without any of the formats it is
// an error that wraps [ErrFormat].
func FormatOf(file []byte) (Format, error) {
	switch {
	case bytes.HasPrefix(file, []byte(pngSignature)):
		return PNG, nil
	case bytes.HasPrefix(file, []byte{0xFF, 0xD8, 0xFF}):
		return JPEG, nil
	case len(file) >= 12 && string(file[:4]) == "RIFF" && string(file[8:12]) == "WEBP":
		return WebP, nil
	}
	return "", fmt.Errorf("this is no picture file that marks can be read from or put into: %w", ErrFormat)
}

// Range is a stretch of a file, in bytes.
type Range struct{ Start, Length int }

// End is the first byte after the range.
func (r Range) End() int { return r.Start + r.Length }

// part is a chunk or segment with all that frames it.
type part struct {
	Range
	kind string // as IDAT; of JPEG the marker, as "\xE1"
	data []byte
}

// parts takes a file apart. What follows them (JPEG's scans) is in none.
func parts(file []byte) (Format, []part, error) {
	f, err := FormatOf(file)
	if err != nil {
		return "", nil, err
	}
	var all []part
	switch f {
	case PNG:
		all, err = pngParts(file)
	case JPEG:
		all, err = jpegParts(file)
	case WebP:
		all, err = webpParts(file)
	}
	return f, all, err
}

// XMP gives the packet of a file, nil where there is none. More than one, one
// longer than [MaxXMP], or a file that is cut off, is an error.
func XMP(file []byte) ([]byte, error) {
	f, all, err := parts(file)
	if err != nil {
		return nil, err
	}
	packet, _, err := findXMP(f, all)
	return packet, err
}

// findXMP gives the packet and the part that holds it, -1 without.
func findXMP(f Format, all []part) (packet []byte, at int, err error) {
	at = -1
	for i, p := range all {
		var text []byte
		var ok bool
		switch f {
		case PNG:
			text, ok, err = pngXMP(p)
		case JPEG:
			text, ok = jpegXMP(p)
		case WebP:
			text, ok = p.data, p.kind == "XMP "
		}
		switch {
		case err != nil:
			return nil, -1, err
		case !ok:
			continue
		case at >= 0:
			return nil, -1, errors.New("the file has two XMP packets; remove one")
		case len(text) > MaxXMP:
			return nil, -1, fmt.Errorf("the XMP packet is longer than %d bytes", MaxXMP)
		}
		packet, at = text, i
	}
	return packet, at, nil
}

// SetXMP gives a copy of a file with the packet, in place of the one that it
// has. In JPEG, a packet has at most 65,502 bytes.
func SetXMP(file, packet []byte) ([]byte, error) {
	f, all, err := parts(file)
	if err != nil {
		return nil, err
	}
	_, old, err := findXMP(f, all)
	if err != nil {
		return nil, err
	}
	if len(packet) > MaxXMP {
		return nil, fmt.Errorf("the XMP packet has %d bytes; at most %d are allowed", len(packet), MaxXMP)
	}
	switch f {
	case PNG:
		return replace(file, at(all, old, all[0].End()), pngXMPChunk(packet)), nil
	case JPEG:
		segment, err := jpegXMPSegment(packet)
		if err != nil {
			return nil, err
		}
		return replace(file, at(all, old, afterIntroduction(all)), segment), nil
	default:
		return webpSetXMP(file, all, old, packet)
	}
}

// at is the range of a part, or an empty one where there is no such part.
func at(all []part, i, otherwise int) Range {
	if i >= 0 {
		return all[i].Range
	}
	return Range{Start: otherwise}
}

// Store gives the C2PA manifest store of a file and the stretch of the file
// that it takes, with all that frames it; nil where there is none. More than
// one, or one whose parts do not lie together, is an error.
func Store(file []byte) ([]byte, Range, error) {
	f, all, err := parts(file)
	if err != nil {
		return nil, Range{}, err
	}
	switch f {
	case PNG:
		return chunkStore(all, "caBX")
	case JPEG:
		return jpegStore(all)
	default:
		return chunkStore(all, "C2PA")
	}
}

// chunkStore finds the one chunk that a store is: caBX in PNG (C2PA 2.4, section
// A.3.3), C2PA in RIFF files such as WebP.
func chunkStore(all []part, kind string) (store []byte, r Range, err error) {
	for _, p := range all {
		switch {
		case p.kind != kind:
		case store != nil:
			return nil, Range{}, errors.New("the file has two manifest stores, so that neither counts")
		case len(p.data) > MaxStore:
			return nil, Range{}, fmt.Errorf("the manifest store is longer than %d bytes", MaxStore)
		default:
			store, r = p.data, p.Range
		}
	}
	return store, r, nil
}

// Room gives a copy of a file without a manifest store, and where in it one
// belongs.
func Room(file []byte) (bare []byte, start int, err error) {
	f, err := FormatOf(file)
	if err != nil {
		return nil, 0, err
	}
	_, r, err := Store(file)
	if err != nil {
		return nil, 0, err
	}
	bare = replace(file, r, nil)
	if f == WebP && r.Length > 0 {
		webpShrink(bare, r.Length)
	}
	_, all, err := parts(bare)
	if err != nil {
		return nil, 0, err
	}
	switch f {
	case PNG:
		return bare, all[0].End(), nil
	case JPEG:
		return bare, afterIntroduction(all), nil
	default:
		return webpRoom(bare, all)
	}
}

// Around is a bare file of the format as it lies around a store that takes so
// many bytes: the header of a WebP file counts them.
func Around(f Format, bare []byte, length int) []byte {
	if f == WebP {
		return webpAround(bare, length)
	}
	return bare
}

// Frame is a manifest store as it lies in a file of the format.
func Frame(f Format, store []byte) []byte {
	switch f {
	case PNG:
		return pngChunk("caBX", store)
	case JPEG:
		return jpegSegments(store)
	default:
		return webpChunk("C2PA", store)
	}
}

// Filling is how many bytes after a store in the stretch that it takes say
// nothing: chunks of WebP are of even length.
func Filling(f Format, store []byte) int {
	if f == WebP {
		return len(store) % 2
	}
	return 0
}

func replace(file []byte, r Range, by []byte) []byte {
	out := make([]byte, 0, len(file)-r.Length+len(by))
	out = append(out, file[:r.Start]...)
	out = append(out, by...)
	return append(out, file[r.End():]...)
}
