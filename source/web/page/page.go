// Package page finds in HTML pages and sitemaps what leads a crawler on: links,
// pictures, and the words and statements about rights that stand beside them.
// What a page reserves is not its matter.
package page

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"github.com/limner-ai/limner/source"
)

// Limits of what is taken from one page. What is beyond them is left.
const (
	MaxSize     = 4 << 20 // bytes of a page
	MaxPictures = 500
	MaxLinks    = 1000
	MaxAddress  = 2048 // bytes
	maxText     = 1000 // bytes of a caption
	maxCaptions = 16   // of a picture
	maxSaid     = 16   // statements of a picture
)

// Document is what was found.
type Document struct {
	Pictures []Picture
	Links    []string // pages, in their order, each once
	// Maps are the sitemaps that an index of sitemaps lists.
	Maps []string
	// Canonical is the address that the page names as its own, if it is another.
	Canonical string
	NoFollow  bool // the page asks that its links be not followed
	Defect    string
}

// Picture is a picture that a page shows or links to.
type Picture struct {
	URL string
	// Via is the page that shows it, where a sitemap speaks of it.
	Via      string
	Title    string
	Creator  string
	Captions []source.Caption
	// Statements lack their evidence, which is the page.
	Statements []source.Statement
}

// Address resolves a reference as it stands in a page and brings it to one
// form: http or https, the host in lower case and ASCII, no default port, no
// fragment. It reports false for what a crawler must not ask for.
func Address(base *url.URL, ref string) (string, bool) {
	ref = strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r == '\r' {
			return -1
		}
		return r
	}, strings.TrimSpace(ref))
	if len(ref) > MaxAddress || !utf8.ValidString(ref) {
		return "", false
	}
	u, err := url.Parse(ref)
	if err != nil {
		return "", false
	}
	if base != nil {
		u = base.ResolveReference(u)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Opaque != "" {
		return "", false
	}
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if strings.ContainsFunc(host, func(r rune) bool { return r >= utf8.RuneSelf }) {
		if host, err = idna.Lookup.ToASCII(host); err != nil {
			return "", false
		}
	}
	host = strings.TrimSuffix(host, ".")
	if host == "" || host[0] == '.' || strings.Contains(host, "..") || strings.ContainsAny(host, " %") {
		return "", false
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port != "" && !(u.Scheme == "http" && port == "80" || u.Scheme == "https" && port == "443") {
		host += ":" + port
	}
	u.Host, u.Fragment, u.RawFragment, u.ForceQuery = host, "", "", false
	if u.Path == "" {
		u.Path = "/"
	}
	out := u.String()
	return out, len(out) <= MaxAddress
}

// IsPicture reports whether an address ends like a picture's file.
func IsPicture(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	path := strings.ToLower(u.Path)
	return slices.ContainsFunc([]string{".png", ".jpg", ".jpeg", ".webp", ".gif", ".svg"}, func(end string) bool { return strings.HasSuffix(path, end) })
}

// text brings a text to one line of bounded length.
func text(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ")
	if len(s) > maxText {
		n := maxText
		for !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n]
	}
	return s
}

func (p *Picture) caption(lang, words string) {
	c := source.Caption{Lang: lang, Text: text(words)}
	if c.Text != "" && len(p.Captions) < maxCaptions && !slices.Contains(p.Captions, c) {
		p.Captions = append(p.Captions, c)
	}
}

func (p *Picture) say(s source.Statement) {
	if s.Written = strings.TrimSpace(s.Written); s.Written == "" || len(p.Statements) >= maxSaid || slices.Contains(p.Statements, s) {
		return
	}
	p.Statements = append(p.Statements, s)
}

// merge adds what another mention of the same picture says.
func (p *Picture) merge(q Picture) {
	for _, c := range q.Captions {
		p.caption(c.Lang, c.Text)
	}
	for _, s := range q.Statements {
		p.say(s)
	}
	if p.Title == "" {
		p.Title = q.Title
	}
	if p.Creator == "" {
		p.Creator = q.Creator
	}
}
