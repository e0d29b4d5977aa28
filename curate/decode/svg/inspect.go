// Package svg draws SVG documents into pixels, as pictures that strangers
// made: in a WebAssembly sandbox that has no files, no network, no clock and
// bounded memory, and with the same bits on every machine.
package svg

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// traits is what matters of a document before it is drawn.
type traits struct {
	text bool // it sets words, so that fonts are needed
}

const (
	// maxDoctype bounds the document type declaration, whose entities may
	// expand; those that drawing programs write are shorter.
	maxDoctype  = 8 << 10
	maxEntities = 64
)

// inspect walks through the document once and refuses what would not be worth
// handing to the renderer: no SVG, too many or too deep elements, a document
// type that may explode, and pictures or styles that lie elsewhere.
func inspect(document []byte, l Limits) (traits, error) {
	var t traits
	d := xml.NewDecoder(bytes.NewReader(document))
	d.Strict = false // entities of the document type are the renderer's to expand
	d.CharsetReader = func(label string, in io.Reader) (io.Reader, error) {
		return nil, fmt.Errorf("it is encoded as %s, not UTF-8", label)
	}
	depth, elements := 0, 0
	for {
		token, err := d.RawToken()
		if err == io.EOF {
			break
		}
		if err != nil {
			if strings.Contains(err.Error(), "not UTF-8") {
				return t, fmt.Errorf("%w: %w", ErrUnsupported, err)
			}
			return t, fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			elements++
			depth++
			if elements == 1 && token.Name.Local != "svg" {
				return t, fmt.Errorf("%w: its root is <%s>", ErrUnsupported, token.Name.Local)
			}
			if elements > l.Elements || depth > l.Depth {
				return t, fmt.Errorf("%w: more than %d elements, or more than %d within each other", ErrTooLarge, l.Elements, l.Depth)
			}
			if err := t.element(token); err != nil {
				return t, err
			}
		case xml.EndElement:
			depth--
		case xml.Directive:
			if len(token) > maxDoctype || bytes.Count(token, []byte("<!ENTITY")) > maxEntities {
				return t, fmt.Errorf("%w: a document type of %d bytes with %d entities", ErrTooLarge, len(token), bytes.Count(token, []byte("<!ENTITY")))
			}
		}
	}
	if elements == 0 {
		return t, fmt.Errorf("%w: it has no element", ErrDamaged)
	}
	return t, nil
}

func (t *traits) element(e xml.StartElement) error {
	switch e.Name.Local {
	case "text":
		t.text = true
	case "image", "feImage", "use":
		for _, a := range e.Attr {
			if a.Name.Local != "href" || strings.HasPrefix(strings.TrimSpace(a.Value), "#") {
				continue
			}
			if e.Name.Local != "use" && strings.HasPrefix(strings.TrimSpace(a.Value), "data:") {
				continue
			}
			return fmt.Errorf("%w: <%s> refers to %.60q, and nothing outside the document is read", ErrUnsupported, e.Name.Local, a.Value)
		}
	}
	return nil
}
