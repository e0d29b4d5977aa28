package xmp

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Limits of a packet's XML.
const (
	maxDepth    = 128
	maxValues   = 1000    // properties that are kept
	maxText     = 1 << 16 // bytes of one value
	maxEntities = 100
	maxEntity   = 256     // bytes of an entity's text
	maxExpanded = 4 << 20 // bytes that entities could grow to
)

// value is one text of a property that is of interest.
type value struct {
	property
	text, lang string
}

// wanted reports whether a property is kept.
func wanted(p property) bool {
	return p.local == "DataMining" || p.space == nsTDM || statementName(p) != ""
}

// open is an element that is being read.
type open struct {
	name     property
	lang     string
	text     strings.Builder
	kept     bool // a property that is wanted
	resource string
	items    bool // has given values through rdf:li
}

// scan collects the values of the wanted properties inside of rdf:RDF: from
// attributes, element text, rdf:resource, the items of containers, and
// structures, whose texts count as one. Of what could be read before an error
// it returns the values with the error.
func scan(packet []byte) ([]value, error) {
	if len(packet) > MaxSize {
		return nil, fmt.Errorf("the packet is longer than %d bytes", MaxSize)
	}
	text, _, err := transform.Bytes(unicode.BOMOverride(transform.Nop), packet)
	if err != nil {
		return nil, fmt.Errorf("the packet's encoding: %w", err)
	}
	// Some writers say version 1; the decoder knows only 1.0.
	text = bytes.Replace(text, []byte(`<?xml version="1"`), []byte(`<?xml version="1.0"`), 1)
	dec := xml.NewDecoder(bytes.NewReader(bytes.TrimRight(text, "\x00")))
	dec.CharsetReader = func(label string, r io.Reader) (io.Reader, error) {
		if strings.HasPrefix(strings.ToLower(label), "utf-16") {
			return r, nil // already decoded by its byte order mark
		}
		return charset.NewReaderLabel(label, r)
	}
	var s scanner
	for {
		t, err := dec.Token()
		if errors.Is(err, io.EOF) {
			if !s.seen {
				return nil, errors.New("the packet has no rdf:RDF")
			}
			return s.values, nil
		}
		if err != nil {
			return s.values, err
		}
		switch t := t.(type) {
		case xml.Directive:
			dec.Entity = entities(t, bytes.Count(text, []byte("&")))
		case xml.StartElement:
			err = s.start(t)
		case xml.CharData:
			err = s.chars(t)
		case xml.EndElement:
			err = s.end()
		}
		if err != nil {
			return s.values, err
		}
	}
}

type scanner struct {
	stack  []*open
	rdf    int // depth of rdf:RDF, 0 outside
	seen   bool
	values []value
}

func (s *scanner) start(t xml.StartElement) error {
	if len(s.stack) >= maxDepth {
		return fmt.Errorf("elements are nested deeper than %d", maxDepth)
	}
	e := &open{name: property{t.Name.Space, t.Name.Local}}
	s.stack = append(s.stack, e)
	if e.name == (property{nsRDF, "RDF"}) {
		s.rdf, s.seen = s.rdf+1, true
	}
	if s.rdf == 0 {
		return nil
	}
	e.kept = wanted(e.name)
	for _, a := range t.Attr {
		name := property{a.Name.Space, a.Name.Local}
		switch {
		case name.local == "lang" && (name.space == "xml" || name.space == "http://www.w3.org/XML/1998/namespace"):
			e.lang = a.Value
		case name == property{nsRDF, "resource"}, name == property{nsRDF, "value"}:
			e.resource = a.Value
		case wanted(name):
			if err := s.keep(value{property: name, text: a.Value}); err != nil {
				return err
			}
		}
	}
	return nil
}

// chars adds text to each property that is open.
func (s *scanner) chars(t []byte) error {
	for _, e := range s.stack {
		if e.kept || e.name == (property{nsRDF, "li"}) {
			if e.text.Len()+len(t) > maxText {
				return fmt.Errorf("%s is longer than %d bytes", e.name.local, maxText)
			}
			e.text.Write(t)
		}
	}
	return nil
}

func (s *scanner) end() error {
	e := s.stack[len(s.stack)-1]
	s.stack = s.stack[:len(s.stack)-1]
	if e.name == (property{nsRDF, "RDF"}) {
		s.rdf--
	}
	text := e.resource
	if text == "" {
		text = e.text.String()
	}
	text = strings.TrimSpace(text)
	// The property that an item or a resource belongs to.
	var owner *open
	for i := len(s.stack) - 1; i >= 0 && owner == nil; i-- {
		if s.stack[i].kept {
			owner = s.stack[i]
		}
	}
	switch {
	case e.name == property{nsRDF, "li"} && owner != nil:
		if text != "" {
			owner.items = true
			return s.keep(value{owner.name, text, e.lang})
		}
	case e.kept && !e.items:
		return s.keep(value{e.name, text, e.lang})
	case owner != nil && e.resource != "" && owner.resource == "":
		owner.resource = e.resource
	}
	return nil
}

var errTooMany = fmt.Errorf("more than %d properties of rights", maxValues)

func (s *scanner) keep(v value) error {
	if len(s.values) >= maxValues {
		return errTooMany
	}
	s.values = append(s.values, v)
	return nil
}

var entityDeclaration = regexp.MustCompile(`<!ENTITY\s+([A-Za-z_][\w.-]*)\s+(?:"([^"&%<]*)"|'([^'&%<]*)')\s*>`)

// entities reads the internal entities of a document type declaration, as
// Adobe Illustrator writes for its namespaces. Only short plain texts are
// accepted, which cannot contain each other, and none if the references in
// the document could make too much of them.
func entities(d xml.Directive, references int) map[string]string {
	if !bytes.HasPrefix(d, []byte("DOCTYPE")) || references*maxEntity > maxExpanded {
		return nil
	}
	all := map[string]string{}
	for _, m := range entityDeclaration.FindAllSubmatch(d, maxEntities) {
		text := m[2]
		if text == nil {
			text = m[3]
		}
		if len(text) <= maxEntity {
			all[string(m[1])] = string(text)
		}
	}
	return all
}
