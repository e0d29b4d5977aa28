package web

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"time"

	"github.com/limner-ai/limner/internal/fetch"
	"github.com/limner-ai/limner/source"
)

const (
	maxHops = 5

	acceptPage    = "text/html, application/xhtml+xml, application/xml;q=0.8"
	acceptPicture = "image/png, image/jpeg, image/webp, image/gif, image/svg+xml"
)

// errAside ends a request whose answer is not what was asked for, without a
// refusal: what it is has been seen by who judged it.
var errAside = errors.New("put aside")

// taken is an answer to a request for a page or picture.
type taken struct {
	answer source.Answer
	body   *blob  // where it is kept, if it was before
	to     string // of a redirect
}

// take gets a page or picture, asking for it only if what is kept is too old
// and then only for what has changed. The header is judged before the body is
// read, whether or not anything is requested.
func (c *crawl) take(ctx context.Context, e entry, accept string, limit int64, judge func(source.Answer) error) (taken, error) {
	kept, had, err := c.state.answer(e.URL)
	if err != nil {
		return taken{}, err
	}
	var body []byte
	if had = had && kept.Status == http.StatusOK && kept.Body != nil; had {
		if body, err = c.state.objects.Get(kept.Body.Digest); err != nil {
			// Lost or altered: it is asked for as if it had never been kept.
			had = false
			if err := c.state.objects.Erase(kept.Body.Digest); err != nil {
				return taken{}, err
			}
		}
	}
	if had && kept.fresh(c.now(), c.config.Refetch) {
		a := source.Answer{Status: kept.Status, Header: kept.Header, URL: e.URL, Time: kept.Time}
		if err := judge(a); err != nil {
			return taken{}, err
		}
		a.Body = body
		return taken{answer: a, body: kept.Body}, nil
	}
	spent, err := c.state.spent(hostOf(e.URL), 0)
	if err != nil {
		return taken{}, err
	}
	if limit = min(limit, int64(c.config.MaxHostBytes)-spent); limit <= 0 {
		return taken{}, refuse(e, source.TooLarge, nil, "max_bytes_per_host is used up")
	}
	r := fetch.Request{URL: e.URL, Body: limit, Header: header("Accept", accept)}
	if had {
		h := http.Header(kept.Header)
		r.Header = header("Accept", accept, "If-None-Match", h.Get("ETag"), "If-Modified-Since", h.Get("Last-Modified"))
	}
	r.Judge = func(got *fetch.Response) error {
		switch got.Status {
		case http.StatusOK:
			return judge(source.Answer{Status: got.Status, Header: got.Header, URL: e.URL, Time: c.now()})
		case http.StatusNotModified:
			if had {
				kept.Header = refreshed(kept.Header, got.Header)
				return judge(source.Answer{Status: http.StatusOK, Header: kept.Header, URL: e.URL, Time: c.now()})
			}
		}
		return nil
	}
	got, err := c.get(ctx, r, maxTries)
	if got != nil && got.Received > 0 {
		if _, err := c.state.spent(hostOf(e.URL), got.Received); err != nil {
			return taken{}, err
		}
	}
	switch {
	case ctx.Err() != nil:
		return taken{}, ctx.Err()
	case errors.Is(err, errAside):
		return taken{}, err
	case err != nil:
		return taken{}, because(e, err)
	case got.Status == http.StatusOK:
		return taken{answer: source.Answer{Status: got.Status, Header: got.Header, Body: got.Body, URL: e.URL, Time: c.now()}}, nil
	case got.Status == http.StatusNotModified && had:
		kept.Time = c.now()
		if err := c.state.keep(e.URL, kept); err != nil {
			return taken{}, err
		}
		a := source.Answer{Status: kept.Status, Header: kept.Header, Body: body, URL: e.URL, Time: kept.Time}
		return taken{answer: a, body: kept.Body}, nil
	case got.Location != "":
		to, ok := relative(e.URL, got.Location)
		if !ok {
			return taken{}, refuse(e, source.Unsafe, nil, "redirects to %.200q", got.Location)
		}
		return taken{to: to}, c.state.forget(e.URL)
	}
	if err := c.state.forget(e.URL); err != nil {
		return taken{}, err
	}
	return taken{}, refuse(e, source.Unreachable, nil, "status %d", got.Status)
}

// refreshed puts the fields of a 304 answer over those that are kept (RFC 9111
// section 3.2).
func refreshed(kept, news http.Header) http.Header {
	out := http.Header(kept).Clone()
	for key, values := range news {
		if key != "Content-Length" && key != "Content-Encoding" && key != "Content-Type" {
			out[key] = values
		}
	}
	return out
}

// remember keeps an answer with its body, for the next time.
func (c *crawl) remember(t taken) (*blob, error) {
	if t.body != nil {
		return t.body, nil
	}
	d, err := c.state.objects.Put(t.answer.Body)
	if err != nil {
		return nil, err
	}
	b := &blob{Digest: d, Time: stamp(t.answer.Time)}
	return b, c.state.keep(t.answer.URL, answerRecord{Status: t.answer.Status, Header: t.answer.Header, Body: b, Time: t.answer.Time})
}

// redirect makes of a redirect's target an entry of its own, which is asked
// about like any other.
func (c *crawl) redirect(e entry, to string) error {
	next := entry{Kind: e.Kind, URL: to, Round: e.Round + 1, Depth: e.Depth, Hops: e.Hops + 1}
	if e.Kind == pictureKind {
		next.Round = e.Round + hopRound
	}
	end, err := c.state.end(entry{Kind: e.Kind, URL: to})
	if err != nil {
		return err
	}
	switch {
	case end.URL == e.URL:
		return refuse(e, source.Malformed, nil, "redirects in a circle, by %s", to)
	case next.Hops > maxHops:
		return refuse(e, source.Malformed, nil, "more than %d redirects", maxHops)
	}
	return c.state.finish(e, moved, record{To: to}, func(tx *sql.Tx) error {
		if err := add(tx, next); err != nil || e.Kind == pageKind {
			return err
		}
		_, err := tx.Exec(`INSERT OR IGNORE INTO shown SELECT ?, page, via, denied, record FROM shown WHERE picture = ?`, to, e.URL)
		return err
	})
}

// stamp is a time as it is kept: without the clock that only this process has.
func stamp(t time.Time) time.Time { return t.Round(0).UTC() }
