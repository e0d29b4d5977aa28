package page

import (
	"bytes"
	"errors"
	"io"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"

	"github.com/limner-ai/limner/source"
)

// maxToken is the greatest length of one tag or text in bytes.
const maxToken = 1 << 20

// Read reads the HTML page at an address. The content type is that of its
// response or ""; the agent is the one whose robots meta elements count.
func Read(body []byte, contentType string, at *url.URL, agent string) Document {
	r := &reader{base: at, at: at, agent: strings.ToLower(agent), known: map[string]int{}}
	if len(body) > MaxSize {
		body = body[:MaxSize]
		r.doc.Defect = "longer than the limit; the rest was not read"
	}
	decoded, err := charset.NewReader(bytes.NewReader(body), contentType)
	if err != nil {
		decoded = bytes.NewReader(body)
	}
	z := html.NewTokenizer(decoded)
	z.SetMaxBuf(maxToken)
	for {
		switch z.Next() {
		case html.ErrorToken:
			if err := z.Err(); !errors.Is(err, io.EOF) {
				r.doc.Defect = "cannot be read to its end: " + err.Error()
			}
			return r.finish()
		case html.TextToken:
			if r.into != nil && r.into.Len() < maxToken {
				r.into.Write(z.Text())
				r.into.WriteByte(' ')
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			r.start(string(name), attributes(z, more))
		case html.EndTagToken:
			name, _ := z.TagName()
			r.end(string(name))
		}
	}
}

// reader walks a page.
type reader struct {
	doc   Document
	at    *url.URL
	base  *url.URL
	agent string
	known map[string]int // pictures by their addresses
	links map[string]bool

	lang     string
	title    strings.Builder
	into     *strings.Builder // where text goes
	script   strings.Builder
	figure   int // where the pictures of the open figure begin, plus one; 0 outside
	words    strings.Builder
	anchor   int      // the picture that the open link leads to, plus one
	sources  []string // of the open picture element
	licences []source.Statement
	data     []Picture // from scripts
	og       int       // the last picture from a meta element, plus one
	based    bool
}

type attrs map[string]string

func attributes(z *html.Tokenizer, more bool) attrs {
	a := attrs{}
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		if _, twice := a[string(key)]; !twice {
			a[string(key)] = string(value)
		}
	}
	return a
}

func (r *reader) start(tag string, a attrs) {
	switch tag {
	case "html":
		if r.lang == "" {
			r.lang = language(a["lang"])
		}
	case "base":
		if u, err := r.at.Parse(strings.TrimSpace(a["href"])); err == nil && !r.based && a["href"] != "" {
			r.base, r.based = u, true
		}
	case "title":
		if r.title.Len() == 0 {
			r.into = &r.title
		}
	case "meta":
		r.meta(a)
	case "link":
		r.link(a)
	case "script":
		if kind, _, _ := strings.Cut(strings.ToLower(a["type"]), ";"); strings.TrimSpace(kind) == "application/ld+json" {
			r.script.Reset()
			r.into = &r.script
		}
	case "figure":
		r.figure = len(r.doc.Pictures) + 1
		r.words.Reset()
	case "figcaption":
		if r.figure > 0 {
			r.into = &r.words
		}
	case "picture":
		r.sources = []string{}
	case "source":
		if best := largest(a["srcset"]); best != "" && r.sources != nil {
			r.sources = append(r.sources, best)
		}
	case "img":
		r.image(a)
	case "a", "area":
		r.follow(tag, a)
	}
}

func (r *reader) end(tag string) {
	switch tag {
	case "title":
		r.into = nil
	case "script":
		if r.into == &r.script {
			r.data = append(r.data, objects(r.script.String(), r.base, r.lang)...)
		}
		r.into = nil
	case "figcaption":
		r.into = nil
	case "figure":
		for i := r.figure - 1; r.figure > 0 && i < len(r.doc.Pictures); i++ {
			r.doc.Pictures[i].caption(r.lang, r.words.String())
		}
		r.figure, r.into = 0, nil
	case "picture":
		r.sources = nil
	case "a":
		r.anchor = 0
	}
}

func (r *reader) meta(a attrs) {
	content := a["content"]
	switch name := strings.ToLower(strings.TrimSpace(a["name"])); {
	case name == "robots" || name == r.agent && name != "":
		r.doc.NoFollow = r.doc.NoFollow || NoFollow([]string{content}, r.agent)
	}
	switch strings.ToLower(a["property"]) {
	case "og:image", "og:image:url", "og:image:secure_url":
		r.og = r.add(Picture{}, content)
	case "og:image:alt":
		if r.og > 0 {
			r.doc.Pictures[r.og-1].caption(r.lang, content)
		}
	}
}

