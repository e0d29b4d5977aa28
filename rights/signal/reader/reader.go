// Package reader asks every protocol about one resource: it hands what was
// fetched to the folders beside it and gathers their signals. It fetches
// nothing, and what it returns depends on nothing but what it was given.
package reader

import (
	"bytes"
	"net/http"
	"net/url"

	"github.com/limner-ai/limner/rights/signal"
	"github.com/limner-ai/limner/rights/signal/aipref"
	"github.com/limner-ai/limner/rights/signal/aitxt"
	"github.com/limner-ai/limner/rights/signal/c2pa"
	"github.com/limner-ai/limner/rights/signal/contentsignal"
	"github.com/limner-ai/limner/rights/signal/embedded"
	"github.com/limner-ai/limner/rights/signal/page"
	"github.com/limner-ai/limner/rights/signal/robots"
	"github.com/limner-ai/limner/rights/signal/rsl"
	"github.com/limner-ai/limner/rights/signal/tdmrep"
	"github.com/limner-ai/limner/rights/signal/xmp"
	"github.com/limner-ai/limner/rights/signal/xrobots"
)

// Ask names the resource and who asks.
type Ask struct {
	URL   *url.URL // of the resource, absolute
	Agent string   // product token or User-Agent header
}

// Site is what the origin of the resource answered to requests for its
// well-known files. One that was not requested has the status 0, which is the
// same as no answer.
type Site struct {
	Robots signal.Fetched // /robots.txt
	TDMRep signal.Fetched // /.well-known/tdmrep.json
	AITxt  signal.Fetched // /ai.txt
}

// Licences are RSL documents as fetched, by the URL that was announced.
type Licences map[string]signal.Fetched

// Findings are what was read.
type Findings struct {
	Signals    []signal.Signal
	Statements []signal.Statement

	// Announced are RSL documents that the evidence names and that Licences did
	// not contain. Until they are fetched and given, each is a defect among the
	// signals. Their URLs were chosen by others.
	Announced []string
}

// Before reads what may be known before the resource itself is requested.
func Before(ask Ask, site Site, licences Licences) Findings {
	var f Findings
	f.site(ask, site, licences)
	f.add(tdmrep.Read(site.TDMRep, nil, nil, ask.URL))
	return f
}

// After reads all that is known when the resource has been requested, or its
// header alone with HEAD: the site again, for the header overrides some of it,
// then the header and, if there is one, the file.
func After(ask Ask, site Site, header http.Header, file []byte, licences Licences) Findings {
	var f Findings
	f.site(ask, site, licences)
	f.add(tdmrep.Read(site.TDMRep, header, nil, ask.URL))
	f.add(aipref.Header(header))
	f.add(contentsignal.Header(header))
	f.add(xrobots.Header(header, ask.Agent))
	announced, said, defects := rsl.Header(header)
	f.Statements = append(f.Statements, said...)
	f.add(defects)
	f.licences(ask, announced, licences)
	got := File(file)
	f.add(got.Signals)
	f.Statements = append(f.Statements, got.Statements...)
	return f
}

// Page reads a page that shows the resource: it may reserve, but since it
// speaks for itself in the first place, not permit. The header is that of the
// page's response.
func Page(ask Ask, header http.Header, body []byte, licences Licences) Findings {
	p := page.Read(body, header.Get("Content-Type"))
	var f Findings
	f.add(tdmrep.Read(signal.Fetched{Status: http.StatusNotFound}, header, &p, ask.URL))
	f.add(xrobots.Header(header, ask.Agent))
	f.add(xrobots.Meta(p, ask.Agent))
	f.add(aipref.Header(header))
	f.add(contentsignal.Header(header))
	announced, _, defects := rsl.Header(header)
	f.add(defects)
	f.licences(ask, announced, licences)
	announced, documents, defects := rsl.Page(p)
	f.add(defects)
	f.licences(ask, announced, licences)
	for _, d := range documents {
		f.add(d.Evaluate(ask.URL, "page script element"))
	}
	if p.Defect != "" {
		f.Signals = append(f.Signals, signal.Signal{Protocol: signal.XRobots, Version: xrobots.Version,
			Usage: signal.Any, Where: "page", Defect: p.Defect})
	}
	f.Signals = signal.Restrict(f.Signals, "said of the page that shows it")
	return f
}

// File reads what a picture file carries.
func File(file []byte) Findings {
	var f Findings
	parts := embedded.Read(file)
	for _, p := range parts.Parts {
		if p.Kind == embedded.C2PA {
			f.add(c2pa.Read(p.Data, p.Where))
			continue
		}
		f.packet(p.Data, p.Where)
	}
	for _, d := range parts.Defects {
		if d.Kind == embedded.C2PA {
			f.Signals = append(f.Signals, c2pa.Unreadable(d.Where, d.Reason))
		} else {
			f.Signals = append(f.Signals, xmp.Unreadable(d.Where, d.Reason))
		}
	}
	return f
}

// Sidecar reads an XMP file that lies beside a picture.
func Sidecar(packet []byte) Findings {
	var f Findings
	f.packet(packet, "sidecar")
	return f
}

func (f *Findings) add(signals []signal.Signal) { f.Signals = append(f.Signals, signals...) }

func (f *Findings) packet(packet []byte, where string) {
	signals, said := xmp.Read(packet, where)
	f.add(signals)
	f.Statements = append(f.Statements, said...)
	if !bytes.Contains(packet, []byte(rsl.Namespace)) {
		return
	}
	doc, err := rsl.Embedded(packet)
	if err != nil {
		f.Signals = append(f.Signals, rsl.Announcement{Where: where}.Unread(err.Error()))
		return
	}
	f.add(doc.EvaluateAll(where))
}

// site reads what is the same before and after the request. Preferences about
// use are about what may be requested, so a denied resource has none.
func (f *Findings) site(ask Ask, site Site, licences Licences) {
	access := robots.Access(site.Robots, ask.URL, ask.Agent)
	f.add(access)
	f.add(aitxt.Read(site.AITxt, ask.URL, ask.Agent))
	file := robots.Get(site.Robots)
	if signal.Combine(access, signal.Crawl).Value != signal.Deny {
		f.add(aipref.Robots(file, ask.URL, ask.Agent))
		f.add(contentsignal.Robots(file, ask.URL, ask.Agent))
	}
	announced, defects := rsl.Robots(file, ask.Agent)
	f.add(defects)
	f.licences(ask, announced, licences)
}

// licences evaluates announced documents.
func (f *Findings) licences(ask Ask, announced []rsl.Announcement, licences Licences) {
	for _, a := range announced {
		got, ok := licences[a.URL]
		switch {
		case !ok:
			f.Announced = append(f.Announced, a.URL)
			f.Signals = append(f.Signals, a.Unread("the licence document has not been fetched"))
		case got.Status/100 != 2:
			f.Signals = append(f.Signals, a.Unread("the licence document cannot be fetched"))
		default:
			doc, err := rsl.Parse(got.Body)
			if err != nil {
				f.Signals = append(f.Signals, a.Unread(err.Error()))
				continue
			}
			f.add(doc.Evaluate(ask.URL, a.URL))
		}
	}
}
