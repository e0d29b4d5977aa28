package web

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/limner-ai/limner/internal/fetch"
	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/web/page"
)

// Limits of what a site publishes about itself.
const (
	maxSiteFile = 2 << 20 // bytes; the readers have limits of their own
	maxLicences = 8       // documents for one verdict
)

// before asks whether an address may be requested. What is not allowed comes
// back as a refusal. Licence documents that were fetched are added to the map,
// if it is not nil.
func (c *crawl) before(ctx context.Context, e entry, licences map[string]source.Answer) (source.Verdict, source.Site, error) {
	if !c.scope.has(e.URL) {
		return source.Verdict{}, source.Site{}, refuse(e, source.Unsafe, nil, "outside of what the key allow lists")
	}
	if c.env.Gate == nil {
		return source.Verdict{}, source.Site{}, refuse(e, source.Denied, nil, "there is no gate to ask")
	}
	l := c.lane(e.URL)
	if err := l.closed(); err != nil {
		return source.Verdict{}, source.Site{}, refuse(e, source.Unreachable, nil, "%w", err)
	}
	site, err := c.site(ctx, e.URL)
	if err != nil {
		return source.Verdict{}, site.site, err
	}
	v, err := c.verdict(ctx, e.URL, licences, func(ask source.Ask) source.Verdict { return c.env.Gate.Before(ask, site.site) })
	if err != nil {
		return v, site.site, err
	}
	l.pace(v.Delay)
	if v.Allowed {
		return v, site.site, nil
	}
	// Files that were not asked for, since robots.txt denies all, say nothing.
	v.Reservations = slices.DeleteFunc(v.Reservations, func(r source.Reservation) bool { return r.Evidence == nil })
	switch {
	case errors.Is(site.err, fetch.ErrUnsafe):
		return v, site.site, refuse(e, source.Unsafe, v.Reservations, "robots.txt: %w", site.err)
	case site.err != nil:
		return v, site.site, refuse(e, source.Unreachable, v.Reservations, "robots.txt: %w", site.err)
	}
	return v, site.site, refuse(e, source.Denied, v.Reservations, "%s", v.Why)
}

// verdict asks the gate, fetches the licence documents that it needs, and asks
// again. It adds those to the licences given, if these are not nil.
func (c *crawl) verdict(ctx context.Context, address string, licences map[string]source.Answer, judge func(source.Ask) source.Verdict) (source.Verdict, error) {
	if licences == nil {
		licences = map[string]source.Answer{}
	}
	for {
		v := judge(source.Ask{URL: address, Agent: c.config.Agent, Licences: licences})
		if v.Allowed || len(v.Need) == 0 {
			return v, nil
		}
		asked := false
		for _, need := range v.Need {
			if _, ok := licences[need]; ok || len(licences) >= maxLicences {
				continue
			}
			a, err := c.licence(ctx, need)
			if err != nil {
				return v, err
			}
			licences[need], asked = a, true
		}
		if !asked {
			return v, nil
		}
	}
}

// licence fetches a licence document, if it lies where the crawl may go and
// that site's robots.txt lets it be read.
func (c *crawl) licence(ctx context.Context, need string) (source.Answer, error) {
	nothing := source.Answer{URL: need, Time: c.now()}
	address, ok := page.Address(nil, need)
	if !ok || !c.scope.has(address) {
		return nothing, nil
	}
	site, err := c.site(ctx, address)
	if err != nil {
		return nothing, err
	}
	if c.robotsDeny(address, site.site) {
		return nothing, nil
	}
	a, _, err := c.published(ctx, address, 2)
	return a, err
}

// robotsDeny asks for nothing but what robots.txt says.
func (c *crawl) robotsDeny(address string, site source.Site) bool {
	v := c.env.Gate.Before(source.Ask{URL: address, Agent: c.config.Agent}, site)
	return slices.ContainsFunc(v.Reservations, func(r source.Reservation) bool { return r.Protocol == "robots" && r.Value != "allow" })
}

