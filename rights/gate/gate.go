// Package gate judges what a crawler may request and keep: it lets the readers
// of rights/signal read what servers answered, and turns what they say about
// crawling and about training generative models into a verdict.
//
// A request is let through only where no signal denies one of these uses, asks
// for a licence, or cannot be read. That nothing was said lets it through as
// well, unless the policy says otherwise: on which ground a picture may be
// used is decided later and elsewhere, and silence is none.
package gate

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/limner-ai/limner/rights/signal"
	"github.com/limner-ai/limner/rights/signal/reader"
	"github.com/limner-ai/limner/source"
)

// uses are those that a signal must be about to count.
const uses = signal.Crawl | signal.TrainGenerative

// Silence says what the absence of any signal about training means.
type Silence string

const (
	Pass Silence = "pass" // the request may be made
	Deny Silence = "deny" // it may not: only what is permitted is requested
)

// UnmarshalText reads "pass" or "deny".
func (s *Silence) UnmarshalText(text []byte) error {
	switch v := Silence(text); v {
	case Pass, Deny:
		*s = v
		return nil
	}
	return fmt.Errorf("silence: %q is neither pass nor deny", text)
}

// Policy is what is left to choose.
type Policy struct {
	Silence Silence `yaml:"silence"` // empty means Pass
}

// Gate is a source.Gate. It keeps nothing and may be used by several
// goroutines.
type Gate struct{ policy Policy }

var _ source.Gate = (*Gate)(nil)

// New returns a gate.
func New(p Policy) *Gate { return &Gate{p} }

// Before judges by the site's well-known files and by the licence documents
// that its robots.txt announces.
func (g *Gate) Before(ask source.Ask, site source.Site) source.Verdict {
	j, err := g.open(ask, site)
	if err != nil {
		return source.Verdict{Why: err.Error()}
	}
	v := j.judge(reader.Before(j.ask, j.site, j.licences), g.policy.Silence == Deny)
	v.Delay, v.Sitemaps = pace(j.site.Robots, ask.Agent)
	return v
}

// Page judges the picture at ask.URL by a page that shows it. A page may
// reserve and not permit, so its silence never counts.
func (g *Gate) Page(ask source.Ask, site source.Site, page source.Answer) source.Verdict {
	j, err := g.open(ask, site)
	if err != nil {
		return source.Verdict{Why: err.Error()}
	}
	j.answer = page
	return j.judge(reader.Page(j.ask, header(page), page.Body, j.licences), false)
}

// After judges by everything that is known of the picture, the site's files
// again among it, since headers override some of them. Statements are those of
// the header; what the file states is for whoever takes it in.
func (g *Gate) After(ask source.Ask, site source.Site, picture source.Answer) source.Verdict {
	j, err := g.open(ask, site)
	if err != nil {
		return source.Verdict{Why: err.Error()}
	}
	j.answer = picture
	return j.judge(reader.After(j.ask, j.site, header(picture), picture.Body, j.licences), g.policy.Silence == Deny)
}

// judgement holds what one verdict is about.
type judgement struct {
	ask      reader.Ask
	site     reader.Site
	licences reader.Licences
	asked    source.Ask
	given    source.Site
	answer   source.Answer // of the page or picture; its URL is empty before the request
}

func (g *Gate) open(ask source.Ask, site source.Site) (*judgement, error) {
	u, err := url.Parse(ask.URL)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("%q is no absolute address", ask.URL)
	}
	j := &judgement{
		ask:      reader.Ask{URL: u, Agent: ask.Agent},
		site:     reader.Site{Robots: fetched(site.Robots), TDMRep: fetched(site.TDMRep), AITxt: fetched(site.AITxt)},
		licences: reader.Licences{},
		asked:    ask,
		given:    site,
	}
	for address, a := range ask.Licences {
		j.licences[address] = fetched(a)
	}
	return j, nil
}

func (j *judgement) judge(f reader.Findings, silenceDenies bool) source.Verdict {
	var v source.Verdict
	combined := signal.Combine(f.Signals, signal.TrainGenerative)
	switch defect := blocking(f.Signals); {
	case combined.Value == signal.Deny, combined.Value == signal.NeedsLicence:
		v.Why = combined.Reasons[0].String()
	case defect >= 0:
		v.Why = f.Signals[defect].String()
	case combined.Value != signal.Allow && silenceDenies:
		v.Why = "nothing permits training, and the policy takes silence for a denial"
	default:
		v.Allowed = true
	}
	if !v.Allowed && combined.Value != signal.Deny && combined.Value != signal.NeedsLicence {
		v.Need = slices.Compact(slices.Sorted(slices.Values(f.Announced)))
	}
	sources := j.sources()
	for _, s := range f.Signals {
		if r, ok := reservation(s); ok {
			j.observe(&r, sources, s)
			v.Reservations = append(v.Reservations, r)
		}
	}
	for _, s := range f.Statements {
		if !strings.HasPrefix(s.Where, "header ") {
			continue
		}
		v.Statements = append(v.Statements, source.Statement{Scope: source.File, Form: source.Expression,
			Written: s.Value, Where: s.Where, Evidence: sources.of(s.Where)})
	}
	return v
}

// blocking finds a signal about one of the uses that could not be read; -1
// means none.
func blocking(signals []signal.Signal) int {
	return slices.IndexFunc(signals, func(s signal.Signal) bool { return s.Usage&uses != 0 && s.Defect != "" })
}

func fetched(a source.Answer) signal.Fetched { return signal.Fetched{Status: a.Status, Body: a.Body} }

func header(a source.Answer) http.Header {
	h := http.Header{}
	for key, values := range a.Header {
		for _, v := range values {
			h.Add(key, v)
		}
	}
	return h
}
