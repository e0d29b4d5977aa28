package web

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/limner-ai/limner/internal/testsite"
	"github.com/limner-ai/limner/rights/gate"
	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/sourcetest"
)

// page is a page of links and pictures.
func htmlOf(head string, refs ...string) testsite.Answer {
	var b strings.Builder
	b.WriteString("<html lang=en><head>" + head + "</head><body>")
	for _, r := range refs {
		if strings.HasSuffix(r, ".png") {
			fmt.Fprintf(&b, `<img src="%s" alt="picture %s">`, r, r)
		} else {
			fmt.Fprintf(&b, `<a href="%s">x</a>`, r)
		}
	}
	return testsite.Answer{Header: []string{"Content-Type: text/html; charset=utf-8"}, Body: b.String()}
}

// tagged is a picture with an entity tag, so that it can be asked for again.
func tagged(seed string, header ...string) testsite.Answer {
	return testsite.Picture(seed, append([]string{fmt.Sprintf("ETag: %q", seed)}, header...)...)
}

// gallery is a host of pages a to d with two pictures each.
func gallery(name string) testsite.Case {
	files := map[string]testsite.Answer{"/": htmlOf("", "/p/a", "/p/b", "/top.png"), "/top.png": tagged(name)}
	for i, p := range []string{"a", "b", "c", "d"} {
		one, two := "/"+p+"1.png", "/"+p+"2.png"
		files["/p/"+p] = htmlOf("<title>"+p+"</title>", one, two, "/p/"+string("bcda"[i]), "/top.png")
		files[one], files[two] = tagged(name+one), tagged(name+two)
	}
	return testsite.Case{Name: name, Files: files}
}

func start(t *testing.T, cases ...testsite.Case) (*testsite.Site, *clock, []string) {
	t.Helper()
	c := newClock()
	site := testsite.Start(cases, c.now)
	t.Cleanup(site.Close)
	var names []string
	for _, k := range cases {
		names = append(names, k.Name)
	}
	return site, c, names
}

func count(site *testsite.Site, path string) (n int) {
	for _, h := range site.Log() {
		if path == "" || h.Path == path {
			n++
		}
	}
	return n
}

func urls(items []source.Item) []string {
	var out []string
	for _, i := range items {
		_, rest, _ := strings.Cut(i.URL, "://")
		host, path, _ := strings.Cut(rest, "/")
		host, _, _ = strings.Cut(host, ".")
		out = append(out, host+"/"+path)
	}
	return out
}

// Pages in rounds, then pictures by the round that found them and by address;
// /p/d is three links away and depth is 2.
var inOrder = []string{"g/top.png", "h/top.png", "g/a1.png", "g/a2.png", "g/b1.png", "g/b2.png", "h/a1.png", "h/a2.png", "h/b1.png", "h/b2.png",
	"g/c1.png", "g/c2.png", "h/c1.png", "h/c2.png"}

func TestOrder(t *testing.T) {
	t.Parallel()
	site, clock, names := start(t, gallery("g"), gallery("h"))
	for parallel := range 3 {
		// One host is slower than the other, now this, now that.
		site.Replace(func(host, path string) (testsite.Answer, bool) {
			if (host == "g.test") == (parallel%2 == 0) {
				time.Sleep(2 * time.Millisecond)
			}
			return testsite.Answer{}, false
		})
		s := crawler(t, strings.Replace(site.Config(names, time.Second, ""), "parallel: 64", fmt.Sprintf("parallel: %d", 1+parallel), 1), t.TempDir(), clock)
		items, refused := all(t, s)
		if got := urls(items); !slices.Equal(got, inOrder) || len(refused) != 0 {
			t.Errorf("%v %v", got, refused)
		}
	}
	manners(t, nil, site.Log()[:len(site.Log())/3], time.Second)
}

