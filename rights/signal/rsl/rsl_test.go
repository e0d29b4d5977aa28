package rsl

import (
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/limner-ai/limner/rights/signal"
	"github.com/limner-ai/limner/rights/signal/page"
	"github.com/limner-ai/limner/rights/signal/robots"
)

func wrap(contents string) []byte {
	return []byte(`<?xml version="1.0"?>` + "\n" + `<rsl xmlns="https://rslstandard.org/rsl">` + contents + `</rsl>`)
}

func at(path string) *url.URL {
	u, err := url.Parse("https://example.com" + path)
	if err != nil {
		panic(err)
	}
	return u
}

// letters gives what a document means for training, input, index, search and
// other mining: a allow, l needs licence, d deny, - says nothing.
func letters(signals []signal.Signal) string {
	var out []byte
	for _, u := range []signal.Usage{signal.TrainGenerative, signal.Input, signal.Index, signal.Search, signal.Mine} {
		out = append(out, map[signal.Value]byte{signal.Allow: 'a', signal.NeedsLicence: 'l', signal.Deny: 'd', signal.Unknown: '-'}[signal.Combine(signals, u).Value])
	}
	return string(out)
}

func TestEvaluate(t *testing.T) {
	content := func(attrs, licence string) string {
		return `<content ` + attrs + `><license>` + licence + `</license></content>`
	}
	for name, c := range map[string]struct {
		doc, path, want string
	}{
		"nothing said":     {content(`url="/"`, ``), "/", "-----"},
		"training refused": {content(`url="/"`, `<prohibits type="usage">ai-train</prohibits>`), "/", "d----"},
		"all AI refused":   {content(`url="/"`, `<prohibits type="usage">ai-all</prohibits>`), "/", "ddd--"},
		"all refused":      {content(`url="/"`, `<prohibits type="usage">all</prohibits>`), "/", "ddddd"},
		"listed only":      {content(`url="/"`, `<permits type="usage">ai-train search</permits>`), "/", "addad"},
		"all permitted":    {content(`url="/"`, `<permits type="usage">all</permits>`), "/", "aaaaa"},
		"prohibit beats":   {content(`url="/"`, `<permits type="usage">ai-train</permits><prohibits type="usage">ai-train</prohibits>`), "/", "ddddd"},
		"narrower usage":   {content(`url="/"`, `<permits type="usage">search</permits><prohibits type="usage">all</prohibits>`), "/", "dddad"},
		"wider permit":     {content(`url="/"`, `<permits type="usage">all</permits><prohibits type="usage">ai-all</prohibits>`), "/", "dddaa"},
		"site and section": {content(`url="/"`, `<permits type="usage">all</permits>`) + content(`url="/articles/"`, `<prohibits type="usage">ai-train</prohibits>`), "/articles/x", "daaaa"},
		"outside section":  {content(`url="/"`, `<permits type="usage">all</permits>`) + content(`url="/articles/"`, `<prohibits type="usage">ai-train</prohibits>`), "/x", "aaaaa"},
		"section opened":   {content(`url="/open/"`, `<permits type="usage">ai-train</permits>`) + content(`url="/"`, `<prohibits type="usage">all</prohibits>`), "/open/x", "adddd"},
		"same path twice":  {content(`url="/"`, `<permits type="usage">all</permits>`) + content(`url="/"`, `<prohibits type="usage">all</prohibits>`), "/", "ddddd"},
		"payment":          {content(`url="/"`, `<permits type="usage">ai-all</permits><payment type="crawl"><amount currency="USD">0.015</amount></payment>`), "/", "llldd"},
		"payment alone":    {content(`url="/"`, `<payment type="attribution"/>`), "/", "lllll"},
		"untyped amount":   {content(`url="/"`, `<permits type="usage">ai-train</permits><payment><amount currency="EUR">5</amount></payment>`), "/", "ldddd"},
		"untyped custom":   {content(`url="/"`, `<permits type="usage">ai-train</permits><payment><custom>https://x/y</custom></payment>`), "/", "ldddd"},
		"free":             {content(`url="/"`, `<permits type="usage">ai-train</permits><payment type="free"/>`), "/", "adddd"},
		"server":           {content(`url="/" server="https://l.example"`, `<permits type="usage">ai-train</permits>`), "/", "ldddd"},
		"some users":       {content(`url="/"`, `<permits type="usage">ai-train</permits><permits type="user">non-commercial</permits>`), "/", "ldddd"},
		"some places":      {content(`url="/"`, `<permits type="usage">ai-train</permits><prohibits type="geo">US</prohibits>`), "/", "ldddd"},
		"reporting":        {content(`url="/"`, `<permits type="usage">ai-train</permits><reporting type="audit" profile="https://p"/>`), "/", "ldddd"},
		"two licences":     {`<content url="/"><license><permits type="usage">search</permits></license><license><permits type="usage">ai-train</permits><payment type="training"/></license></content>`, "/", "lddad"},
		"elsewhere":        {content(`url="/b/"`, `<permits type="usage">all</permits>`), "/a", "-----"},
		"pattern":          {content(`url="/*.jpg$"`, `<permits type="usage">all</permits>`), "/a/b.jpg", "aaaaa"},
		"absolute":         {content(`url="https://Example.com/a/"`, `<permits type="usage">all</permits>`), "/a/b", "aaaaa"},
		"another host":     {content(`url="https://example.org/"`, `<permits type="usage">all</permits>`), "/a", "-----"},
		"another scheme":   {content(`url="http://example.com/"`, `<permits type="usage">all</permits>`), "/a", "-----"},
		"host as prefix":   {content(`url="https://example.com.evil/"`, `<permits type="usage">all</permits>`), "/a", "-----"},
		"whole host":       {content(`url="https://example.com"`, `<prohibits type="usage">all</prohibits>`), "/a", "ddddd"},
		"no slash":         {content(`url="a/"`, `<prohibits type="usage">all</prohibits>`), "/a/b", "ddddd"},
		"of the place":     {content(`url=""`, `<permits type="usage">all</permits>`), "/a", "aaaaa"},
		"extensions":       {content(`url="/"`, `<x:y xmlns:x="urn:x"><permit/></x:y><prohibits type="usage">ai-train x:y</prohibits>`), "/", "d----"},
	} {
		doc, err := Parse(wrap(c.doc))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		signals := doc.Evaluate(at(c.path), "l.xml")
		if got := letters(signals); got != c.want {
			t.Errorf("%s: %s; want %s: %v", name, got, c.want, signals)
		}
	}
}

