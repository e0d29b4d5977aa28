package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/limner-ai/limner/internal/digest"
	homes "github.com/limner-ai/limner/internal/home"
	"github.com/limner-ai/limner/release"
	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/rights/output"
)

// entries enters the pictures that a press lets go into the ledger of the home
// folder. A ledger that cannot be written keeps nobody from making pictures: warn
// is told.
type entries struct {
	l    *ledger.Ledger
	r    *output.Recorder
	warn func(error)
	stop chan struct{}
	done chan struct{}
}

// perEntry is how often a server enters what was made.
const perEntry = 2 * time.Second

// enter lets a press enter what it lets go, if there is a ledger, until close.
func enter(p *release.Press, warn func(error)) *entries {
	e := &entries{warn: warn, stop: make(chan struct{}), done: make(chan struct{})}
	var err error
	if e.l, err = homes.Find().WriteLedger(); err != nil {
		if !errors.Is(err, homes.ErrNoLedger) {
			warn(err)
		}
		close(e.done)
		return e
	}
	e.r = output.New(e.l, homes.Actor())
	p.Enter = func(ctx context.Context, i release.Issued) {
		if err := e.take(ctx, i); err != nil {
			warn(err)
		}
	}
	go e.flush()
	return e
}

func (e *entries) take(ctx context.Context, i release.Issued) error {
	var weights digest.SHA256
	if err := weights.UnmarshalText([]byte(i.ModelDigest)); err != nil {
		return err
	}
	b := i.Model.Data.Basis
	p := output.Picture{ID: i.ID, Content: sha256.Sum256(i.File), Watermark: i.Watermark}
	for _, d := range i.Nearest {
		p.Nearest = append(p.Nearest, ledger.Digest(d))
	}
	return e.r.Enter(ctx, output.Model{Name: i.Model.Name, Weights: ledger.Digest(weights), Root: fmt.Sprintf("%s/%d", b.Root, b.Digests), Code: i.Model.Made.Code}, p)
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
		if err := e.r.Flush(context.Background()); err != nil {
			e.warn(err)
		}
	}
}

// close enters what is left.
func (e *entries) close() {
	if e.l == nil {
		return
	}
	close(e.stop)
	<-e.done
	if err := errors.Join(e.r.Flush(context.Background()), e.l.Close()); err != nil {
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