// A crawl that ends anywhere goes on there: nothing is asked for twice, and the
// items are those of one that was not stopped.
func TestResume(t *testing.T) {
	t.Parallel()
	for _, stop := range []int{1, 4, 8, 12, 16, 20, 25, 27} {
		site, clock, names := start(t, gallery("g"), gallery("h"))
		cache := t.TempDir()
		ctx, kill := context.WithCancel(t.Context())
		var requests atomic.Int64
		site.Replace(func(string, string) (testsite.Answer, bool) {
			if int(requests.Add(1)) == stop {
				kill()
			}
			return testsite.Answer{}, false
		})
		for _, err := range crawler(t, site.Config(names, time.Second, ""), cache, clock).Items(ctx) {
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
		}
		cut := count(site, "")
		items, _ := all(t, crawler(t, site.Config(names, time.Second, ""), cache, clock))
		if got := urls(items); !slices.Equal(got, inOrder) {
			t.Errorf("stopped after %d requests: %v", cut, got)
		}
		// 3 files about the site, 4 pages and 7 pictures a host; what was under
		// way on each host may be asked for again.
		if n := count(site, ""); n < 28 || n > 30 {
			t.Errorf("stopped after %d requests: %d in all", cut, n)
		}
		kill()
	}
}

// The caller may stop at any item; what comes first then comes again.
func TestStoppedByTheCaller(t *testing.T) {
	t.Parallel()
	site, clock, names := start(t, gallery("g"), gallery("h"))
	cache := t.TempDir()
	for n := range 5 {
		taken := 0
		for item, err := range crawler(t, site.Config(names, time.Second, ""), cache, clock).Items(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if got := urls([]source.Item{item})[0]; got != inOrder[taken] {
				t.Errorf("%s in place of %s", got, inOrder[taken])
			}
			if taken++; taken > n {
				break
			}
		}
	}
	if items, _ := all(t, crawler(t, site.Config(names, time.Second, ""), cache, clock)); len(items) != len(inOrder) {
		t.Errorf("%d items", len(items))
	}
}

// A day later, what has not changed is not sent again, and what has been
// reserved since is given up.
func TestRefetch(t *testing.T) {
	t.Parallel()
	site, clock, names := start(t, gallery("g"))
	cache := t.TempDir()
	config := site.Config(names, time.Second, "")
	first, _ := all(t, crawler(t, config, cache, clock))
	before := count(site, "")
	if again, _ := all(t, crawler(t, config, cache, clock)); count(site, "") != before || len(again) != len(first) {
		t.Errorf("%d requests for answers that are fresh", count(site, "")-before)
	}
	site.Replace(func(_, path string) (testsite.Answer, bool) {
		switch path {
		case "/a1.png":
			return tagged("other"), true
		case "/a2.png": // the same picture, now reserved
			return tagged("g/a2.png", "X-Robots-Tag: noai"), true
		case "/b1.png":
			return testsite.Answer{Status: 410}, true
		}
		return testsite.Answer{}, false
	})
	clock.sleep(t.Context(), 25*time.Hour)
	items, refused := all(t, crawler(t, config, cache, clock))
	if len(items) != len(first)-2 || len(refused) != 2 || refused[0].Why != source.Denied || refused[1].Why != source.Unreachable {
		t.Fatalf("%v, %v", urls(items), refused)
	}
	conditional := 0
	for _, h := range site.Log()[before:] {
		if h.Header.Get("If-None-Match") != "" {
			conditional++
		}
	}
	if conditional != len(first) {
		t.Errorf("%d conditional requests, %d pictures", conditional, len(first))
	}
	for i, item := range items {
		switch old := first[slices.IndexFunc(first, func(f source.Item) bool { return f.URL == item.URL })]; {
		case strings.HasSuffix(item.URL, "/a1.png"):
			if string(item.Data) == string(old.Data) || !item.Taken.After(old.Taken) {
				t.Errorf("%s has not changed", item.URL)
			}
		case string(item.Data) != string(old.Data) || !item.Taken.Equal(old.Taken):
			t.Errorf("item %d, %s, has changed", i, item.URL)
		}
	}
	st, err := openState(cache)
	if err != nil {
		t.Fatal(err)
	}
	defer st.close()
	for _, f := range first {
		if strings.HasSuffix(f.URL, "/a2.png") {
			if a, ok, err := st.answer(f.URL); ok || err != nil {
				t.Errorf("a picture that is reserved now is still kept: %+v, %v", a, err)
			}
		}
	}
}

