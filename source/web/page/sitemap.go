package page

import (
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html/charset"

	"github.com/limner-ai/limner/source"
)

// Limits of a sitemap: the first two are the protocol's own.
const (
	MaxMap        = 50 << 20 // bytes, unpacked
	MaxMapEntries = 50_000
	maxMapRatio   = 200 // unpacked to packed bytes, beyond the first MiB
)

// imageSpace is the namespace of the image extension.
const imageSpace = "http://www.google.com/schemas/sitemap-image/1.1"

// ErrNoMap says that a document is no sitemap.
var ErrNoMap = errors.New("not a sitemap")

// Sitemap reads a sitemap or an index of sitemaps (sitemaps.org protocol 0.9),
// packed by gzip or not, with pictures by the image extension (Google, version
// 1.1, whose licence, caption and title were dropped in 2022 and still occur).
// What was found before an error or a limit is returned with it.
func Sitemap(body []byte, at *url.URL) (Document, error) {
	var doc Document
	body, err := unpack(body)
	if err != nil {
		return doc, err
	}
	d := xml.NewDecoder(bytes.NewReader(body))
	d.CharsetReader = charset.NewReaderLabel
	m := mapReader{doc: &doc, at: at}
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) && m.rooted {
			return doc, nil
		}
		if err != nil {
			if !m.rooted {
				err = ErrNoMap
			}
			return doc, fmt.Errorf("sitemap: %w", err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			if !m.rooted && t.Name.Local != "urlset" && t.Name.Local != "sitemapindex" {
				return doc, fmt.Errorf("sitemap: %w: its root is %q", ErrNoMap, t.Name.Local)
			}
			m.rooted = true
			m.depth++
			if m.depth > maxNesting {
				return doc, errors.New("sitemap: nested too deeply")
			}
			m.open(t.Name)
		case xml.CharData:
			if len(m.text)+len(t) <= 2*MaxAddress {
				m.text = append(m.text, t...)
			}
		case xml.EndElement:
			m.depth--
			if m.close(t.Name); m.entries > MaxMapEntries {
				return doc, fmt.Errorf("sitemap: more than %d entries; the rest was left", MaxMapEntries)
			}
		}
	}
}

func unpack(body []byte) ([]byte, error) {
	if len(body) > MaxMap {
		return nil, fmt.Errorf("sitemap: more than %d bytes", MaxMap)
	}
	if !bytes.HasPrefix(body, []byte{0x1f, 0x8b}) {
		return body, nil
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("sitemap: %w", err)
	}
	limit := min(MaxMap, max(1<<20, maxMapRatio*int64(len(body))))
	out, err := io.ReadAll(io.LimitReader(z, limit+1))
	if err != nil {
		return nil, fmt.Errorf("sitemap: %w", err)
	}
	if int64(len(out)) > limit {
		return nil, fmt.Errorf("sitemap: unpacks to more than %d bytes", limit)
	}
	return out, nil
}

type mapReader struct {
	doc     *Document
	at      *url.URL
	rooted  bool
	depth   int
	entries int
	text    []byte

	inMap    bool // in an entry of an index
	page     string
	pictures []Picture
	picture  *Picture
}

func (m *mapReader) open(name xml.Name) {
	m.text = m.text[:0]
	switch {
	case name.Space == imageSpace && name.Local == "image":
		m.picture = &Picture{}
	case name.Local == "url" || name.Local == "sitemap":
		m.inMap, m.page, m.pictures = name.Local == "sitemap", "", nil
	}
}

func (m *mapReader) close(name xml.Name) {
	words := strings.TrimSpace(string(m.text))
	m.text = m.text[:0]
	switch {
	case name.Space == imageSpace:
		m.image(name.Local, words)
	case name.Local == "loc":
		m.page, _ = Address(m.at, words)
	case name.Local == "sitemap" && m.inMap:
		m.entries++
		if m.page != "" && !slices.Contains(m.doc.Maps, m.page) && len(m.doc.Maps) < MaxPictures {
			m.doc.Maps = append(m.doc.Maps, m.page)
		}
	case name.Local == "url" && !m.inMap:
		m.entries++
		if m.page == "" {
			return
		}
		m.doc.Links = append(m.doc.Links, m.page)
		for _, p := range m.pictures {
			p.Via = m.page
			m.doc.Pictures = append(m.doc.Pictures, p)
		}
	}
}

func (m *mapReader) image(field, words string) {
	p := m.picture
	if p == nil {
		return
	}
	switch field {
	case "loc":
		p.URL, _ = Address(m.at, words)
	case "caption":
		p.caption("", words)
	case "title":
		p.Title = text(words)
		p.caption("", words)
	case "license":
		p.say(source.Statement{Scope: source.File, Form: source.Expression, Written: text(words), Where: "sitemap image:license"})
	case "image":
		if m.entries++; p.URL != "" {
			m.pictures = append(m.pictures, *p)
		}
		m.picture = nil
	}
}

func sorted(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }
