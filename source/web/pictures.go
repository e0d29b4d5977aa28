package web

import (
	"bytes"
	"context"
	"errors"
	"image"
	_ "image/gif" // the formats whose size is looked at
	_ "image/jpeg"
	_ "image/png"
	"mime"
	"net/http"
	"strings"

	_ "golang.org/x/image/webp"

	"github.com/limner-ai/limner/source"
)

// maxPixels is the greatest size of a picture, told from its header alone.
const maxPixels = 200_000_000

// picture takes one picture, if nothing reserves it.
func (c *crawl) picture(ctx context.Context, e entry) error {
	err := c.acquire(ctx, e)
	var no *source.Refused
	if l := c.lane(e.URL); err == nil {
		l.useful()
	} else if errors.As(err, &no) {
		switch no.Why {
		case source.Denied:
			if err := c.state.forget(e.URL); err != nil { // it was permitted once
				return err
			}
		case source.Unreachable, source.Malformed, source.TooLarge:
			l.useless()
		}
	}
	if err != nil {
		return c.end(ctx, e, err)
	}
	return nil
}

func (c *crawl) acquire(ctx context.Context, e entry) error {
	licences := map[string]source.Answer{}
	_, site, err := c.before(ctx, e, licences)
	if err != nil {
		return err
	}
	if err := c.unreserved(e); err != nil {
		return err
	}
	after := func(a source.Answer) source.Verdict {
		return c.env.Gate.After(source.Ask{URL: e.URL, Agent: c.config.Agent, Licences: licences}, site, a)
	}
	// The header may announce further licence documents. Then the body is not
	// read before these are known.
	var v source.Verdict
	var head source.Answer
	judge := func(a source.Answer) error {
		if kind, _, err := mime.ParseMediaType(http.Header(a.Header).Get("Content-Type")); err == nil && !strings.HasPrefix(kind, "image/") && kind != "application/octet-stream" {
			return refuse(e, source.Malformed, nil, "its type is %s, no picture's", kind)
		}
		head = a
		if v = after(a); !v.Allowed && len(v.Need) > 0 {
			return errAside
		}
		if !v.Allowed {
			return refuse(e, source.Denied, v.Reservations, "%s", v.Why)
		}
		return nil
	}
	t, err := c.take(ctx, e, acceptPicture, int64(c.config.MaxBytes), judge)
	if errors.Is(err, errAside) {
		if v, err = c.verdict(ctx, e.URL, licences, func(ask source.Ask) source.Verdict { return c.env.Gate.After(ask, site, head) }); err != nil {
			return err
		}
		if !v.Allowed {
			return refuse(e, source.Denied, v.Reservations, "%s", v.Why)
		}
		t, err = c.take(ctx, e, acceptPicture, int64(c.config.MaxBytes), judge)
	}
	switch {
	case errors.Is(err, errAside):
		return refuse(e, source.Denied, v.Reservations, "%s", v.Why)
	case err != nil:
		return err
	case t.to != "":
		return c.redirect(e, t.to)
	}
	if err := inspect(e, t.answer.Body); err != nil {
		return err
	}
	if whole := after(t.answer); !whole.Allowed {
		return refuse(e, source.Denied, whole.Reservations, "%s", whole.Why)
	}
	return c.accept(e, t, v)
}

// unreserved asks what pages reserve of a picture.
func (c *crawl) unreserved(e entry) error {
	pages, unread, err := c.state.mentions(e.URL)
	if err != nil {
		return err
	}
	if len(pages) > 0 && pages[0].Denied { // those that reserve it come first
		l := loader{state: c.state} // c.load is for the goroutine that yields
		reservations, err := l.reservations(pages[0].Reservations)
		if err != nil {
			return err
		}
		return refuse(e, source.Denied, reservations, "%s", pages[0].Why)
	}
	if unread != "" {
		return refuse(e, source.Unreachable, nil, "a sitemap says that %s shows it, which was not read", unread)
	}
	return nil
}

// accept keeps a picture.
func (c *crawl) accept(e entry, t taken, v source.Verdict) error {
	body, err := c.remember(t)
	if err != nil {
		return err
	}
	r := record{Content: body, Taken: body.Time}
	if r.Reservations, err = c.state.reservations(v.Reservations); err != nil {
		return err
	}
	if r.Statements, err = c.state.statements(v.Statements); err != nil {
		return err
	}
	return c.state.finish(e, done, r, nil)
}

// inspect holds that a file begins like a picture and is not of a size that
// nobody could draw.
func inspect(e entry, file []byte) error {
	switch http.DetectContentType(file) {
	case "image/png", "image/jpeg", "image/gif", "image/webp":
		size, _, err := image.DecodeConfig(bytes.NewReader(file))
		if err != nil {
			return refuse(e, source.Malformed, nil, "its header cannot be read: %w", err)
		}
		if int64(size.Width)*int64(size.Height) > maxPixels {
			return refuse(e, source.TooLarge, nil, "%d by %d pixels", size.Width, size.Height)
		}
		return nil
	}
	if bytes.Contains(file[:min(len(file), 4096)], []byte("<svg")) {
		return nil
	}
	return refuse(e, source.Malformed, nil, "not a PNG, JPEG, WebP, GIF or SVG picture")
}
