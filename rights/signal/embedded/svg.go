package embedded

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/xml"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// looksLikeXML reports whether a file is text that begins with a tag, perhaps
// after a byte order mark.
func looksLikeXML(file []byte) bool {
	head := bytes.TrimLeft(file[:min(len(file), 64)], "\xEF\xBB\xBF\xFE\xFF\x00 \t\r\n")
	return bytes.HasPrefix(head, []byte("<"))
}

// svg passes the document on as XMP if it has RDF in it, and finds a manifest
// store in base64 inside of an element "manifest" of the namespace
// http://c2pa.org/manifest.
func (p *Parts) svg(file []byte) {
	p.Format = "SVG"
	if len(file) > MaxPart {
		p.broken(0, "longer than %d bytes", MaxPart)
		return
	}
	text, _, err := transform.Bytes(unicode.BOMOverride(transform.Nop), file)
	if err != nil {
		p.broken(0, "not text: %v", err)
		return
	}
	if bytes.Contains(text, []byte("RDF")) || bytes.Contains(text, []byte("xmpmeta")) {
		p.add(XMP, text, "SVG document")
	}
	if bytes.Contains(text, []byte("http://c2pa.org/manifest")) {
		p.svgManifest(text)
	}
}

func (p *Parts) svgManifest(text []byte) {
	const where = "SVG c2pa:manifest"
	dec := xml.NewDecoder(bytes.NewReader(text))
	dec.Strict = false
	for {
		t, err := dec.Token()
		if err != nil {
			break
		}
		e, ok := t.(xml.StartElement)
		if !ok || e.Name.Local != "manifest" || e.Name.Space != "http://c2pa.org/manifest" {
			continue
		}
		var body string
		if err := dec.DecodeElement(&body, &e); err != nil {
			break
		}
		store, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(body), ""))
		if err != nil {
			p.defect(C2PA, where, "%v", err)
			return
		}
		p.add(C2PA, store, where)
		return
	}
	p.defect(C2PA, where, "the namespace is declared, but no manifest can be read")
}

func (p *Parts) svgz(file []byte) {
	z, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		return // no SVG then
	}
	p.Format = "SVG"
	text, err := readAll(z)
	if err != nil {
		p.broken(0, "%v", err)
		return
	}
	if !looksLikeXML(text) {
		p.Format = ""
		return
	}
	p.svg(text)
}
