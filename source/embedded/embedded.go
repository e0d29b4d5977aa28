// Package embedded reads the words that an SVG document carries about itself in
// RDF: its title, who made it, what it shows.
package embedded

import (
	"bytes"
	"encoding/xml"
	"io"
	"slices"
	"strings"

	"golang.org/x/net/html/charset"
)

// Words are what a picture says of itself.
type Words struct {
	Title       string
	Creator     string
	Description string
	Language    string // BCP 47, as it says
	Keywords    []string
	Holders     []string // of dc:rights
}

const (
	nsRDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	nsDC  = "http://purl.org/dc/elements/1.1/"
	nsSVG = "http://www.w3.org/2000/svg"
)

// Limits of what is read.
const (
	maxRead  = 4 << 20 // bytes of the document
	maxDepth = 64
	maxWords = 200 // keywords
	maxText  = 4 << 10
)

// SVG reads the RDF of an SVG document, and for a title that it lacks the
// document's own. What cannot be read is left out.
func SVG(doc []byte) Words {
	var w Words
	if !bytes.Contains(doc, []byte("<")) {
		return w
	}
	d := xml.NewDecoder(io.LimitReader(bytes.NewReader(doc), maxRead))
	d.Strict = false // entities of namespaces that are not of interest
	d.CharsetReader = charset.NewReaderLabel
	s := scanner{words: &w}
	for {
		t, err := d.Token()
		if err != nil {
			break
		}
		switch t := t.(type) {
		case xml.StartElement:
			if s.start(t.Name) > maxDepth {
				return w
			}
		case xml.CharData:
			s.text(t)
		case xml.EndElement:
			s.end()
		}
	}
	if w.Title == "" {
		w.Title = s.own
	}
	return w
}

// scanner follows the elements that are open.
type scanner struct {
	words *Words
	open  []xml.Name
	here  []byte // text of the innermost element
	rdf   bool
	own   string // title of the document
}

func (s *scanner) start(name xml.Name) int {
	s.open = append(s.open, name)
	s.here = s.here[:0]
	s.rdf = s.rdf || name == xml.Name{Space: nsRDF, Local: "RDF"}
	return len(s.open)
}

func (s *scanner) text(t []byte) {
	if len(s.here)+len(t) <= maxText {
		s.here = append(s.here, t...)
	}
}

// within gives the Dublin Core elements that are open, outermost first.
func (s *scanner) within() []string {
	var names []string
	for _, n := range s.open {
		if n.Space == nsDC {
			names = append(names, n.Local)
		}
	}
	return names
}

func (s *scanner) end() {
	if len(s.open) == 0 {
		return
	}
	last := s.open[len(s.open)-1]
	if text := strings.Join(strings.Fields(string(s.here)), " "); text != "" {
		s.take(last, text)
	}
	s.here = s.here[:0]
	s.open = s.open[:len(s.open)-1]
	if last == (xml.Name{Space: nsRDF, Local: "RDF"}) {
		s.rdf = false
	}
}

func (s *scanner) take(last xml.Name, text string) {
	if !s.rdf {
		if last.Local == "title" && len(s.open) == 2 && (last.Space == nsSVG || last.Space == "") {
			s.own = text
		}
		return
	}
	in := s.within()
	if len(in) == 0 {
		return
	}
	set := func(to *string) {
		if *to == "" {
			*to = text
		}
	}
	w := s.words
	switch in[0] {
	case "title":
		set(&w.Title)
	case "creator":
		set(&w.Creator)
	case "description":
		set(&w.Description)
	case "language":
		set(&w.Language)
	case "subject":
		if len(w.Keywords) < maxWords && !slices.Contains(w.Keywords, text) {
			w.Keywords = append(w.Keywords, text)
		}
	case "rights":
		if len(in) > 1 && len(w.Holders) < maxWords && !slices.Contains(w.Holders, text) { // an agent, not prose
			w.Holders = append(w.Holders, text)
		}
	}
}
