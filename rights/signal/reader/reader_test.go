package reader

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/limner-ai/limner/rights/signal"
)

var picture = Ask{URL: &url.URL{Scheme: "https", Host: "example.com", Path: "/art/a.png"}, Agent: "LimnerBot/1.0"}

func ok(body string) signal.Fetched { return signal.Fetched{Status: 200, Body: []byte(body)} }

var absent = signal.Fetched{Status: 404}

const (
	open   = "User-agent: *\nAllow: /\n"
	packet = `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/" plus:DataMining="http://ns.useplus.org/ldf/vocab/DMI-ALLOWED"/></rdf:RDF>`
	svg    = `<svg xmlns="http://www.w3.org/2000/svg"><metadata>` + packet + `</metadata></svg>`
)

// Each protocol in its permitting, denying, malformed and unreachable form.
func TestAfter(t *testing.T) {
	rsl := func(inner string) Licences {
		return Licences{"https://example.com/l.xml": ok(`<rsl xmlns="https://rslstandard.org/rsl"><content url="/">` + inner + `</content></rsl>`)}
	}
	for name, c := range map[string]struct {
		site     Site
		header   http.Header
		file     string
		licences Licences
		want     signal.Value
		protocol string // of the first reason
	}{
		"silence":               {site: Site{ok(open), absent, absent}, want: signal.Unknown},
		"robots deny":           {site: Site{ok("User-agent: *\nDisallow: /art/"), absent, absent}, file: svg, want: signal.Deny, protocol: signal.Robots},
		"robots unreachable":    {site: Site{signal.Fetched{}, absent, absent}, file: svg, want: signal.Deny, protocol: signal.Robots},
		"aipref allow":          {site: Site{ok(open + "Content-Usage: train-ai=y"), absent, absent}, want: signal.Allow, protocol: signal.AIPref},
		"aipref deny":           {site: Site{ok(open + "Content-Usage: /art/ train-ai=n"), absent, absent}, file: svg, want: signal.Deny, protocol: signal.AIPref},
		"aipref malformed":      {site: Site{ok(open + "Content-Usage: Train-AI=n"), absent, absent}, file: svg, want: signal.Unknown, protocol: signal.AIPref},
		"aipref header":         {site: Site{ok(open), absent, absent}, header: http.Header{"Content-Usage": {"train-ai=n"}}, file: svg, want: signal.Deny, protocol: signal.AIPref},
		"content-signal deny":   {site: Site{ok(open + "Content-Signal: ai-train=no"), absent, absent}, file: svg, want: signal.Deny, protocol: signal.ContentSignal},
		"content-signal header": {site: Site{ok(open), absent, absent}, header: http.Header{"Content-Signal": {"ai-train=yes"}}, want: signal.Allow, protocol: signal.ContentSignal},
		"tdmrep deny":           {site: Site{ok(open), ok(`[{"location":"/","tdm-reservation":1}]`), absent}, file: svg, want: signal.Deny, protocol: signal.TDMRep},
		"tdmrep overridden":     {site: Site{ok(open), ok(`[{"location":"/","tdm-reservation":1}]`), absent}, header: http.Header{"Tdm-Reservation": {"0"}}, want: signal.Allow, protocol: signal.TDMRep},
		"tdmrep malformed":      {site: Site{ok(open), ok(`{`), absent}, file: svg, want: signal.Unknown, protocol: signal.TDMRep},
		"tdmrep unreachable":    {site: Site{ok(open), signal.Fetched{}, absent}, file: svg, want: signal.Unknown, protocol: signal.TDMRep},
		"ai.txt deny":           {site: Site{ok(open), absent, ok("User-Agent: *\nDisallow: *.png")}, file: svg, want: signal.Deny, protocol: signal.AITxt},
		"ai.txt unreachable":    {site: Site{ok(open), absent, signal.Fetched{Status: 503}}, file: svg, want: signal.Unknown, protocol: signal.AITxt},
		"noai":                  {site: Site{ok(open), absent, absent}, header: http.Header{"X-Robots-Tag": {"limnerbot: noimageai"}}, file: svg, want: signal.Deny, protocol: signal.XRobots},
		"rsl allow":             {site: Site{ok("License: https://example.com/l.xml\n" + open), absent, absent}, licences: rsl(`<license><permits type="usage">ai-train</permits></license>`), want: signal.Allow, protocol: signal.RSL},
		"rsl deny":              {site: Site{ok("License: https://example.com/l.xml\n" + open), absent, absent}, licences: rsl(`<license><prohibits type="usage">ai-all</prohibits></license>`), file: svg, want: signal.Deny, protocol: signal.RSL},
		"rsl payment":           {site: Site{ok("License: https://example.com/l.xml\n" + open), absent, absent}, licences: rsl(`<license><payment type="training"/></license>`), file: svg, want: signal.NeedsLicence, protocol: signal.RSL},
		"rsl malformed":         {site: Site{ok("License: https://example.com/l.xml\n" + open), absent, absent}, licences: rsl(`<licence/>`), file: svg, want: signal.Unknown, protocol: signal.RSL},
		"rsl gone":              {site: Site{ok(open), absent, absent}, header: http.Header{"Link": {`<https://example.com/l.xml>; rel=license; type="application/rsl+xml"`}}, licences: Licences{"https://example.com/l.xml": absent}, file: svg, want: signal.Unknown, protocol: signal.RSL},
		"rsl not fetched":       {site: Site{ok("License: https://example.com/l.xml\n" + open), absent, absent}, file: svg, want: signal.Unknown, protocol: signal.RSL},
		"rsl embedded":          {site: Site{ok(open), absent, absent}, file: `<svg><metadata>` + packet + `<rsl xmlns="https://rslstandard.org/rsl"><content url="https://x/"><license><prohibits type="usage">all</prohibits></license></content></rsl></metadata></svg>`, want: signal.Deny, protocol: signal.RSL},
		"file allow":            {site: Site{ok(open), absent, absent}, file: svg, want: signal.Allow, protocol: signal.PLUS},
		"file malformed":        {site: Site{ok(open), absent, absent}, file: svg[:len(svg)-30], want: signal.Unknown, protocol: signal.PLUS},
	} {
		got := After(picture, c.site, c.header, []byte(c.file), c.licences)
		v := signal.Combine(got.Signals, signal.TrainGenerative)
		protocol := ""
		if len(v.Reasons) > 0 {
			protocol = v.Reasons[0].Protocol
		}
		if v.Value != c.want || protocol != c.protocol {
			t.Errorf("%s: %v by %s; want %v by %s: %v", name, v.Value, protocol, c.want, c.protocol, got.Signals)
		}
		announced := []string(nil)
		if name == "rsl not fetched" {
			announced = []string{"https://example.com/l.xml"}
		}
		if !slices.Equal(got.Announced, announced) {
			t.Errorf("%s: announced %v", name, got.Announced)
		}
		for _, s := range got.Signals {
			if s.Protocol == "" || s.Version == "" || s.Where == "" || s.Usage == 0 {
				t.Errorf("%s: incomplete %+v", name, s)
			}
		}
	}
}

