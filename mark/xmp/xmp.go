// Package xmp writes and reads what Limner says about a picture in XMP (ISO
// 16684-1): by which kind of source it was made, in IPTC's words, with which
// tool, and from which model and data set. Every program that shows a file's
// metadata can show it; nothing protects it, unlike Content Credentials, which
// cover it where a file has both.
package xmp

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"slices"

	"github.com/limner-ai/limner/mark/carrier"
)

// Namespaces.
const (
	nsRDF  = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	nsDC   = "http://purl.org/dc/elements/1.1/"
	nsXMP  = "http://ns.adobe.com/xap/1.0/"
	nsIPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
	// Namespace is Limner's own.
	Namespace = "https://github.com/limner-ai/limner/ns/mark/1.0/"
)

// Properties are what is written and read. Empty ones are not written.
type Properties struct {
	SourceType  string `json:"sourceType,omitempty"`  // Iptc4xmpExt:DigitalSourceType, an IRI
	CreatorTool string `json:"creatorTool,omitempty"` // xmp:CreatorTool
	// Description is dc:description in the default language. One that a packet
	// has already is kept.
	Description string `json:"description,omitempty"`
	Model       string `json:"model,omitempty"`     // name
	Digest      string `json:"digest,omitempty"`    // of the model's file
	SetRoot     string `json:"setRoot,omitempty"`   // of the data set that it was trained on
	Rights      string `json:"rights,omitempty"`    // a line on the rights in that set
	ID          string `json:"id,omitempty"`        // the picture's
	Watermark   string `json:"watermark,omitempty"` // the number in its watermark
}

// field ties a property to its name.
type field struct {
	prefix string
	name   xml.Name
	value  *string
}

func (p *Properties) fields() []field {
	own := func(local string, v *string) field {
		return field{"limner", xml.Name{Space: Namespace, Local: local}, v}
	}
	return []field{
		{"Iptc4xmpExt", xml.Name{Space: nsIPTC, Local: "DigitalSourceType"}, &p.SourceType},
		{"xmp", xml.Name{Space: nsXMP, Local: "CreatorTool"}, &p.CreatorTool},
		{"dc", description, &p.Description},
		own("Model", &p.Model), own("ModelDigest", &p.Digest), own("SetRoot", &p.SetRoot),
		own("Rights", &p.Rights), own("PictureID", &p.ID), own("Watermark", &p.Watermark),
	}
}

var description = xml.Name{Space: nsDC, Local: "description"}

// ErrNone is wrapped where a file has no XMP.
var ErrNone = errors.New("the file has no XMP")

// Read gives the properties in the XMP of a PNG, JPEG or WebP file. A file
// without XMP is an error that wraps [ErrNone].
func Read(file []byte) (Properties, error) {
	packet, err := carrier.XMP(file)
	if err != nil {
		return Properties{}, err
	}
	if packet == nil {
		return Properties{}, ErrNone
	}
	return parse(packet)
}

func parse(packet []byte) (p Properties, err error) {
	d, err := scan(packet)
	if err != nil {
		return p, err
	}
	for _, f := range p.fields() {
		*f.value = d.values[f.name]
	}
	return p, nil
}

// Put gives a copy of a PNG, JPEG or WebP file with the properties in its XMP.
// All else in a packet that the file has stays as it is, byte for byte; one
// that cannot be read is an error.
func Put(file []byte, p Properties) ([]byte, error) {
	old, err := carrier.XMP(file)
	if err != nil {
		return nil, err
	}
	packet, err := merge(old, p)
	if err != nil {
		return nil, err
	}
	return carrier.SetXMP(file, packet)
}

const (
	// The wrapper (ISO 16684-1, section 7.3.2) says that the packet is UTF-8.
	begin = "<?xpacket begin=\"\uFEFF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n<rdf:RDF xmlns:rdf=\"" + nsRDF + "\">\n"
	end   = "</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"w\"?>"
)

// merge puts the properties into a packet; nil makes a new one.
func merge(packet []byte, p Properties) ([]byte, error) {
	if packet == nil {
		return slices.Concat([]byte(begin), p.describe(""), []byte(end)), nil
	}
	d, err := scan(packet)
	if err != nil {
		return nil, fmt.Errorf("the file's XMP cannot be added to; remove it first: %w", err)
	}
	if _, has := d.values[description]; has {
		p.Description = ""
	}
	out, at := []byte(nil), 0
	for _, e := range d.edits(&p) {
		out = append(append(out, packet[at:e.start]...), e.by...)
		at = e.end
	}
	return append(out, packet[at:]...), nil
}

// describe is the rdf:Description of the properties (ISO 16684-1, section 7.4).
func (p *Properties) describe(about string) []byte {
	var b bytes.Buffer
	text := func(s string) { xml.EscapeText(&b, []byte(s)) } // into memory: never fails
	b.WriteString(`<rdf:Description xmlns:rdf="` + nsRDF + `" rdf:about="`)
	text(about)
	b.WriteString(`" xmlns:Iptc4xmpExt="` + nsIPTC + `" xmlns:xmp="` + nsXMP + `" xmlns:dc="` + nsDC + `" xmlns:limner="` + Namespace + "\">\n")
	for _, f := range p.fields() {
		if *f.value == "" {
			continue
		}
		tag := f.prefix + ":" + f.name.Local
		b.WriteString("<" + tag + ">")
		if f.name == description {
			b.WriteString(`<rdf:Alt><rdf:li xml:lang="x-default">`)
		}
		text(*f.value)
		if f.name == description {
			b.WriteString(`</rdf:li></rdf:Alt>`)
		}
		b.WriteString("</" + tag + ">\n")
	}
	b.WriteString("</rdf:Description>\n")
	return b.Bytes()
}
