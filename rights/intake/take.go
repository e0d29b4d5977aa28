package intake

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/limner-ai/limner/curate/decode"
	"github.com/limner-ai/limner/curate/fingerprint"
	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/source"
)

// taker does with one item what needs no order.
type taker struct {
	id     string
	ledger *ledger.Ledger
	store  *objects.Store
	limits decode.Limits
}

// taken is what there is to record of one item.
type taken struct {
	state  state
	bytes  int64
	bad    bool // it is no picture that can be decoded
	copy   ledger.Copy
	record []byte
	// statements are those about this file that are not recorded yet, and
	// withdrawals of those that are gone; group those about the item's group.
	statements []stated
	group      []stated
}

// state is what the ledger knew of an item before.
type state int

const (
	fresh     state = iota // nothing
	reworded               // the same bytes, with other words about them
	unchanged              // all of it
	blocked                // its bytes were erased by an upheld claim
)

// stated is a fact with the bytes that prove it, if it is not the picture.
type stated struct {
	fact     ledger.Fact
	evidence *source.Evidence
}

func isRefusal(err error) bool {
	_, ok := errors.AsType[*source.Refused](err)
	return ok
}

func (t taker) take(ctx context.Context, it *source.Item) (taken, error) {
	if err := check(it); err != nil {
		return taken{}, &source.Refused{Path: it.Path, Why: source.Malformed, Err: err}
	}
	got := taken{bytes: int64(len(it.Data))}
	content := fingerprint.Exact(it.Data)
	held, err := recall(ctx, t.ledger, ledger.Digest(content), t.id, it.Path)
	if err != nil {
		return got, err
	}
	if held.erased {
		got.state = blocked
		return got, nil
	}
	if _, err := t.store.Put(it.Data); err != nil {
		return got, err
	}
	record := recordOf(t.id, it)
	got.copy = ledger.Copy{Content: ledger.Digest(content), State: "kept", Source: t.id, Path: it.Path, URL: clip(it.URL),
		Title: clip(it.Title), Creator: clip(it.Creator), Bytes: got.bytes}
	if it.Group != "" {
		got.copy.Work = workID(t.id, it.Group)
	}
	if err := t.look(ctx, it.Data, held, &got); err != nil {
		return got, err
	}
	if err := t.compare(ctx, record, held, &got); err != nil {
		return got, err
	}
	of := ledger.CopyRef(got.copy.Content)
	own, group := split(t.id, of, it)
	got.group = group
	got.statements = held.current.differences(append(own, carried(t.id, of, it)...))
	if len(got.statements) > 0 && got.state == unchanged {
		got.state = reworded
	}
	return got, nil
}

// check holds what the contract of sources promises.
func check(it *source.Item) error {
	switch {
	case it.Path == "" || it.Path == "." || path.IsAbs(it.Path) || path.Clean(it.Path) != it.Path ||
		it.Path == ".." || strings.HasPrefix(it.Path, "../") || !utf8.ValidString(it.Path) || len(it.Path) > 4096:
		return fmt.Errorf("%.100q is no path within a source", it.Path)
	case len(it.Data) == 0:
		return errors.New("the file is empty")
	}
	return nil
}

// look fills in what the picture itself tells, from an earlier copy if the
// ledger has one.
func (t taker) look(ctx context.Context, data []byte, held recalled, got *taken) error {
	c := &got.copy
	if k := held.any; k != nil && k.MediaType != "" {
		c.MediaType, c.Width, c.Height, c.PDQ, c.Quality = k.MediaType, k.Width, k.Height, k.PDQ, k.Quality
		got.bad = c.Width == 0
		return nil
	}
	p, err := decode.Bytes(ctx, data, t.limits)
	var refused *decode.Error
	switch {
	case errors.As(err, &refused):
		got.bad = true
		c.MediaType = mediaType(refused.Format)
		if c.MediaType == "" {
			c.MediaType = http.DetectContentType(data)
		}
		return nil
	case err != nil:
		return err
	}
	hash, quality := fingerprint.PDQ(p.Image)
	c.MediaType = mediaType(p.Format)
	c.Width, c.Height = int64(p.Image.Rect.Dx()), int64(p.Image.Rect.Dy())
	if quality > 0 {
		c.PDQ, c.Quality = hash.String(), int64(quality)
	}
	return nil
}

func mediaType(f decode.Format) string {
	switch f {
	case decode.SVG:
		return "image/svg+xml"
	case "":
		return ""
	}
	return "image/" + strings.ToLower(string(f))
}

// compare tells whether the ledger knows this copy with this record already.
// That a picture was fetched again is no difference.
func (t taker) compare(ctx context.Context, record Record, held recalled, got *taken) (err error) {
	if got.record, err = record.encode(); err != nil || held.here == nil {
		return err
	}
	was := held.here.Fact.(ledger.Copy)
	before, err := ReadRecord(ctx, t.ledger, *held.here)
	if err != nil && !errors.Is(err, ledger.ErrNotFound) && !errors.Is(err, ledger.ErrErased) {
		return err
	}
	before.Taken, record.Taken = time.Time{}, time.Time{}
	now, err := record.encode()
	if err != nil {
		return err
	}
	then, err := before.encode()
	got.state = reworded
	if string(now) == string(then) && was == got.copy {
		got.state = unchanged
	}
	return err
}

// clip bounds what the ledger's events carry of a text; the record has it all.
func clip(s string) string {
	const most = 1024
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
