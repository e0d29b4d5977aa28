// Package intake takes in the pictures of a source: it stores their bytes,
// reads what they and their source say about rights, and records all of it in
// the ledger with the evidence. It judges nothing; that is for package rights.
//
// Items are recorded in batches, each whole or not at all, in the order of the
// source. What is recorded already and unchanged is skipped, so a run that was
// killed is taken up by running it again, and a later run appends only what
// differs.
package intake

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/limner-ai/limner/curate/decode"
	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/source"
)

// Options are the settings of a run; zero values are replaced by defaults.
type Options struct {
	Actor   string // who records: a person, or a program and its version
	Place   string // where the machine stands, for the record of what was extracted
	Batch   int    // items that are recorded together; 500
	Workers int    // pictures that are read at once; one a processor
	// Limits bound what a picture may cost to decode.
	Limits decode.Limits
	// Progress, if not nil, is told now and then how far the run is.
	Progress func(Progress)
	// Refused, if not nil, is told of each item that the source refused.
	Refused func(*source.Refused)
}

// Progress is how far a run is.
type Progress struct {
	Result
	Works int64 // that the source says it holds; 0 if it does not
	Took  time.Duration
}

// Rate is the number of items a second.
func (p Progress) Rate() float64 {
	if p.Took <= 0 {
		return 0
	}
	return float64(p.Items) / p.Took.Seconds()
}

// Left estimates the time to the end; 0 if nothing is known of it.
func (p Progress) Left() time.Duration {
	if p.Works <= p.Items || p.Items == 0 {
		return 0
	}
	return time.Duration(float64(p.Took) / float64(p.Items) * float64(p.Works-p.Items))
}

// Result counts what became of the items. Those that Undecodable counts are
// among New, Changed or Unchanged too.
type Result struct {
	Items       int64                `json:"items"`             // seen, refused ones not among them
	Bytes       int64                `json:"bytes"`             // of those
	New         int64                `json:"new"`               // not recorded before
	Changed     int64                `json:"changed"`           // recorded before with other words about them
	Unchanged   int64                `json:"unchanged"`         // recorded before
	Blocked     int64                `json:"blocked"`           // erased by an upheld claim, and not taken in again
	Undecodable int64                `json:"undecodable"`       // recorded, but no picture that can be decoded
	Refused     map[source.Why]int64 `json:"refused,omitempty"` // by the source, by reason
	Events      int64                `json:"events"`            // appended to the ledger
}

const (
	defaultBatch = 500
	// vectorSide is the longer side, in pixels, that an SVG is drawn with for
	// its fingerprint.
	vectorSide = 128
)

func (o Options) complete() Options {
	if o.Actor == "" {
		o.Actor = "limner"
	}
	if o.Batch <= 0 {
		o.Batch = defaultBatch
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Limits == (decode.Limits{}) {
		o.Limits = decode.Default()
		o.Limits.Vector = vectorSide
	}
	return o
}

// Run takes in the pictures of src under the identifier id. When ctx ends, what
// was read until then is recorded before Run returns ctx's error. Errors of
// single items are counted and never end a run.
func Run(ctx context.Context, src source.Source, id string, l *ledger.Ledger, store *objects.Store, o Options) (Result, error) {
	o = o.complete()
	about, err := src.About(ctx)
	if err != nil {
		return Result{}, fmt.Errorf("source %s: %w", id, err)
	}
	r := newRecorder(id, about, l, store, o)
	// What was read is recorded even if ctx has ended meanwhile.
	safe := context.WithoutCancel(ctx)
	if err := r.begin(safe); err != nil {
		return r.result, fmt.Errorf("source %s: %w", id, err)
	}
	reading, stop := context.WithCancel(ctx)
	defer stop()
	whole := false
	for j := range read(reading, src, taker{id, l, store, o.Limits}, o.Workers) {
		<-j.done
		switch {
		case err != nil: // only empties the queue
		case j.end:
			whole, err = j.err == nil, j.err
		default:
			if err = r.add(safe, j); err != nil {
				stop()
			}
		}
	}
	if ferr := r.finish(safe, whole); ferr != nil {
		err = errors.Join(err, ferr)
	}
	if err != nil {
		return r.result, fmt.Errorf("source %s: %w", id, err)
	}
	return r.result, nil
}