func TestDetails(t *testing.T) {
	doc, err := Parse([]byte(`<rsl xmlns="https://rslstandard.org/rsl" max-age="7">
<content url="/"><license>
<permits type="usage">ai-all</permits>
<payment type="attribution"><standard>https://creativecommons.org/licenses/by/4.0/</standard></payment>
<legal type="warranty">ownership</legal></license>
<copyright type="person">A</copyright><alternate>/a.md</alternate><schema>/s</schema><terms>https://example.com/terms</terms></content></rsl>`))
	if err != nil {
		t.Fatal(err)
	}
	got := doc.Evaluate(at("/"), "L")
	want := signal.Signal{Protocol: signal.RSL, Version: Version, Usage: signal.AI, Value: signal.NeedsLicence,
		Raw: "permits usage: ai-all", Where: "L line 3", Policy: "https://creativecommons.org/licenses/by/4.0/",
		Note: "on condition of payment attribution", MaxAge: 7 * 24 * time.Hour}
	if len(got) != 2 || got[0] != want || got[1].Usage != signal.Search|signal.Mine || got[1].Value != signal.Deny {
		t.Errorf("%+v", got)
	}
	doc, err = Parse(wrap(`<content url="/"><license><permits type="usage">all</permits></license><terms>https://t</terms></content>`))
	if err != nil {
		t.Fatal(err)
	}
	if got := doc.Evaluate(at("/"), "L"); got[0].Policy != "https://t" || got[0].MaxAge != 30*24*time.Hour {
		t.Errorf("%+v", got)
	}
}

