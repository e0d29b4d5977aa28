package gate

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/limner-ai/limner/source"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const origin = "https://example.com"

func ok(path, body string) source.Answer {
	return source.Answer{Status: 200, Body: []byte(body), URL: origin + path, Time: noon}
}

func gone(path string) source.Answer {
	return source.Answer{Status: 404, URL: origin + path, Time: noon}
}

func site(robots string) source.Site {
	return source.Site{Robots: ok("/robots.txt", robots), TDMRep: gone("/.well-known/tdmrep.json"), AITxt: gone("/ai.txt")}
}

const open = "User-agent: *\nAllow: /\n"

var picture = source.Ask{URL: origin + "/art/a.png", Agent: "LimnerBot"}

func TestBefore(t *testing.T) {
	announced := "License: " + origin + "/l.xml\n" + open
	rsl := func(inner string) map[string]source.Answer {
		return map[string]source.Answer{origin + "/l.xml": ok("/l.xml", `<rsl xmlns="https://rslstandard.org/rsl"><content url="/">`+inner+`</content></rsl>`)}
	}
	for name, c := range map[string]struct {
		site     source.Site
		licences map[string]source.Answer
		silence  Silence
		want     bool
		need     []string
		value    string // of a reservation of the protocol
		protocol string
	}{
		"silence":              {site: site(open), want: true, value: "allow", protocol: "robots"},
		"silence denies":       {site: site(open), silence: Deny, value: "allow", protocol: "robots"},
		"permission":           {site: site(open + "Content-Usage: train-ai=y"), silence: Deny, want: true, value: "allow", protocol: "aipref"},
		"robots":               {site: site("User-agent: limnerbot\nDisallow: /art"), value: "deny", protocol: "robots"},
		"no robots":            {site: source.Site{Robots: gone("/robots.txt"), TDMRep: gone("/t"), AITxt: gone("/ai.txt")}, want: true, value: "allow", protocol: "robots"},
		"robots unreachable":   {site: source.Site{Robots: source.Answer{URL: origin + "/robots.txt", Time: noon}, TDMRep: gone("/t"), AITxt: gone("/ai.txt")}, value: "deny", protocol: "robots"},
		"training":             {site: site(open + "Content-Signal: ai-train=no"), value: "deny", protocol: "content-signal"},
		"search alone":         {site: site(open + "Content-Signal: search=no"), want: true, value: "allow", protocol: "robots"},
		"malformed":            {site: site(open + "Content-Usage: train-ai=perhaps"), value: "unknown", protocol: "aipref"},
		"tdmrep unreachable":   {site: source.Site{Robots: ok("/robots.txt", open), AITxt: gone("/ai.txt")}, value: "unknown", protocol: "tdmrep"},
		"licence to fetch":     {site: site(announced), need: []string{origin + "/l.xml"}, value: "unknown", protocol: "rsl"},
		"denied anyway":        {site: site(announced + "Disallow: /art/"), value: "deny", protocol: "robots"},
		"licence permits":      {site: site(announced), licences: rsl(`<license><permits type="usage">ai-train</permits></license>`), want: true, value: "allow", protocol: "rsl"},
		"licence for payment":  {site: site(announced), licences: rsl(`<license><payment type="training"/></license>`), value: "deny", protocol: "rsl"},
		"licence out of reach": {site: site(announced), licences: map[string]source.Answer{origin + "/l.xml": gone("/l.xml")}, value: "unknown", protocol: "rsl"},
	} {
		ask := picture
		ask.Licences = c.licences
		v := New(Policy{c.silence}).Before(ask, c.site)
		if v.Allowed != c.want || v.Allowed == (v.Why != "") || !slices.Equal(v.Need, c.need) {
			t.Errorf("%s: allowed %v (%s), need %v", name, v.Allowed, v.Why, v.Need)
		}
		i := slices.IndexFunc(v.Reservations, func(r source.Reservation) bool { return r.Protocol == c.protocol && r.Value == c.value })
		if i < 0 {
			t.Errorf("%s: no %s of %s in %+v", name, c.value, c.protocol, v.Reservations)
			continue
		}
		if r := v.Reservations[i]; r.Version == "" || r.Where == "" || name != "tdmrep unreachable" && (r.Evidence == nil || !r.Observed.Equal(noon) || len(r.Evidence.Data) == 0) {
			t.Errorf("%s: incomplete %+v", name, r)
		}
	}
}

func TestPace(t *testing.T) {
	robots := "Sitemap: https://example.com/s.xml\nUser-agent: *\nCrawl-delay: 9\nUser-agent: limnerbot\nCrawl-delay: 2.5\nCrawl-delay: -1\nCrawl-delay: NaN\nAllow: /\nSitemap: /t.xml"
	v := New(Policy{}).Before(picture, site(robots))
	if v.Delay != 2500*time.Millisecond || !slices.Equal(v.Sitemaps, []string{"https://example.com/s.xml", "/t.xml"}) {
		t.Errorf("%v %v", v.Delay, v.Sitemaps)
	}
	if v := New(Policy{}).Before(picture, site("User-agent: *\nCrawl-delay: 1e30")); v.Delay != maxDelay {
		t.Errorf("%v", v.Delay)
	}
}

