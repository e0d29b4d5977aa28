// Package embedded finds the XMP packets and C2PA manifest stores that picture
// files carry. It reads containers only: what a part says is for others, and
// pictures are not decoded.
package embedded

import (
	"bytes"
	"fmt"
)

// Limits of what is taken from one file.
const (
	MaxPart   = 8 << 20  // bytes of one XMP packet, also after decompression
	MaxStore  = 64 << 20 // bytes of one manifest store
	MaxParts  = 256
	maxBlocks = 100_000 // chunks or segments of a file
)

// Kind is what a part is.
type Kind uint8

const (
	XMP  Kind = iota // XML with RDF in it; for SVG the whole document
	C2PA             // a manifest store, JUMBF boxes
)

// Part is a piece of metadata.
type Part struct {
	Kind  Kind
	Data  []byte // may share memory with the file
	Where string // as "PNG iTXt at byte 57"
}

// Defect is metadata that a file has, or might have, but that cannot be read.
type Defect struct {
	Kind   Kind
	Where  string
	Reason string
}

// Parts are what a file carries.
type Parts struct {
	Format  string // "PNG", "JPEG", "WebP", "SVG", or "" if it is none of them
	Parts   []Part
	Defects []Defect
}

func (p *Parts) add(kind Kind, data []byte, where string) {
	limit := MaxPart
	if kind == C2PA {
		limit = MaxStore
	}
	switch {
	case len(p.Parts) >= MaxParts:
		p.defect(kind, where, "more than %d parts; this one was not read", MaxParts)
	case len(data) > limit:
		p.defect(kind, where, "longer than %d bytes", limit)
	default:
		p.Parts = append(p.Parts, Part{kind, data, where})
	}
}

func (p *Parts) defect(kind Kind, where, format string, args ...any) {
	if len(p.Defects) < MaxParts {
		p.Defects = append(p.Defects, Defect{kind, where, fmt.Sprintf(format, args...)})
	}
}

// broken notes that the container itself cannot be followed further, so that
// metadata of either kind may be lost.
func (p *Parts) broken(at int, format string, args ...any) {
	where := fmt.Sprintf("%s at byte %d", p.Format, at)
	p.defect(XMP, where, format, args...)
	p.defect(C2PA, where, format, args...)
}

// Read finds the parts of a file, whose format it tells from the first bytes.
// Files of other formats have none.
func Read(file []byte) Parts {
	var p Parts
	switch {
	case bytes.HasPrefix(file, []byte("\x89PNG\r\n\x1a\n")):
		p.Format = "PNG"
		p.png(file)
	case bytes.HasPrefix(file, []byte("\xFF\xD8\xFF")):
		p.Format = "JPEG"
		p.jpeg(file)
	case len(file) >= 12 && string(file[:4]) == "RIFF" && string(file[8:12]) == "WEBP":
		p.Format = "WebP"
		p.webp(file)
	case bytes.HasPrefix(file, []byte("\x1F\x8B")):
		p.svgz(file)
	case looksLikeXML(file):
		p.svg(file)
	}
	return p
}