// site gives what the site of an address publishes about itself. A file that
// its robots.txt denies is not asked for, and counts as out of reach.
func (c *crawl) site(ctx context.Context, address string) (known, error) {
	l, at := c.lane(address), origin(address)
	l.siteMu.Lock()
	defer l.siteMu.Unlock()
	if k, ok := l.sites[at]; ok && c.now().Before(k.until) {
		return k, nil
	}
	var k known
	var err error
	robots, record, err := c.published(ctx, at+"/robots.txt", 2)
	if err != nil {
		return k, err
	}
	k.site.Robots, k.until = c.grace(robots, record), record.until()
	if failed(k.site.Robots.Status) {
		k.err = record.cause()
	}
	for _, f := range []struct {
		path string
		to   *source.Answer
	}{{"/.well-known/tdmrep.json", &k.site.TDMRep}, {"/ai.txt", &k.site.AITxt}} {
		if c.robotsDeny(at+f.path, source.Site{Robots: k.site.Robots}) {
			continue
		}
		a, record, err := c.published(ctx, at+f.path, 2)
		if err != nil {
			return k, err
		}
		*f.to = a
		if u := record.until(); u.Before(k.until) {
			k.until = u
		}
	}
	l.sites[at] = k
	return k, nil
}

// long is how long a robots.txt must have been out of reach to count as absent
// (RFC 9309 section 2.3.1.4), for who chooses so.
const long = 30 * day

func (c *crawl) grace(a source.Answer, r answerRecord) source.Answer {
	if c.config.Unreachable == "absent" && failed(r.Status) && !r.Unsafe && !r.Failing.IsZero() && c.now().Sub(r.Failing) > long {
		a.Status, a.Body = 404, nil
		a.Header = map[string][]string{"Limner-Note": {fmt.Sprintf("out of reach since %s, status %d; taken as absent by RFC 9309 section 2.3.1.4",
			r.Failing.UTC().Format(time.RFC3339), r.Status)}}
	}
	return a
}

// failed reports whether an answer's status means that a file could not be had.
func failed(status int) bool { return status == 0 || status == 429 || status >= 500 }

// until is how long an answer about a site may be relied on.
func (a answerRecord) until() time.Time {
	if failed(a.Status) {
		return a.Time.Add(hour)
	}
	return a.Time.Add(day)
}

func (a answerRecord) cause() error {
	switch {
	case a.Unsafe:
		return fmt.Errorf("%w: %s", fetch.ErrUnsafe, a.Error)
	case a.Error != "":
		return errors.New(a.Error)
	}
	return fmt.Errorf("status %d", a.Status)
}

// published gives a file that a site publishes about itself, kept for a day,
// or fetched. That it cannot be had is an answer, not an error.
func (c *crawl) published(ctx context.Context, address string, tries int) (source.Answer, answerRecord, error) {
	record, had, err := c.state.answer(address)
	if err != nil {
		return source.Answer{}, record, err
	}
	if had && c.now().Before(record.until()) && !record.Time.After(c.now()) {
		a, err := c.restore(address, record)
		return a, record, err
	}
	before := record
	got, err := c.get(ctx, fetch.Request{URL: address, Body: maxSiteFile, Redirects: fetch.MaxRedirects}, tries)
	if ctx.Err() != nil {
		return source.Answer{}, record, ctx.Err()
	}
	a := source.Answer{URL: address, Time: c.now()}
	record = answerRecord{Time: a.Time}
	if got != nil && (err == nil || failed(got.Status)) {
		a.Status, a.Header, a.Body = got.Status, got.Header, got.Body
	} else if err != nil {
		record.Error, record.Unsafe = err.Error(), unsafe(err)
	}
	if record.Status, record.Header = a.Status, a.Header; failed(a.Status) {
		if record.Failing = before.Failing; record.Failing.IsZero() {
			record.Failing = a.Time
		}
	}
	if a.Body != nil {
		d, err := c.state.objects.Put(a.Body)
		if err != nil {
			return a, record, err
		}
		record.Body = &blob{Digest: d, Time: a.Time}
	}
	return a, record, c.state.keep(address, record)
}

// restore makes a kept answer whole.
func (c *crawl) restore(address string, r answerRecord) (source.Answer, error) {
	a := source.Answer{Status: r.Status, Header: r.Header, URL: address, Time: r.Time}
	var err error
	if r.Body != nil {
		a.Body, err = c.state.objects.Get(r.Body.Digest)
	}
	return a, err
}

// relative resolves where a redirect leads.
func relative(from, to string) (string, bool) {
	base, err := url.Parse(from)
	if err != nil {
		return "", false
	}
	return page.Address(base, to)
}