// NoFollow reports whether values of an X-Robots-Tag header, or the content of
// a robots meta element, ask an agent not to follow links.
func NoFollow(values []string, agent string) bool {
	for _, value := range values {
		value = strings.ToLower(value)
		if who, rest, named := strings.Cut(value, ":"); named && !strings.ContainsAny(who, ",") {
			if who = strings.TrimSpace(who); who != strings.ToLower(agent) {
				continue
			}
			value = rest
		}
		for word := range strings.SplitSeq(value, ",") {
			if word = strings.TrimSpace(word); word == "nofollow" || word == "none" {
				return true
			}
		}
	}
	return false
}

func (r *reader) link(a attrs) {
	rel := strings.Fields(strings.ToLower(a["rel"]))
	if slices.Contains(rel, "canonical") && r.doc.Canonical == "" {
		if to, ok := Address(r.base, a["href"]); ok {
			if own, _ := Address(nil, r.at.String()); own != to {
				r.doc.Canonical = to
			}
		}
	}
	if slices.Contains(rel, "license") && !strings.HasPrefix(strings.ToLower(a["type"]), "application/rsl") {
		r.licence("link", a["href"])
	}
}

// licence notes a licence that the page names: of the figure that it stands
// in, or else of the whole page, and then perhaps not of each picture.
func (r *reader) licence(tag, href string) {
	to, ok := Address(r.base, href)
	if !ok {
		return
	}
	s := source.Statement{Scope: source.File, Form: source.Expression, Written: to, Where: "page " + tag + " element with rel=license"}
	if r.figure > 0 && r.figure <= len(r.doc.Pictures) {
		for i := r.figure - 1; i < len(r.doc.Pictures); i++ {
			r.doc.Pictures[i].say(s)
		}
		return
	}
	s.Flag = "said of the page that shows the picture"
	if len(r.licences) < maxSaid && !slices.Contains(r.licences, s) {
		r.licences = append(r.licences, s)
	}
}

func (r *reader) image(a attrs) {
	address := largest(a["srcset"])
	for _, other := range append([]string{a["src"]}, r.sources...) {
		if address == "" && !strings.HasPrefix(other, "data:") {
			address = other
		}
	}
	p := Picture{Title: text(a["title"])}
	lang := r.lang
	if own := language(a["lang"]); own != "" {
		lang = own
	}
	p.caption(lang, a["alt"])
	p.caption(lang, a["title"])
	if r.anchor > 0 { // a small one that leads to the whole
		r.doc.Pictures[r.anchor-1].merge(p)
		return
	}
	r.add(p, address)
}

func (r *reader) follow(tag string, a attrs) {
	rel := strings.Fields(strings.ToLower(a["rel"]))
	if slices.Contains(rel, "license") {
		r.licence(tag, a["href"])
		return
	}
	to, ok := Address(r.base, a["href"])
	if !ok || slices.Contains(rel, "nofollow") {
		return
	}
	if IsPicture(to) {
		p := Picture{Title: text(a["title"])}
		p.caption(r.lang, a["title"])
		if n := r.add(p, to); tag == "a" {
			r.anchor = n
		}
		return
	}
	r.doc.link(&r.links, to)
}

func (d *Document) link(seen *map[string]bool, to string) {
	if *seen == nil {
		*seen = map[string]bool{}
	}
	if len(d.Links) < MaxLinks && !(*seen)[to] {
		(*seen)[to] = true
		d.Links = append(d.Links, to)
	}
}

// add notes a picture and returns its place, plus one; 0 if it is none.
func (r *reader) add(p Picture, ref string) int {
	if strings.TrimSpace(ref) == "" {
		return 0
	}
	address, ok := Address(r.base, ref)
	if !ok {
		return 0
	}
	if i, ok := r.known[address]; ok {
		r.doc.Pictures[i].merge(p)
		return i + 1
	}
	if len(r.doc.Pictures) >= MaxPictures {
		return 0
	}
	p.URL = address
	r.known[address] = len(r.doc.Pictures)
	r.doc.Pictures = append(r.doc.Pictures, p)
	return len(r.doc.Pictures)
}

// finish gives every picture what holds for all of them.
func (r *reader) finish() Document {
	for _, p := range r.data {
		r.add(p, p.URL)
	}
	for i := range r.doc.Pictures {
		p := &r.doc.Pictures[i]
		for _, s := range r.licences {
			p.say(s)
		}
		p.caption(r.lang, r.title.String())
	}
	return r.doc
}

// language keeps what looks like a language tag of BCP 47.
func language(tag string) string {
	tag = strings.TrimSpace(tag)
	if len(tag) > 35 || strings.ContainsFunc(tag, func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) {
		return ""
	}
	return tag
}