func TestInvalid(t *testing.T) {
	ok := `<content url="/"><license><permits type="usage">all</permits></license></content>`
	var deep strings.Builder
	for range 100_000 {
		deep.WriteString("<content url='/'><license>")
	}
	for name, doc := range map[string]string{
		"empty":          "",
		"text":           "permits all",
		"cut off":        string(wrap(ok))[:80],
		"no namespace":   `<rsl>` + ok + `</rsl>`,
		"another":        `<rsl xmlns="https://rslstandard.org/rsl/2.0">` + ok + `</rsl>`,
		"another root":   `<feed xmlns="https://rslstandard.org/rsl">` + ok + `</feed>`,
		"entities":       `<!DOCTYPE rsl [<!ENTITY a "ai-train">]><rsl xmlns="https://rslstandard.org/rsl">` + ok + `</rsl>`,
		"unknown entity": string(wrap(`<content url="/"><license><permits type="usage">&a;</permits></license></content>`)),
		"misspelled":     string(wrap(`<content url="/"><license><permit type="usage">all</permit></license></content>`)),
		"misplaced":      string(wrap(`<license><permits type="usage">all</permits></license>`)),
		"no url":         string(wrap(`<content><license><permits type="usage">all</permits></license></content>`)),
		"no licence":     string(wrap(`<content url="/"></content>`)),
		"twice":          string(wrap(`<content url="/"><license><permits type="usage">all</permits><permits type="usage">search</permits></license></content>`)),
		"two payments":   string(wrap(`<content url="/"><license><payment type="free"/><payment type="crawl"/></license></content>`)),
		"commas":         string(wrap(`<content url="/"><license><permits type="usage">ai-train,search</permits></license></content>`)),
		"old token":      string(wrap(`<content url="/"><license><permits type="usage">train-ai</permits></license></content>`)),
		"no type":        string(wrap(`<content url="/"><license><permits>all</permits></license></content>`)),
		"payment type":   string(wrap(`<content url="/"><license><payment type="inference"/></license></content>`)),
		"max-age":        `<rsl xmlns="https://rslstandard.org/rsl" max-age="0">` + ok + `</rsl>`,
		"encrypted":      string(wrap(`<content url="/" encrypted="TRUE"><license/></content>`)),
		"deep":           string(wrap(deep.String()))[:MaxSize-1],
		"foreign depth":  string(wrap(strings.Repeat(`<a xmlns="u">`, MaxElements+1))),
		"many":           string(wrap(`<content url="/">` + strings.Repeat("<license/>", MaxElements+1) + `</content>`)),
		"long":           string(wrap(ok)) + strings.Repeat(" ", MaxSize),
		"encoding":       `<?xml version="1.0" encoding="EBCDIC"?><rsl xmlns="https://rslstandard.org/rsl">` + ok + `</rsl>`,
	} {
		if doc, err := Parse([]byte(doc)); err == nil {
			t.Errorf("%s: read as %+v", name, doc)
		}
	}
	// UTF-16 is XML too.
	var b []byte
	for _, c := range utf16.Encode([]rune("\uFEFF" + `<?xml version="1.0" encoding="UTF-16"?><rsl xmlns="https://rslstandard.org/rsl">` + ok + `</rsl>`)) {
		b = append(b, byte(c>>8), byte(c))
	}
	if _, err := Parse(b); err != nil {
		t.Error(err)
	}
}

