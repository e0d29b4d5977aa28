package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/limner-ai/limner/internal/basis"
	"github.com/limner-ai/limner/internal/digest"
	homes "github.com/limner-ai/limner/internal/home"
	"github.com/limner-ai/limner/release"
	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/rights/output"
)

// entries enters the pictures that a press lets go into the ledger of the home
// folder, from when there is one. A ledger that cannot be written keeps nobody from
// making pictures: warn is told.
type entries struct {
	warn func(error)
	stop chan struct{}
	done chan struct{}

	mu sync.Mutex
	l  *ledger.Ledger
	r  *output.Recorder // nil: there is no ledger yet
}

// perEntry is how often a server enters what was made.
const perEntry = 2 * time.Second

// enter lets a press enter what it lets go, until close.
func enter(p *release.Press, warn func(error)) *entries {
	e := &entries{warn: warn, stop: make(chan struct{}), done: make(chan struct{})}
	p.Enter = func(ctx context.Context, i release.Issued) {
		if err := e.take(ctx, i); err != nil {
			warn(err)
		}
	}
	go e.flush()
	return e
}

// recorder opens the ledger, if it is not open; nil where there is none.
func (e *entries) recorder() (*output.Recorder, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.r != nil {
		return e.r, nil
	}
	l, err := homes.Find().WriteLedger()
	if errors.Is(err, homes.ErrNoLedger) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	e.l, e.r = l, output.New(l, homes.Actor())
	return e.r, nil
}

func (e *entries) take(ctx context.Context, i release.Issued) error {
	r, err := e.recorder()
	if err != nil || r == nil {
		return err
	}
	var weights digest.SHA256
	if err := weights.UnmarshalText([]byte(i.ModelDigest)); err != nil {
		return err
	}
	p := output.Picture{ID: i.ID, Content: sha256.Sum256(i.File), Watermark: i.Watermark}
	for _, d := range i.Nearest {
		p.Nearest = append(p.Nearest, ledger.Digest(d))
	}
	m := output.Model{Name: i.Model.Name, Weights: ledger.Digest(weights), Code: i.Model.Made.Code}
	for _, g := range i.Model.Grounds() {
		if g.Basis.Status == basis.Recorded {
			m.Roots = append(m.Roots, fmt.Sprintf("%s/%d", g.Basis.Root, g.Basis.Digests))
		}
	}
	return r.Enter(ctx, m, p)
}

// write enters what was gathered.
func (e *entries) write() error {
	e.mu.Lock()
	r := e.r
	e.mu.Unlock()
	if r == nil {
		return nil
	}
	return r.Flush(context.Background())
}

func (e *entries) flush() {
	defer close(e.done)
	tick := time.NewTicker(perEntry)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-e.stop:
			return
		}
		if err := e.write(); err != nil {
			e.warn(err)
		}
	}
}

// close enters what is left.
func (e *entries) close() {
	close(e.stop)
	<-e.done
	err := e.write()
	if e.l != nil {
		err = errors.Join(err, e.l.Close())
	}
	if err != nil {
		e.warn(err)
	}
}

// warner tells of what is wrong with the ledger once.
func warner(c *cobra.Command) func(error) {
	var once sync.Once
	return func(err error) {
		once.Do(func() { fmt.Fprintf(c.ErrOrStderr(), "pictures are not entered into the ledger: %v\n", err) })
	}
}
