package page

import (
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/source"
)

var at = &url.URL{Scheme: "https", Host: "example.org", Path: "/fruit/list.html"}

func TestAddress(t *testing.T) {
	for ref, want := range map[string]string{
		"a.png":                            "https://example.org/fruit/a.png",
		"../a.png#top":                     "https://example.org/a.png",
		"//Other.Example/x?y=1":            "https://other.example/x?y=1",
		"HTTP://example.org:80":            "http://example.org/",
		"https://example.org:443/a":        "https://example.org/a",
		"http://example.org:443/a":         "http://example.org:443/a",
		" a b.png\n":                       "https://example.org/fruit/a%20b.png",
		"https://bücher.example/ä":         "https://xn--bcher-kva.example/%C3%A4",
		"https://example.org./a/./b/../c":  "https://example.org/a/c",
		"ht\ntps://example.org/a":          "https://example.org/a",
		"https://[2001:DB8::1]/a":          "https://[2001:db8::1]/a",
		"https://u:p@example.org/":         "",
		"data:image/png;base64,AA":         "",
		"javascript:alert(1)":              "",
		"mailto:a@example.org":             "",
		"file:///etc/passwd":               "",
		"https://":                         "",
		"https://../a.png":                 "",
		"https://a..example/a.png":         "",
		"https://%zz/":                     "",
		"https://[fe80::1%25eth0]/":        "",
		strings.Repeat("a", MaxAddress+1):  "",
		"https://xn--a.\xff\xfe.example/a": "",
	} {
		got, ok := Address(at, ref)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q %v; want %q", ref, got, ok, want)
		}
		if again, ok2 := Address(nil, got); ok && (!ok2 || again != got) {
			t.Errorf("%q is not stable: %q", got, again)
		}
	}
}

func TestLargest(t *testing.T) {
	for srcset, want := range map[string]string{
		"a.png":                                 "a.png",
		"a.png 1x, b.png 2x":                    "b.png",
		"a.png 100w,b.png 900w, c.png 400w":     "b.png",
		"a.png, b.png 3x":                       "b.png",
		"a,b.png 2x":                            "a,b.png", // a comma inside of an address
		"a.png,":                                "a.png",
		"data:image/png;base64,AA 9x, a.png 1x": "a.png",
		"a.png 2q":                              "",
		"a.png -2x":                             "",
		"a.png NaNx":                            "",
		"a.png 10w 10h":                         "a.png",
		"a.png (1,2) 2x,":                       "",
		" , ,":                                  "",
		"":                                      "",
		strings.Repeat("a.png 1x, ", 1<<20):     "a.png",
	} {
		if got := largest(srcset); got != want {
			t.Errorf("%.40q: %q; want %q", srcset, got, want)
		}
	}
}

const doc = `<!DOCTYPE html><html lang="de"><head><title>Obst &amp; Gemüse</title>
<base href="/pics/"><base href="/wrong/"><link rel="canonical" href="/fruit/">
<link rel=license href="https://creativecommons.org/licenses/by/4.0/">
<link rel=license type="application/rsl+xml" href="/l.xml">
<meta property="og:image" content="og.png"><meta property="og:image:alt" content="Vorschau">
<script type="application/ld+json">{"@context":"https://schema.org","@graph":[{"@type":["Thing","ImageObject"],
"contentUrl":"apple.png","license":{"@id":"https://example.org/l"},"creator":[{"@type":"Person","name":"Ada"},{"name":"Bob"}],
"creditText":"Ada/Bob","copyrightNotice":"© Ada","caption":"Ein roter Apfel","acquireLicensePage":"https://example.org/buy"},
{"@type":"ImageObject","url":"/page.html","license":"no"}]}</script></head><body>
<img src="apple.png" alt="Apfel" title="Der Apfel">
<picture><source srcset="pear.webp 1x, pear2.webp 2x"><img alt="Birne"></picture>
<img src="data:image/png;base64,AAAA" srcset="plum.png 200w, plum-big.png 800w" alt="plum" lang="en">
<figure><a href="whole.jpg"><img src="small.jpg" alt="klein"></a><figcaption>Eine <b>ganze</b> Melone</figcaption>
<a rel="license" href="https://creativecommons.org/publicdomain/zero/1.0/">CC0</a></figure>
<a href="next.html">weiter</a><a rel="nofollow" href="never.html">x</a><a href="next.html#again">x</a>
<a href="/fruit/">y</a><a href="javascript:x()">z</a><img src="apple.png" alt="nochmals">
</body>`

