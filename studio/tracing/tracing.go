// Package tracing says of any picture where it came from, as far as that can be
// told here: by what it says itself, by its watermark, and by the training
// pictures that it looks like.
package tracing

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"net/http"

	"golang.org/x/sync/semaphore"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/studio/paint"
	"github.com/limner-ai/limner/trace"
)

// Models lists what can be painted with; *paint.Shelf does.
type Models interface {
	Models(ctx context.Context) ([]paint.Model, error)
}

// Options are what a desk stands on.
type Options struct {
	Store  *objects.Store
	Models Models
	Sets   *trace.Indexes
	Marks  string                         // folder of keys: whose marks are known
	Ledger func() (*ledger.Ledger, error) // nil, or one that gives nil: there is none
	Owns   func(ctx context.Context, d digest.SHA256) (bool, error)
}

// atOnce is how many pictures are traced at once.
const atOnce = 1

// nearest is how many training pictures are named.
const nearest = 8

// Desk traces pictures. Its methods may be called from any goroutine.
type Desk struct {
	o    Options
	turn *semaphore.Weighted
}

// New makes a desk.
func New(o Options) *Desk { return &Desk{o, semaphore.NewWeighted(atOnce)} }

// Routes mounts what clients may ask:
//
//	POST /api/v1/traces                         the bytes of a picture, or as JSON {"picture": "sha256:…"}, one of the asker's
//	GET  /api/v1/traces/sets/{root}/{number}    a training picture, small, as the index of its set has it
func (d *Desk) Routes(mux *http.ServeMux) {
	mux.HandleFunc("POST /api/v1/traces", d.trace)
	mux.HandleFunc("GET /api/v1/traces/sets/{root}/{number}", d.thumb)
}

// errMissing says that the asker has no such picture.
var errMissing = errors.New("there is no such picture among yours: upload it first")

// own gives the bytes of a picture of the asker's.
func (d *Desk) own(ctx context.Context, p digest.SHA256) ([]byte, error) {
	if ok, err := d.o.Owns(ctx, p); err != nil {
		return nil, err
	} else if !ok {
		return nil, errMissing
	}
	return d.o.Store.Get(p)
}

// Trace traces a picture by the bytes of its file. The report says by which name
// a model is known here, and nothing of where its file lies.
func (d *Desk) Trace(ctx context.Context, file []byte) (trace.Report, error) {
	if err := d.turn.Acquire(ctx, 1); err != nil {
		return trace.Report{}, err
	}
	defer d.turn.Release(1)
	models, err := d.o.Models.Models(ctx)
	if err != nil {
		return trace.Report{}, err
	}
	o := trace.Options{Sets: d.o.Sets, Marks: d.o.Marks, Nearest: nearest, Models: func() (out []trace.Known) {
		for _, m := range models {
			out = append(out, trace.Known{Path: m.Name, Digest: m.Digest, Manifest: m.Manifest})
		}
		return out
	}}
	if d.o.Ledger != nil {
		if o.Ledger, err = d.o.Ledger(); err != nil {
			return trace.Report{}, err
		}
		if o.Ledger != nil {
			defer o.Ledger.Close()
		}
	}
	t, err := trace.Open(ctx, o)
	if err != nil {
		return trace.Report{}, err
	}
	r, err := t.Trace(ctx, file)
	if err != nil && ctx.Err() == nil {
		err = &badPicture{fmt.Errorf("the picture cannot be read: %w", err)}
	}
	return r, errors.Join(err, t.Close())
}

// badPicture is the client's mistake.
type badPicture struct{ error }

func (e *badPicture) Unwrap() error { return e.error }

// picture gives a training picture of an index as a PNG; nil if there is none.
func (d *Desk) picture(root string, number int) ([]byte, error) {
	x, err := d.o.Sets.Find(root)
	if err != nil || x == nil || number < 0 || number >= x.Len() {
		return nil, err
	}
	m, err := x.Image(number)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = png.Encode(&b, m)
	return b.Bytes(), err
}
