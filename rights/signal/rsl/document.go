// Package rsl reads Really Simple Licensing: where a licence document is
// announced, and what it says about uses of one resource.
//
// Fetching the documents, tokens of licence servers and the protocols for
// payment are not part of it.
package rsl

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Version names what is implemented.
const Version = "RSL 1.0 (10 December 2025), errata to 7 August 2026"

// Namespace is that of every element that is read.
const Namespace = "https://rslstandard.org/rsl"

// MediaType is that of a document.
const MediaType = "application/rsl+xml"

// Limits of a document.
const (
	MaxSize     = 1 << 20 // bytes
	MaxDepth    = 32
	MaxElements = 20_000
)

const day = 24 * time.Hour

// Document is a valid document.
type Document struct {
	contents []content
	maxAge   time.Duration
}

type content struct {
	url      string
	server   string
	terms    string
	licences []licence
}

// licence is one set of terms.
type licence struct {
	clauses []clause
	limits  []string // user and geo clauses, reporting: conditions on any grant
	payment payment
}

type clause struct {
	tokens []string
	permit bool
	raw    string
	line   int
}

type payment struct {
	kind   string // "free" if no payment is asked
	policy string
	line   int
}

// Parse reads a document by itself. Any error means that the document is not
// conformant and grants nothing: no XML, a document type declaration, another
// root or namespace, an element that the namespace does not have, a missing
// or wrong attribute, two clauses for one type, commas in a list, or a limit.
func Parse(data []byte) (*Document, error) { return parse(data, false) }

// Embedded reads the document inside of other XML, such as XMP: the first
// element rsl of the namespace. There being none is an error.
func Embedded(data []byte) (*Document, error) { return parse(data, true) }

type parser struct {
	*xml.Decoder
	elements, depth int
}

func parse(data []byte, inside bool) (*Document, error) {
	if len(data) > MaxSize {
		return nil, fmt.Errorf("rsl: the document is longer than %d bytes", MaxSize)
	}
	data, _, err := transform.Bytes(unicode.BOMOverride(transform.Nop), data)
	if err != nil {
		return nil, fmt.Errorf("rsl: the document's encoding: %w", err)
	}
	p := &parser{Decoder: xml.NewDecoder(bytes.NewReader(data))}
	p.CharsetReader = func(label string, r io.Reader) (io.Reader, error) {
		if strings.HasPrefix(strings.ToLower(label), "utf-16") {
			return r, nil // already decoded by its byte order mark
		}
		return nil, fmt.Errorf("rsl: encoding %q; use UTF-8", label)
	}
	var doc *Document
	for {
		t, err := p.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("rsl: %w", err)
		}
		switch t := t.(type) {
		case xml.Directive:
			return nil, errors.New("rsl: the document has a document type declaration; remove it")
		case xml.StartElement:
			if t.Name.Space == Namespace && t.Name.Local == "rsl" {
				if doc, err = p.root(t); err != nil {
					return nil, fmt.Errorf("rsl: %w", err)
				}
				if inside {
					return doc, nil
				}
			} else if !inside {
				return nil, fmt.Errorf("rsl: the root element is %s %s; want rsl in %s", t.Name.Space, t.Name.Local, Namespace)
			} else if p.elements++; p.elements > MaxElements {
				return nil, fmt.Errorf("rsl: more than %d elements", MaxElements)
			}
		}
	}
	if doc == nil {
		return nil, errors.New("rsl: no rsl element")
	}
	return doc, nil
}

func (p *parser) line() int { n, _ := p.InputPos(); return n }

// children calls f for each child element of the namespace that is named in
// known, until the element at hand ends. Elements of other namespaces are
// skipped with what they contain; f must read its element to its end. The
// text of the element itself is returned.
func (p *parser) children(parent string, known []string, f func(xml.StartElement) error) (string, error) {
	var text strings.Builder
	if p.depth++; p.depth > MaxDepth {
		return "", fmt.Errorf("elements are nested deeper than %d", MaxDepth)
	}
	defer func() { p.depth-- }()
	for {
		t, err := p.Token()
		if err != nil {
			return "", fmt.Errorf("in %s: %w", parent, err)
		}
		switch t := t.(type) {
		case xml.EndElement:
			return text.String(), nil
		case xml.CharData:
			text.Write(t)
		case xml.Directive:
			return "", errors.New("a declaration inside of an element")
		case xml.StartElement:
			if p.elements++; p.elements > MaxElements {
				return "", fmt.Errorf("more than %d elements", MaxElements)
			}
			if t.Name.Space != Namespace {
				if err := p.skip(); err != nil {
					return "", err
				}
				continue
			}
			if !slices.Contains(known, t.Name.Local) {
				return "", fmt.Errorf("line %d: %s may not contain %s", p.line(), parent, t.Name.Local)
			}
			if err := f(t); err != nil {
				return "", err
			}
		}
	}
}

// skip passes over an element of another namespace.
func (p *parser) skip() error {
	for depth := 1; depth > 0; {
		t, err := p.Token()
		if err != nil {
			return err
		}
		switch t.(type) {
		case xml.StartElement:
			if p.elements++; p.elements > MaxElements {
				return fmt.Errorf("more than %d elements", MaxElements)
			}
			depth++
		case xml.EndElement:
			depth--
		}
	}
	return nil
}

// text reads an element without children of the namespace.
func (p *parser) text(e xml.StartElement) (string, error) {
	s, err := p.children(e.Name.Local, nil, nil)
	return strings.TrimSpace(s), err
}

func attr(e xml.StartElement, name string) (string, bool) {
	for _, a := range e.Attr {
		if a.Name.Space == "" && a.Name.Local == name {
			return a.Value, true
		}
	}
	return "", false
}

func (p *parser) root(e xml.StartElement) (*Document, error) {
	doc := &Document{maxAge: 30 * day} // section 3.2
	if s, ok := attr(e, "max-age"); ok {
		days, err := strconv.ParseUint(strings.TrimSpace(s), 10, 16)
		if err != nil || days == 0 {
			return nil, fmt.Errorf("max-age is %q; want days, a positive integer", s)
		}
		doc.maxAge = time.Duration(days) * day
	}
	_, err := p.children("rsl", []string{"content"}, func(e xml.StartElement) error {
		c, err := p.content(e)
		doc.contents = append(doc.contents, c)
		return err
	})
	return doc, err
}