func TestRead(t *testing.T) {
	d := Read([]byte(doc), "text/html; charset=utf-8", at, "LimnerBot")
	if want := []string{"https://example.org/pics/next.html", "https://example.org/fruit/"}; !slices.Equal(d.Links, want) {
		t.Errorf("links %q", d.Links)
	}
	if d.Canonical != "https://example.org/fruit/" || d.NoFollow || d.Defect != "" {
		t.Errorf("%q %v %q", d.Canonical, d.NoFollow, d.Defect)
	}
	caption := func(words ...string) []source.Caption {
		var out []source.Caption
		for _, w := range words {
			lang, text, _ := strings.Cut(w, ":")
			out = append(out, source.Caption{Lang: lang, Text: text})
		}
		return out
	}
	const title = "de:Obst & Gemüse"
	want := map[string][]source.Caption{
		"og.png":       caption("de:Vorschau", title),
		"apple.png":    caption("de:Apfel", "de:Der Apfel", "de:nochmals", "de:Ein roter Apfel", title),
		"pear2.webp":   caption("de:Birne", title),
		"plum-big.png": caption("en:plum", title),
		"whole.jpg":    caption("de:klein", "de:Eine ganze Melone", title),
	}
	if len(d.Pictures) != len(want) {
		t.Errorf("%d pictures: %+v", len(d.Pictures), d.Pictures)
	}
	for _, p := range d.Pictures {
		name := strings.TrimPrefix(p.URL, "https://example.org/pics/")
		if !reflect.DeepEqual(p.Captions, want[name]) {
			t.Errorf("%s: %v", name, p.Captions)
		}
		var said []string
		for _, s := range p.Statements {
			said = append(said, string(s.Form)+" "+s.Written+" "+s.Flag)
		}
		all := "expression https://creativecommons.org/licenses/by/4.0/ said of the page that shows the picture"
		expect := []string{all}
		switch name {
		case "apple.png":
			expect = []string{"expression https://example.org/l ", "notice © Ada ", "notice Ada/Bob ", "prose https://example.org/buy ", all}
			if p.Creator != "Ada, Bob" || p.Title != "Der Apfel" {
				t.Errorf("%+v", p)
			}
		case "whole.jpg":
			expect = []string{"expression https://creativecommons.org/publicdomain/zero/1.0/ ", all}
		}
		if !slices.Equal(said, expect) {
			t.Errorf("%s says %q", name, said)
		}
	}
}

func TestNoFollow(t *testing.T) {
	for value, want := range map[string]bool{
		"nofollow": true, "noindex, NoFollow": true, "none": true, "limnerbot: nofollow": true,
		"otherbot: nofollow": false, "noindex": false, "": false,
	} {
		if got := NoFollow([]string{value}, "LimnerBot"); got != want {
			t.Errorf("%q: %v", value, got)
		}
		d := Read([]byte(`<meta name=robots content="`+value+`">`), "", at, "LimnerBot")
		if d.NoFollow != want {
			t.Errorf("meta %q: %v", value, d.NoFollow)
		}
	}
	if !Read([]byte(`<meta name=LimnerBot content=nofollow>`), "", at, "LimnerBot").NoFollow {
		t.Error("a meta element for the agent")
	}
}

func TestHugePages(t *testing.T) {
	for name, body := range map[string]string{
		"links":    strings.Repeat(`<a href=x>`, 1000) + manyOf(`<a href=/%>`, 3*MaxLinks),
		"pictures": manyOf(`<img src=/%.png>`, 3*MaxPictures),
		"srcset":   `<img srcset="` + strings.Repeat("a.png 1x, ", 90_000) + `">`,
		"token":    `<img alt="` + strings.Repeat("a", 2*maxToken) + `">`,
		"nested":   strings.Repeat("<figure><picture><a href=a.png>", 100_000),
		"jsonld":   `<script type="application/ld+json">` + strings.Repeat("[", 200_000) + `</script>`,
		"size":     strings.Repeat("<p>", MaxSize),
	} {
		d := Read([]byte(body), "", at, "LimnerBot")
		if len(d.Links) > MaxLinks || len(d.Pictures) > MaxPictures {
			t.Errorf("%s: %d links, %d pictures", name, len(d.Links), len(d.Pictures))
		}
	}
}

func manyOf(pattern string, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(pattern, "%", strings.Repeat("i", i%50)+string(rune('a'+i%26))+strings.Repeat("j", i/50)))
	}
	return b.String()
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(doc), "text/html")
	f.Add([]byte("<figure><img src=a><figcaption></figure><a href=b.png>"), "text/html; charset=utf-16")
	f.Fuzz(func(t *testing.T, body []byte, kind string) {
		d := Read(body, kind, at, "LimnerBot")
		check(t, d)
	})
}

func check(t *testing.T, d Document) {
	t.Helper()
	for _, p := range d.Pictures {
		if again, ok := Address(nil, p.URL); !ok || again != p.URL {
			t.Errorf("%q becomes %q, %v", p.URL, again, ok)
		}
		if len(p.Captions) > maxCaptions || len(p.Statements) > maxSaid {
			t.Errorf("%+v", p)
		}
	}
	for _, l := range append(d.Links, d.Maps...) {
		if again, ok := Address(nil, l); !ok || again != l {
			t.Errorf("%q becomes %q, %v", l, again, ok)
		}
	}
}

func FuzzLargest(f *testing.F) {
	f.Add("a.png 1x, b.png (2,3) 2w,,c")
	f.Fuzz(func(t *testing.T, srcset string) {
		if got := largest(srcset); strings.ContainsAny(got, " \t\n") || !strings.Contains(srcset, got) {
			t.Errorf("%q", got)
		}
	})
}