func TestPage(t *testing.T) {
	for body, want := range map[string]bool{
		`<meta name=robots content=noimageai>`:    false,
		`<meta name=robots content=noindex>`:      true,
		`<meta name=tdm-reservation content=1>`:   false,
		`<meta name=tdm-reservation content=yes>`: false,
		`<p>`: true,
		`<link rel=license type=application/rsl+xml href=https://example.com/l.xml>`:                 false,
		`<script type=application/rsl+xml><rsl xmlns="https://rslstandard.org/rsl"><licence/></rsl>`: false,
	} {
		for _, silence := range []Silence{Pass, Deny} {
			v := New(Policy{silence}).Page(picture, site(open), ok("/", body))
			if v.Allowed != want {
				t.Errorf("%s: %+v", body, v)
			}
			for _, r := range v.Reservations {
				if r.Value == "allow" || r.Evidence == nil || r.Evidence.Name != origin+"/" {
					t.Errorf("%s: %+v", body, r)
				}
			}
		}
	}
}

func TestAfter(t *testing.T) {
	const svg = `<svg xmlns="http://www.w3.org/2000/svg"><metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/" plus:DataMining="http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED"/></rdf:RDF></metadata></svg>`
	g := New(Policy{})
	a := ok("/art/a.png", "")
	a.Body = nil
	a.Header = map[string][]string{"link": {`<https://creativecommons.org/licenses/by/4.0/>; rel="license"`}}
	v := g.After(picture, site(open), a)
	if !v.Allowed || len(v.Statements) != 1 || v.Statements[0].Written != "https://creativecommons.org/licenses/by/4.0/" ||
		!bytes.Contains(v.Statements[0].Evidence.Data, []byte("link: <https://creativecommons.org")) {
		t.Errorf("%+v", v)
	}
	a.Header["x-robots-tag"] = []string{"limnerbot: noai"}
	if v := g.After(picture, site(open), a); v.Allowed || !strings.Contains(v.Why, "x-robots-tag") {
		t.Errorf("%+v", v)
	}
	a.Header, a.Body = nil, []byte(svg)
	v = g.After(picture, site(open), a)
	if i := slices.IndexFunc(v.Reservations, func(r source.Reservation) bool { return r.Protocol == "plus" }); v.Allowed || i < 0 || v.Reservations[i].Evidence != nil || !v.Reservations[i].Observed.Equal(noon) {
		t.Errorf("%+v", v)
	}
	// A header that takes a reservation of the file back.
	reserved := site(open)
	reserved.TDMRep = ok("/.well-known/tdmrep.json", `[{"location":"/","tdm-reservation":1}]`)
	a.Body, a.Header = nil, map[string][]string{"Tdm-Reservation": {"0"}}
	if !g.After(picture, reserved, a).Allowed || g.Before(picture, reserved).Allowed {
		t.Error("the header does not go before tdmrep.json")
	}
}

func TestBadAddress(t *testing.T) {
	for _, bad := range []string{"", "/a.png", "http://[", "mailto:a@example.com"} {
		ask := source.Ask{URL: bad, Agent: "LimnerBot"}
		for _, v := range []source.Verdict{New(Policy{}).Before(ask, site(open)), New(Policy{}).Page(ask, site(open), ok("/", "")), New(Policy{}).After(ask, site(open), ok("/", ""))} {
			if v.Allowed || v.Why == "" {
				t.Errorf("%q: %+v", bad, v)
			}
		}
	}
	var s Silence
	if s.UnmarshalText([]byte("deny")) != nil || s != Deny || s.UnmarshalText([]byte("maybe")) == nil {
		t.Error("Silence")
	}
}

// Whatever the files of a site hold, nothing is let through that any signal
// denies or that could not be read.
func FuzzBefore(f *testing.F) {
	f.Add([]byte(open+"Content-Usage: train-ai=n\nLicense: https://example.com/l.xml"), []byte(`[{"location":"/","tdm-reservation":1}]`), []byte("User-Agent: *\nDisallow: /"), []byte("<rsl/>"))
	f.Add([]byte("Crawl-delay: 1e400\nSitemap:\x00"), []byte("["), []byte("\xff"), []byte(`<rsl xmlns="https://rslstandard.org/rsl"><content url="/"/></rsl>`))
	f.Fuzz(func(t *testing.T, robots, tdm, ai, licence []byte) {
		s := source.Site{Robots: ok("/robots.txt", string(robots)), TDMRep: ok("/.well-known/tdmrep.json", string(tdm)), AITxt: ok("/ai.txt", string(ai))}
		ask := picture
		ask.Licences = map[string]source.Answer{origin + "/l.xml": ok("/l.xml", string(licence))}
		v := New(Policy{}).Before(ask, s)
		if v.Allowed == (v.Why != "") || v.Allowed && len(v.Need) > 0 || v.Delay < 0 || v.Delay > maxDelay || len(v.Sitemaps) > maxSitemaps {
			t.Errorf("%+v", v)
		}
		for _, r := range v.Reservations {
			if v.Allowed && r.Value != "allow" {
				t.Errorf("allowed in spite of %+v", r)
			}
		}
	})
}
