package xmp

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Bounds of a packet that is read.
const (
	maxDepth = 64
	maxText  = 64 << 10 // bytes of a property
)

// document is what there is in a packet, and where.
type document struct {
	about  string              // what the packet is about, as its first description says
	values map[xml.Name]string // properties of the picture
	close  int                 // where the last rdf:RDF ends
	spans  []span
}

// span is where a property lies: an element, or a start tag that has it as an
// attribute and is written anew without.
type span struct {
	start, end int
	names      []xml.Name
	tag        xml.StartElement // raw, of attributes' spans
	empty      bool             // the tag closes itself
	attributes map[int]xml.Name // by index; nil of an element
}

// edit replaces a stretch of a packet.
type edit struct {
	start, end int
	by         []byte
}

// edits are those that put the properties into the packet in place of those
// that it has.
func (d *document) edits(p *Properties) []edit {
	ours := map[xml.Name]bool{}
	for _, f := range p.fields() {
		ours[f.name] = *f.value != ""
	}
	var all []edit
	for _, s := range d.spans {
		if !slices.ContainsFunc(s.names, func(n xml.Name) bool { return ours[n] }) {
			continue
		}
		e := edit{start: s.start, end: s.end}
		if s.attributes != nil {
			e.by = s.without(ours)
		}
		all = append(all, e)
	}
	return append(all, edit{d.close, d.close, p.describe(d.about)})
}

// without is the start tag without the attributes that are ours.
func (s *span) without(ours map[xml.Name]bool) []byte {
	var b bytes.Buffer
	b.WriteString("<" + rawName(s.tag.Name))
	for i, a := range s.tag.Attr {
		if n, is := s.attributes[i]; is && ours[n] {
			continue
		}
		b.WriteString(" " + rawName(a.Name) + `="`)
		xml.EscapeText(&b, []byte(a.Value)) // into memory: never fails
		b.WriteString(`"`)
	}
	if s.empty {
		b.WriteString("/")
	}
	b.WriteString(">")
	return b.Bytes()
}

func rawName(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}

var (
	rdfRoot  = xml.Name{Space: nsRDF, Local: "RDF"}
	rdfAbout = xml.Name{Space: nsRDF, Local: "Description"}
)

// scanner walks the raw tokens of a packet, so that offsets and prefixes are
// kept, and resolves names itself.
type scanner struct {
	document
	packet []byte
	open   []element
	text   strings.Builder // of the property that is being read
	items  int             // rdf:li in it
}

type element struct {
	name   xml.Name
	start  int
	spaces map[string]string // prefixes that it declares
}

func scan(packet []byte) (document, error) {
	s := scanner{document: document{values: map[xml.Name]string{}, close: -1}, packet: packet}
	dec := xml.NewDecoder(bytes.NewReader(bytes.TrimRight(packet, "\x00")))
	for {
		start := int(dec.InputOffset())
		token, err := dec.RawToken()
		if err == io.EOF {
			break
		}
		if err != nil {
			return s.document, fmt.Errorf("the XMP is no well-formed XML: %w", err)
		}
		end := int(dec.InputOffset())
		switch t := token.(type) {
		case xml.StartElement:
			if err := s.enter(t, start, end); err != nil {
				return s.document, err
			}
		case xml.EndElement:
			if err := s.leave(t, start, end); err != nil {
				return s.document, err
			}
		case xml.CharData:
			// Of alternatives, the first is the default.
			if s.propertyDepth() >= 0 && s.items <= 1 && s.text.Len()+len(t) <= maxText {
				s.text.Write(t)
			}
		}
	}
	if len(s.open) > 0 || s.close < 0 {
		return s.document, errors.New("the XMP holds no complete RDF")
	}
	return s.document, nil
}

// resolve gives a raw name its namespace. Attributes without a prefix have none.
func (s *scanner) resolve(n xml.Name, attribute bool) xml.Name {
	if n.Space == "" && attribute {
		return n
	}
	for i := len(s.open) - 1; i >= 0; i-- {
		if uri, ok := s.open[i].spaces[n.Space]; ok {
			return xml.Name{Space: uri, Local: n.Local}
		}
	}
	return xml.Name{Local: rawName(n)}
}

// isProperty reports whether the element at a depth is a property of the
// picture: a child of an rdf:Description in an rdf:RDF, which is the outermost
// element or lies in that.
func (s *scanner) isProperty(depth int) bool {
	return (depth == 2 || depth == 3) && s.open[depth-1].name == rdfAbout && s.open[depth-2].name == rdfRoot
}

// propertyDepth is the depth of the property that is open, -1 without.
func (s *scanner) propertyDepth() int {
	for i := range s.open {
		if s.isProperty(i) {
			return i
		}
	}
	return -1
}

func (s *scanner) enter(t xml.StartElement, start, end int) error {
	if len(s.open) == maxDepth {
		return fmt.Errorf("the XMP is nested deeper than %d", maxDepth)
	}
	e := element{start: start, spaces: map[string]string{}}
	for _, a := range t.Attr {
		switch {
		case a.Name.Space == "xmlns":
			e.spaces[a.Name.Local] = a.Value
		case a.Name.Space == "" && a.Name.Local == "xmlns":
			e.spaces[""] = a.Value
		}
	}
	s.open = append(s.open, e)
	depth := len(s.open) - 1
	name := s.resolve(t.Name, false)
	s.open[depth].name = name
	switch {
	case s.isProperty(depth):
		s.text.Reset()
		s.items = 0
	case name == xml.Name{Space: nsRDF, Local: "li"}:
		s.items++
	case name == rdfAbout && depth > 0 && s.open[depth-1].name == rdfRoot:
		s.attributes(t.Copy(), start, end)
	}
	return nil
}

// attributes keeps the properties that a description has as attributes (ISO
// 16684-1, section 7.9.2.2).
func (s *scanner) attributes(t xml.StartElement, start, end int) {
	x := span{start: start, end: end, tag: t, empty: s.packet[end-2] == '/', attributes: map[int]xml.Name{}}
	for i, a := range t.Attr {
		name := s.resolve(a.Name, true)
		switch {
		case name == xml.Name{Space: nsRDF, Local: "about"}:
			if s.about == "" {
				s.about = a.Value
			}
		case name.Space != "" && a.Name.Space != "xmlns" && len(a.Value) <= maxText:
			s.values[name] = a.Value
			x.names = append(x.names, name)
			x.attributes[i] = name
		}
	}
	if len(x.names) > 0 {
		s.spans = append(s.spans, x)
	}
}

func (s *scanner) leave(t xml.EndElement, start, end int) error {
	depth := len(s.open) - 1
	if depth < 0 || s.resolve(t.Name, false) != s.open[depth].name {
		return errors.New("the XMP is no well-formed XML: an element ends that did not begin")
	}
	e := s.open[depth]
	switch {
	case s.isProperty(depth):
		s.values[e.name] = strings.TrimSpace(s.text.String())
		s.spans = append(s.spans, span{start: e.start, end: end, names: []xml.Name{e.name}})
	case e.name == rdfRoot && depth <= 1:
		if start == end || s.packet[start] != '<' {
			return errors.New("the XMP holds an empty RDF")
		}
		s.close = start
	}
	s.open = s.open[:depth]
	return nil
}
