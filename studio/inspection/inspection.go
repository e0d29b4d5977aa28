// Package inspection lets inspectors look at pictures of the studio's while
// somebody waits: what is wrong, how sure that is, and where.
package inspection

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"image"
	"sync"

	"golang.org/x/sync/semaphore"

	"github.com/limner-ai/limner/inspect"
	"github.com/limner-ai/limner/inspect/all"
	"github.com/limner-ai/limner/internal/digest"
)

// Options are what a desk stands on.
type Options struct {
	Threads int // 0: one a processor
	// Owns reports whether a picture is the asker's own.
	Owns func(ctx context.Context, d digest.SHA256) (bool, error)
	// Picture gives a picture as it was made.
	Picture func(ctx context.Context, d digest.SHA256) (*image.NRGBA, error)
}

const (
	maxPixels = 4 << 20 // of a picture
	kept      = 256     // reports
)

// Desk has the inspectors look. Its methods may be called from any goroutine.
type Desk struct {
	o    Options
	turn *semaphore.Weighted // one look at a time, so that painting is not kept waiting

	once  sync.Once
	panel *all.Panel
	err   error

	mu      sync.Mutex
	reports map[digest.SHA256]*list.Element
	order   list.List // the one looked at last comes first
}

// New makes a desk. Inspectors are opened when they are first asked.
func New(o Options) *Desk {
	return &Desk{o: o, turn: semaphore.NewWeighted(1), reports: map[digest.SHA256]*list.Element{}}
}

// Close gives back what the inspectors hold.
func (d *Desk) Close() error {
	d.once.Do(func() { d.err = errors.New("the studio is closing") })
	if d.panel == nil {
		return nil
	}
	return d.panel.Close()
}

// Report is what inspectors say of a picture.
type Report struct {
	Picture  digest.SHA256 `json:"picture"`
	Width    int           `json:"width"`
	Height   int           `json:"height"`
	Findings []Finding     `json:"findings"`
}

// Finding is that of one inspector.
type Finding struct {
	inspect.Finding
	Summary string `json:"summary"` // of the inspector, in one line
	Heat    *Heat  `json:"heat,omitempty"`
}

// Heat is a map over the whole picture: rows from the top, a byte each from 0
// (sound) to 255 (faulty).
type Heat struct {
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Values []byte `json:"values"` // base64
}

// badPicture is the client's mistake.
type badPicture struct{ what string }

func (e *badPicture) Error() string { return e.what }

// Inspect has all inspectors look at a picture, or gives what they said before.
func (d *Desk) Inspect(ctx context.Context, p digest.SHA256) (*Report, error) {
	missing := &badPicture{fmt.Sprintf("there is no picture %s: upload it first", p)}
	if ok, err := d.o.Owns(ctx, p); err != nil {
		return nil, err
	} else if !ok {
		return nil, missing
	}
	if r := d.known(p); r != nil {
		return r, nil
	}
	m, err := d.o.Picture(ctx, p)
	if err != nil {
		return nil, &badPicture{err.Error()}
	}
	if m.Rect.Dx()*m.Rect.Dy() > maxPixels {
		return nil, &badPicture{fmt.Sprintf("the picture has %d×%d pixels: at most 4 megapixels are inspected", m.Rect.Dx(), m.Rect.Dy())}
	}
	if err := d.turn.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	defer d.turn.Release(1)
	d.once.Do(func() { d.panel, d.err = all.Open(inspect.Env{Threads: d.o.Threads}) })
	if d.err != nil {
		return nil, d.err
	}
	found, err := d.panel.Inspect(ctx, m)
	if err != nil {
		return nil, err
	}
	r := &Report{Picture: p, Width: m.Rect.Dx(), Height: m.Rect.Dy(), Findings: []Finding{}}
	for i, f := range found {
		r.Findings = append(r.Findings, Finding{Finding: f, Summary: d.panel.Kinds[i].Summary, Heat: heat(f.Heat)})
	}
	d.keep(p, r)
	return r, nil
}

func heat(h *inspect.Heat) *Heat {
	if h == nil {
		return nil
	}
	out := &Heat{Width: h.W, Height: h.H, Values: make([]byte, len(h.Value))}
	for i, v := range h.Value {
		if v > 0 { // and no NaN
			out.Values[i] = uint8(min(v, 1)*255 + .5)
		}
	}
	return out
}

func (d *Desk) known(p digest.SHA256) *Report {
	d.mu.Lock()
	defer d.mu.Unlock()
	e := d.reports[p]
	if e == nil {
		return nil
	}
	d.order.MoveToFront(e)
	return e.Value.(*Report)
}

func (d *Desk) keep(p digest.SHA256, r *Report) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.reports[p] == nil {
		d.reports[p] = d.order.PushFront(r)
	}
	for d.order.Len() > kept {
		delete(d.reports, d.order.Remove(d.order.Back()).(*Report).Picture)
	}
}