// What any page reserves holds, though another one that shows the picture says
// nothing; and a sitemap does not lead around the page that it names.
func TestAnyPageReserves(t *testing.T) {
	t.Parallel()
	noai := `<meta name="robots" content="noai">`
	site, clock, _ := start(t, testsite.Case{Name: "s", Files: map[string]testsite.Answer{
		"/robots.txt": {Body: "User-agent: *\nDisallow: /hidden\nSitemap: {origin}/map.xml\nSitemap: /map.xml.gz\n"},
		"/":           htmlOf("", "/late", "/shared.png", "/free.png"),
		"/late":       htmlOf("", "/later"),
		"/later":      htmlOf(noai, "/shared.png"),
		"/map.xml": {Body: `<urlset xmlns:i="http://www.google.com/schemas/sitemap-image/1.1"><url><loc>/hidden</loc><i:image><i:loc>/of-hidden.png</i:loc></i:image></url>
			<url><loc>/read</loc><i:image><i:loc>/of-read.png</i:loc><i:license>https://creativecommons.org/licenses/by/4.0/</i:license></i:image></url>
			<url><loc>/noai</loc><i:image><i:loc>/of-noai.png</i:loc></i:image></url></urlset>`},
		"/read": htmlOf(""), "/noai": htmlOf(noai, "/of-noai.png"),
		"/free.png": testsite.Picture("f"), "/shared.png": testsite.Picture("s"), "/of-read.png": testsite.Picture("r"),
		"/of-hidden.png": testsite.Picture("h"), "/of-noai.png": testsite.Picture("n"),
	}})
	items, refused := all(t, crawler(t, site.Config([]string{"s"}, time.Second, ""), t.TempDir(), clock))
	if got := urls(items); !slices.Equal(got, []string{"s/free.png", "s/of-read.png"}) {
		t.Errorf("%v", got)
	}
	for _, path := range []string{"/shared.png", "/of-hidden.png", "/of-noai.png", "/hidden"} {
		if count(site, path) > 0 {
			t.Errorf("%s was requested", path)
		}
		if !slices.ContainsFunc(refused, func(r *source.Refused) bool { return strings.HasSuffix(r.Path, path) }) {
			t.Errorf("nothing tells of %s", path)
		}
	}
	if s := items[1].Statements; len(s) != 1 || s[0].Written != "https://creativecommons.org/licenses/by/4.0/" || !strings.Contains(string(s[0].Evidence.Data), "of-read.png") {
		t.Errorf("%+v", s)
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	site, clock, _ := start(t, testsite.Case{Name: "w", Files: map[string]testsite.Answer{
		"/":      {Header: []string{"Content-Type: text/html"}, Body: `<html lang=fr><title>Fruits</title><link rel=license href=https://creativecommons.org/licenses/by/4.0/><a href=/b>b</a><img src=/a.png alt="une pomme">`},
		"/b":     {Header: []string{"Content-Type: text/html"}, Body: `<html lang=en><figure><img src=/a.png alt="an apple"><figcaption>Red apple</figcaption></figure><script type="application/ld+json">{"@type":"ImageObject","contentUrl":"/a.png","creator":{"name":"Ada"},"license":"https://creativecommons.org/publicdomain/zero/1.0/"}</script>`},
		"/a.png": testsite.Picture("a", `Link: <https://example.com/terms>; rel="license"`),
	}})
	items, _ := all(t, crawler(t, site.Config([]string{"w"}, time.Second, ""), t.TempDir(), clock))
	if len(items) != 1 {
		t.Fatal(urls(items))
	}
	i := items[0]
	var words, said []string
	for _, c := range i.Captions {
		words = append(words, c.Lang+":"+c.Text)
	}
	for _, s := range i.Statements {
		said = append(said, s.Written)
		if s.Evidence == nil || len(s.Evidence.Data) == 0 || s.Evidence.Time.IsZero() {
			t.Errorf("%+v", s)
		}
	}
	if !slices.Equal(words, []string{"fr:une pomme", "fr:Fruits", "en:an apple", "en:Red apple"}) || i.Creator != "Ada" {
		t.Errorf("%q by %q", words, i.Creator)
	}
	if !slices.Equal(said, []string{"https://example.com/terms", "https://creativecommons.org/licenses/by/4.0/", "https://creativecommons.org/publicdomain/zero/1.0/"}) {
		t.Errorf("%q", said)
	}
}

func TestWithoutGate(t *testing.T) {
	t.Parallel()
	site, clock, names := start(t, gallery("g"))
	s := crawler(t, site.Config(names, time.Second, ""), t.TempDir(), clock)
	s.env.Gate = nil
	items, refused := all(t, s)
	if len(items) != 0 || len(refused) != 1 || refused[0].Why != source.Denied || count(site, "") != 0 {
		t.Errorf("%v %v, %d requests", urls(items), refused, count(site, ""))
	}
}

func TestOneCrawlAtATime(t *testing.T) {
	t.Parallel()
	site, clock, names := start(t, gallery("g"))
	cache := t.TempDir()
	config := site.Config(names, time.Second, "")
	for _, err := range crawler(t, config, cache, clock).Items(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range crawler(t, config, cache, clock).Items(t.Context()) {
			if err == nil || !strings.Contains(err.Error(), "another crawl") {
				t.Errorf("%v", err)
			}
		}
		break
	}
}

func TestConformance(t *testing.T) { // counts goroutines and files, so alone
	site := testsite.Start([]testsite.Case{gallery("g"), {Name: "d", Files: map[string]testsite.Answer{"/a.png": testsite.Picture("d", "X-Robots-Tag: noai")}}}, time.Now)
	defer site.Close()
	config := site.Config([]string{"g", "d"}, time.Millisecond, "id: test\n")
	port := strings.Split(strings.Split(site.URL("g", "/"), ":")[2], "/")[0]
	var paths []string
	for _, u := range inOrder {
		if rest, ok := strings.CutPrefix(u, "g/"); ok {
			paths = append(paths, itemPath("http://g.test:"+port+"/"+rest))
		}
	}
	const head = "agent: A_b\ncontact: https://example.org/\n"
	sourcetest.Run(t, sourcetest.Case{
		Kind: Kind, Config: config, Env: source.Env{Cache: filepath.Join(t.TempDir(), "cache"), Gate: gate.New(gate.Policy{})},
		Paths: paths, Refused: map[string]source.Why{site.URL("d", "/a.png"): source.Denied},
		Mistakes: map[string]string{
			"contact: https://example.org/\nseeds: [https://example.org/]\n":                  "agent",
			"agent: My Bot/1\ncontact: https://example.org/\nseeds: [https://example.org/]\n": "agent",
			"agent: A_b\nseeds: [https://example.org/]\n":                                     "contact",
			"agent: A_b\ncontact: me\nseeds: [https://example.org/]\n":                        "contact",
			head:                            "seeds",
			head + "seeds: [file:///etc]\n": "seeds",
			head + "seeds: [https://u:p@example.org/]\n":                                    "seeds",
			head + "seeds: [https://example.org/]\nallow: [example.com]\n":                  "allow",
			head + "seeds: [https://example.org/]\ndepth: -1\n":                             "depth",
			head + "seeds: [https://example.org/]\ndelay: 0s\n":                             "delay",
			head + "seeds: [https://example.org/]\nmax_picture: 3\n":                        "max_picture",
			head + "seeds: [https://example.org/]\nunreachable_robots: allow\n":             "unreachable_robots",
			head + "seeds: [https://example.org/]\ntest: {networks: [everywhere]}\n":        "networks",
			head + "seeds: [https://example.org/]\ntest: {ports: [0]}\n":                    "ports",
			head + "seeds: [https://example.org/]\ntest: {resolve: {a.example: nothing}}\n": "resolve",
		},
	})
}
