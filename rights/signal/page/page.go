// Package page takes from an HTML page what protocols of reservations read:
// meta elements, links, and inline scripts.
package page

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"
)

// Limits of what is read of a page.
const (
	MaxSize     = 8 << 20 // bytes
	MaxElements = 10_000  // of the three kinds together
	maxToken    = 2 << 20 // bytes of one tag or text
)

// Meta is a meta element with a name.
type Meta struct {
	Name    string // in lower case
	Content string
	Where   string
}

// Link is a link element.
type Link struct {
	Rel, Type string // in lower case; Type without parameters
	Href      string
	Where     string
}

// Script is the text of an inline script element with a type.
type Script struct {
	Type  string // in lower case, without parameters
	Text  []byte
	Where string
}

// Page is what was found, in the order of the document, in head and body.
type Page struct {
	Metas   []Meta
	Links   []Link
	Scripts []Script
	Defect  string // why some of it could not be read, or ""
}

// Read reads a page. The content type is that of its response or "", and tells
// the encoding where no byte order mark does; else a meta element may.
func Read(body []byte, contentType string) Page {
	var p Page
	if len(body) > MaxSize {
		body = body[:MaxSize]
		p.Defect = fmt.Sprintf("the page is longer than %d bytes; the rest was not read", MaxSize)
	}
	r, err := charset.NewReader(bytes.NewReader(body), contentType)
	if err != nil {
		r = bytes.NewReader(body)
	}
	z := html.NewTokenizer(r)
	z.SetMaxBuf(maxToken)
	script := false // the next text is that of the last script
	for {
		kind := z.Next()
		switch kind {
		case html.ErrorToken:
			if err := z.Err(); !errors.Is(err, io.EOF) {
				p.Defect = fmt.Sprintf("the page cannot be read to its end: %v", err)
			}
			return p
		case html.TextToken:
			if script {
				p.Scripts[len(p.Scripts)-1].Text = bytes.Clone(z.Text())
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			script = p.tag(z)
			if len(p.Metas)+len(p.Links)+len(p.Scripts) > MaxElements {
				p.Defect = fmt.Sprintf("the page has more than %d meta, link and script elements; the rest was not read", MaxElements)
				return p
			}
			continue
		}
		script = false
	}
}

// tag records a start tag and reports whether it opens a script with a type.
func (p *Page) tag(z *html.Tokenizer) bool {
	name, more := z.TagName()
	tag := string(name)
	if tag != "meta" && tag != "link" && tag != "script" {
		return false
	}
	attr := map[string]string{}
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		if _, twice := attr[string(key)]; !twice { // the first counts in HTML
			attr[string(key)] = string(value)
		}
	}
	where := "page " + tag + " element"
	switch kind := mediaType(attr["type"]); {
	case tag == "meta" && attr["name"] != "":
		name := strings.ToLower(strings.TrimSpace(attr["name"]))
		p.Metas = append(p.Metas, Meta{name, attr["content"], where})
	case tag == "link":
		p.Links = append(p.Links, Link{strings.ToLower(attr["rel"]), kind, strings.TrimSpace(attr["href"]), where})
	case tag == "script" && kind != "":
		p.Scripts = append(p.Scripts, Script{Type: kind, Where: where})
		return true
	}
	return false
}

func mediaType(s string) string {
	s, _, _ = strings.Cut(s, ";")
	return strings.ToLower(strings.TrimSpace(s))
}