// What can be known before the request denies before the request.
func TestBefore(t *testing.T) {
	for name, site := range map[string]Site{
		"robots":  {ok("User-agent: limnerbot\nDisallow: /"), absent, absent},
		"aipref":  {ok(open + "Content-Usage: train-ai=n"), absent, absent},
		"signals": {ok(open + "Content-Signal: ai-train=no"), absent, absent},
		"tdmrep":  {ok(open), ok(`[{"location":"/art/*.png","tdm-reservation":1}]`), absent},
		"ai.txt":  {ok(open), absent, ok("User-Agent: *\nDisallow: /")},
	} {
		if v := signal.Combine(Before(picture, site, nil).Signals, signal.TrainGenerative); v.Value != signal.Deny {
			t.Errorf("%s: %v", name, v)
		}
	}
	if v := signal.Combine(Before(picture, Site{absent, absent, absent}, nil).Signals, signal.Crawl); v.Value != signal.Allow {
		t.Errorf("%v", v)
	}
}

func TestPage(t *testing.T) {
	licences := Licences{"https://example.com/l.xml": ok(`<rsl xmlns="https://rslstandard.org/rsl"><content url=""><license><prohibits type="usage">ai-train</prohibits></license></content></rsl>`)}
	for body, want := range map[string]signal.Value{
		`<meta name=robots content=noimageai>`:                                                   signal.Deny,
		`<meta name=tdm-reservation content=1>`:                                                  signal.Deny,
		`<link rel=license type=application/rsl+xml href=https://example.com/l.xml>`:             signal.Deny,
		`<script type=application/rsl+xml>` + string(licences["https://example.com/l.xml"].Body): signal.Deny,
		`<meta name=tdm-reservation content=0>`:                                                  signal.Unknown,
		`<p>`:                                                                                    signal.Unknown,
	} {
		v := signal.Combine(Page(picture, http.Header{}, []byte(body), licences).Signals, signal.TrainGenerative)
		if v.Value != want {
			t.Errorf("%s: %v; want %v", body, v, want)
		}
	}
	if v := signal.Combine(Page(picture, http.Header{"Content-Usage": {"train-ai=y"}}, nil, nil).Signals, signal.TrainGenerative); v.Value != signal.Unknown {
		t.Errorf("%v", v)
	}
}

func TestSidecar(t *testing.T) {
	if v := signal.Combine(Sidecar([]byte(packet)).Signals, signal.TrainGenerative); v.Value != signal.Allow {
		t.Errorf("%v", v)
	}
	if v := signal.Combine(Sidecar(nil).Signals, signal.TrainGenerative); v.Value != signal.Unknown || v.Reasons[0].Defect == "" {
		t.Errorf("%v", v)
	}
}