func TestEmbedded(t *testing.T) {
	doc, err := Embedded([]byte(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><a><rsl:rsl xmlns:rsl="https://rslstandard.org/rsl">
<rsl:content url="https://elsewhere.example/a.png"><rsl:license><rsl:prohibits type="usage">ai-train</rsl:prohibits></rsl:license></rsl:content></rsl:rsl></a></x:xmpmeta>`))
	if err != nil {
		t.Fatal(err)
	}
	if got := letters(doc.EvaluateAll("XMP")); got != "d----" {
		t.Error(got)
	}
	if _, err := Embedded([]byte(`<a xmlns:rsl="https://rslstandard.org/rsl"/>`)); err == nil {
		t.Error("read a document where there is none")
	}
}

func TestAnnouncements(t *testing.T) {
	f := robots.Parse([]byte("License: https://example.com/all.xml\nUser-agent: a\nAllow: /\nLicense: https://example.com/a.xml\nLicense: /relative.xml\nUser-agent: *\nAllow: /\n"))
	got, defects := Robots(f, "a")
	if want := []Announcement{{"https://example.com/a.xml", "robots.txt line 4"}}; !reflect.DeepEqual(got, want) || len(defects) != 1 || defects[0].Raw != "/relative.xml" {
		t.Errorf("%v, %v", got, defects)
	}
	got, defects = Robots(f, "b")
	if want := []Announcement{{"https://example.com/all.xml", "robots.txt line 1"}}; !reflect.DeepEqual(got, want) || defects != nil {
		t.Errorf("%v, %v", got, defects)
	}

	h := http.Header{"Link": {
		`<https://example.com/l.xml>; rel="license"; type="application/rsl+xml", <https://creativecommons.org/licenses/by/4.0/>; rel=license`,
		`</style.css>; rel=stylesheet, <x>; title="a,<b>;\"c"; REL="nofollow License" ; type="Application/RSL+XML; q=1"`,
	}}
	got, said, defects := Header(h)
	if len(got) != 1 || got[0].URL != "https://example.com/l.xml" || len(defects) != 1 || defects[0].Raw != "x" {
		t.Errorf("%v, %v", got, defects)
	}
	if len(said) != 1 || said[0].Value != "https://creativecommons.org/licenses/by/4.0/" {
		t.Errorf("%v", said)
	}

	got, docs, defects := Page(page.Page{
		Links: []page.Link{{Rel: "license", Type: MediaType, Href: "https://example.com/l.xml"}, {Rel: "license", Href: "https://x/"}, {Rel: "alternate", Type: MediaType, Href: "https://y/"}},
		Scripts: []page.Script{{Type: MediaType, Text: wrap(`<content url=""><license><prohibits type="usage">all</prohibits></license></content>`)},
			{Type: MediaType, Text: []byte("<rsl")}, {Type: "text/javascript", Text: []byte("<rsl")}},
	})
	if len(got) != 1 || len(docs) != 1 || len(defects) != 1 {
		t.Errorf("%v, %v, %v", got, docs, defects)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(wrap(`<content url="/*a$" server=""><license><permits type="usage">ai-all</permits><payment type="use"/></license></content>`), "/a")
	f.Add(wrap(`<content url="https://example.com/?"><license><prohibits type="geo">EU</prohibits><x:y xmlns:x="u"/></license></content>`), "/?")
	f.Fuzz(func(t *testing.T, data []byte, path string) {
		doc, err := Parse(data)
		if err != nil {
			return
		}
		for _, s := range doc.Evaluate(&url.URL{Scheme: "https", Host: "example.com", Path: path}, "") {
			if s.Value == signal.Allow && !strings.HasPrefix(s.Raw, "permits usage:") || s.Value == signal.Unknown {
				t.Errorf("%v", s)
			}
		}
	})
}

func FuzzLinks(f *testing.F) {
	f.Add(`<https://example.com/l.xml>; rel="license"; type="application/rsl+xml"`)
	f.Add(`<>;;=,<a>;b="\`)
	f.Fuzz(func(t *testing.T, s string) {
		for _, l := range parseLinks(s) {
			if !strings.Contains(s, l.target) {
				t.Errorf("%q from %q", l.target, s)
			}
		}
	})
}
