package web

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/web/page"
)

const (
	maxPage = page.MaxSize
	maxMap  = page.MaxMap
)

// What a page's address turns out to lead to.
const (
	anything = iota
	htmlPage
	siteMap
	aPicture
)

func kindOf(a source.Answer, address string) int {
	kind, _, err := mime.ParseMediaType(http.Header(a.Header).Get("Content-Type"))
	u, bad := url.Parse(address)
	switch {
	case bad != nil:
		return anything
	case kind == "text/html", kind == "application/xhtml+xml", kind == "" && err != nil:
		return htmlPage
	case strings.HasPrefix(kind, "image/"):
		return aPicture
	case kind == "application/xml", kind == "text/xml", kind == "application/gzip", kind == "application/x-gzip",
		strings.HasSuffix(u.Path, ".xml"), strings.HasSuffix(u.Path, ".xml.gz"):
		return siteMap
	}
	return anything
}

// page reads one page or sitemap, and asks what it reserves of the pictures
// that it shows.
func (c *crawl) page(ctx context.Context, e entry) error {
	if err := c.read(ctx, e); err != nil {
		return c.end(ctx, e, err)
	}
	return nil
}

func (c *crawl) read(ctx context.Context, e entry) error {
	v, site, err := c.before(ctx, e, nil)
	if err != nil {
		return err
	}
	kind := anything
	t, err := c.take(ctx, e, acceptPage, maxMap, func(a source.Answer) error {
		if kind = kindOf(a, e.URL); kind == anything || kind == aPicture {
			return errAside
		}
		return nil
	})
	var found page.Document
	switch {
	case errors.Is(err, errAside):
		if kind == aPicture {
			found.Pictures = []page.Picture{{URL: e.URL}}
		}
	case err != nil:
		return err
	case t.to != "":
		return c.redirect(e, t.to)
	default:
		if found, err = c.find(e, t, kind); err != nil {
			return err
		}
	}
	if c.config.Sitemaps && e.Depth < c.config.Depth {
		for _, s := range v.Sitemaps {
			if to, ok := relative(e.URL, s); ok {
				found.Maps = append(found.Maps, to)
			}
		}
	}
	var shown []row
	if t.answer.URL != "" {
		if shown, err = c.shown(ctx, site, t.answer, found.Pictures); err != nil {
			return err
		}
	}
	return c.state.finish(e, done, record{}, func(tx *sql.Tx) error { return c.lead(tx, e, found, shown) })
}

// find reads a page or sitemap and keeps it.
func (c *crawl) find(e entry, t taken, kind int) (page.Document, error) {
	at, err := url.Parse(e.URL)
	if err != nil {
		return page.Document{}, refuse(e, source.Malformed, nil, "%w", err)
	}
	if kind == htmlPage && len(t.answer.Body) > maxPage {
		return page.Document{}, refuse(e, source.TooLarge, nil, "a page of %d bytes", len(t.answer.Body))
	}
	if _, err := c.remember(t); err != nil {
		return page.Document{}, err
	}
	if kind == siteMap {
		found, err := page.Sitemap(t.answer.Body, at)
		switch {
		case errors.Is(err, page.ErrNoMap):
			return page.Document{}, nil
		case err != nil && len(found.Links)+len(found.Maps) == 0:
			return found, refuse(e, source.Malformed, nil, "%w", err)
		}
		return found, nil
	}
	h := http.Header(t.answer.Header)
	found := page.Read(t.answer.Body, h.Get("Content-Type"), at, c.config.Agent)
	if found.NoFollow || page.NoFollow(h.Values("X-Robots-Tag"), c.config.Agent) {
		found.Links, found.Canonical = nil, ""
	}
	return found, nil
}

// row is what a page says of a picture, as it is kept.
type row struct {
	picture, page, via string
	denied             bool
	record             string
}

// shown asks the gate about each picture of a page. What a page reserves of a
// picture holds wherever else the picture is shown.
func (c *crawl) shown(ctx context.Context, site source.Site, a source.Answer, pictures []page.Picture) ([]row, error) {
	evidence := &source.Evidence{Name: a.URL, Data: a.Body, Time: a.Time}
	licences := map[string]source.Answer{}
	var rows []row
	for _, p := range pictures {
		if !c.scope.has(p.URL) {
			continue
		}
		v, err := c.verdict(ctx, p.URL, licences, func(ask source.Ask) source.Verdict { return c.env.Gate.Page(ask, site, a) })
		if err != nil {
			return nil, err
		}
		for i := range p.Statements {
			p.Statements[i].Evidence = evidence
		}
		m := mention{Title: p.Title, Creator: p.Creator, Captions: p.Captions, Denied: !v.Allowed, Why: v.Why}
		if m.Reservations, err = c.state.reservations(v.Reservations); err != nil {
			return nil, err
		}
		if m.Statements, err = c.state.statements(append(p.Statements, v.Statements...)); err != nil {
			return nil, err
		}
		text, err := json.Marshal(m)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row{p.URL, a.URL, p.Via, m.Denied, string(text)})
	}
	return rows, nil
}

// lead notes where a page leads.
func (c *crawl) lead(tx *sql.Tx, e entry, found page.Document, shown []row) error {
	links, depth := found.Links, e.Depth+1
	if found.Canonical != "" && c.scope.has(found.Canonical) {
		links, depth = []string{found.Canonical}, e.Depth
	}
	for _, to := range append(links, found.Maps...) {
		if depth > c.config.Depth || !c.scope.has(to) {
			continue
		}
		if err := add(tx, entry{Kind: pageKind, URL: to, Round: e.Round + 1, Depth: depth}); err != nil {
			return err
		}
	}
	for _, p := range found.Pictures {
		if !c.scope.has(p.URL) {
			continue
		}
		if err := add(tx, entry{Kind: pictureKind, URL: p.URL, Round: e.Round}); err != nil {
			return err
		}
	}
	for _, r := range shown {
		if _, err := tx.Exec(`INSERT OR REPLACE INTO shown VALUES (?, ?, ?, ?, ?)`, r.picture, r.page, r.via, r.denied, r.record); err != nil {
			return err
		}
	}
	return nil
}
