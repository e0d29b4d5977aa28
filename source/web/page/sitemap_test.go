package page

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

const siteMap = `<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>https://example.org/a?x=1&amp;y=2</loc><lastmod>2026-01-01</lastmod>
<image:image><image:loc>/a.png</image:loc><image:caption>An apple</image:caption><image:title>Apple</image:title>
<image:license>https://creativecommons.org/licenses/by/4.0/</image:license></image:image></url>
<url><loc>file:///etc/passwd</loc><image:image><image:loc>/b.png</image:loc></image:image></url>
<url><loc> https://example.org/c </loc></url></urlset>`

func zip(s string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b.Bytes()
}

func TestSitemap(t *testing.T) {
	for _, body := range [][]byte{[]byte(siteMap), zip(siteMap)} {
		d, err := Sitemap(body, at)
		if err != nil || !slices.Equal(d.Links, []string{"https://example.org/a?x=1&y=2", "https://example.org/c"}) || len(d.Pictures) != 1 {
			t.Fatalf("%+v, %v", d, err)
		}
		p := d.Pictures[0]
		if p.URL != "https://example.org/a.png" || p.Via != "https://example.org/a?x=1&y=2" || p.Title != "Apple" || len(p.Captions) != 2 ||
			len(p.Statements) != 1 || p.Statements[0].Written != "https://creativecommons.org/licenses/by/4.0/" || p.Statements[0].Flag != "" {
			t.Errorf("%+v", p)
		}
	}
	d, err := Sitemap([]byte(`<sitemapindex><sitemap><loc>/1.xml</loc></sitemap><sitemap><loc>/2.xml.gz</loc></sitemap></sitemapindex>`), at)
	if err != nil || !slices.Equal(d.Maps, []string{"https://example.org/1.xml", "https://example.org/2.xml.gz"}) || d.Links != nil {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestBadSitemaps(t *testing.T) {
	for name, c := range map[string]struct {
		body  string
		noMap bool
	}{
		"rss":       {"<rss><channel/></rss>", true},
		"html":      {"<!DOCTYPE html><html><p>", true},
		"nothing":   {"", true},
		"text":      {"https://example.org/", true},
		"cut off":   {siteMap[:len(siteMap)-20], false},
		"entities":  {`<!DOCTYPE urlset [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><urlset><url><loc>/&b;</loc></url></urlset>`, false},
		"nested":    {"<urlset>" + strings.Repeat("<a>", 1000), false},
		"encoding":  {`<?xml version="1.0" encoding="none-such"?><urlset/>`, true},
		"bomb":      {string(zip("<urlset>" + strings.Repeat(" ", 20<<20))), false},
		"not gzip":  {"\x1f\x8bxx", false},
		"too many":  {"<urlset>" + strings.Repeat("<url><loc>/a</loc></url>", MaxMapEntries+1) + "</urlset>", false},
		"huge text": {"<urlset><url><loc>" + strings.Repeat("a", 1<<20), false},
	} {
		d, err := Sitemap([]byte(c.body), at)
		if err == nil || errors.Is(err, ErrNoMap) != c.noMap {
			t.Errorf("%s: %v", name, err)
		}
		if len(d.Links) > MaxMapEntries+1 {
			t.Errorf("%s: %d links", name, len(d.Links))
		}
	}
}

func FuzzSitemap(f *testing.F) {
	f.Add([]byte(siteMap))
	f.Add(zip(siteMap)[:100])
	f.Add([]byte(fmt.Sprintf(`<sitemapindex><sitemap><loc>%s</loc></sitemap></sitemapindex>`, "/x")))
	f.Fuzz(func(t *testing.T, body []byte) {
		d, _ := Sitemap(body, at)
		check(t, d)
	})
}
