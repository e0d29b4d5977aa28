// Package loader feeds batches of a picture set to training: shuffled anew
// each epoch, prefetched by background goroutines, and resumable to the
// picture. What it delivers depends on the set, the seed and the position
// alone, never on the number of workers.
package loader

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"

	"github.com/limner-ai/limner/dataset/picture"
)

// Options are the choices of a Loader. Batch alone is required.
type Options struct {
	Batch   int    // pictures a batch
	Seed    uint64 // of the order and of the flips
	Shuffle bool   // a new order each epoch
	Flip    bool   // mirror half of the pictures, chosen anew each epoch
	Signed  bool   // scale to [-1, 1] instead of [0, 1]
	// Drop leaves out the pictures at the end of an epoch that fill no batch;
	// otherwise the last batch of an epoch is short.
	Drop bool
	// Epochs ends the loader with io.EOF before that epoch; 0 means never.
	Epochs   int
	Workers  int      // goroutines that read; 0 means GOMAXPROCS
	Prefetch int      // batches kept ready; 0 means 2 a worker
	Start    Position // where to begin

	// Groups, if there are any, give Each pictures an epoch, whatever their
	// number: a group of fewer gives some again, one of more gives others in the
	// next epoch. They are indices into the set.
	Groups [][]int
	Each   int
}

// Position is a place in the endless sequence of pictures: so many of the
// epoch's pictures have been delivered.
type Position struct {
	Epoch int `json:"epoch"`
	Index int `json:"index"`
}

// ErrClosed is what Next returns after Close.
var ErrClosed = errors.New("loader: closed")

// Loader delivers batches. Next, Labels and Position are for one goroutine;
// Close may be called from any.
type Loader struct {
	set    picture.Set
	opt    Options
	length int // values a picture

	cancel context.CancelCauseFunc
	ctx    context.Context
	wg     sync.WaitGroup

	ring []*slot
	free chan *slot // to the planner, in ring order
	work chan *slot // to the workers
	turn int        // the slot that Next takes

	labels []picture.Label
	items  []int
	at     Position
	err    error

	mu      sync.Mutex
	skipped map[int]error
}

// slot is one prefetched batch. It goes from Next to the planner, to a
// worker, and back.
type slot struct {
	ready chan struct{} // holds one token when filled

	after Position // of the next batch's first picture
	items []int    // what to read
	flips []bool

	pixels []float32
	labels []picture.Label
	err    error
}

// New starts a loader on set, which runs until Close, the end of ctx, or the
// first error.
func New(ctx context.Context, set picture.Set, opt Options) (*Loader, error) {
	if opt.Workers == 0 {
		opt.Workers = runtime.GOMAXPROCS(0)
	}
	if opt.Prefetch == 0 {
		opt.Prefetch = 2 * opt.Workers
	}
	n := set.Len()
	if opt.Groups != nil {
		if err := opt.checkGroups(n); err != nil {
			return nil, err
		}
		n = len(opt.Groups) * opt.Each
	}
	switch {
	case opt.Batch < 1:
		return nil, fmt.Errorf("loader: batch of %d pictures", opt.Batch)
	case opt.Workers < 1 || opt.Prefetch < 1 || opt.Epochs < 0:
		return nil, fmt.Errorf("loader: %d workers, prefetch %d, %d epochs: none may be negative", opt.Workers, opt.Prefetch, opt.Epochs)
	case opt.Drop && n < opt.Batch:
		return nil, fmt.Errorf("loader: the set has %d pictures, which fill no batch of %d: lower the batch or add pictures", n, opt.Batch)
	case opt.Start.Epoch < 0 || opt.Start.Index < 0 || opt.Start.Index > n:
		return nil, fmt.Errorf("loader: position %+v is outside of a set of %d pictures", opt.Start, n)
	}
	h, w, c := set.Shape()
	l := &Loader{set: set, opt: opt, length: h * w * c, skipped: map[int]error{}}
	l.ctx, l.cancel = context.WithCancelCause(ctx)
	l.ring = make([]*slot, opt.Prefetch)
	l.free = make(chan *slot, opt.Prefetch)
	l.work = make(chan *slot, opt.Prefetch)
	for i := range l.ring {
		l.ring[i] = &slot{
			ready:  make(chan struct{}, 1),
			items:  make([]int, 0, opt.Batch),
			flips:  make([]bool, opt.Batch),
			pixels: make([]float32, opt.Batch*l.length),
			labels: make([]picture.Label, opt.Batch),
		}
		l.free <- l.ring[i]
	}
	l.labels = make([]picture.Label, 0, opt.Batch)
	p := newPlanner(n, opt)
	l.at = p.at
	l.wg.Go(func() { l.plan(p) })
	for range opt.Workers {
		l.wg.Go(l.read)
	}
	return l, nil
}

func (o Options) checkGroups(n int) error {
	if o.Each < 1 || len(o.Groups) == 0 {
		return fmt.Errorf("loader: %d pictures of each of %d groups an epoch", o.Each, len(o.Groups))
	}
	for _, g := range o.Groups {
		if len(g) == 0 {
			return errors.New("loader: a group without pictures")
		}
		for _, i := range g {
			if i < 0 || i >= n {
				return fmt.Errorf("loader: a group names picture %d of %d", i, n)
			}
		}
	}
	return nil
}

// Next waits for the next batch and copies it: images gets up to
// Batch·h·w·c values in NHWC order, and classes, unless it is nil, a class
// index a picture (-1 if none). It returns the number of pictures: Batch, or
// fewer at the end of an epoch without Drop, when the rest of both slices is
// left as it was. It returns io.EOF after the last epoch. Any error is final.
func (l *Loader) Next(images, classes []float32) (int, error) {
	if l.err != nil {
		return 0, l.err
	}
	if len(images) != l.opt.Batch*l.length {
		return 0, fmt.Errorf("loader: buffer of %d values for a batch of %d pictures of %d", len(images), l.opt.Batch, l.length)
	}
	if classes != nil && len(classes) != l.opt.Batch {
		return 0, fmt.Errorf("loader: buffer of %d classes for a batch of %d", len(classes), l.opt.Batch)
	}
	s := l.ring[l.turn]
	select {
	case <-l.ctx.Done():
		return 0, l.fail(context.Cause(l.ctx))
	default:
	}
	select {
	case <-l.ctx.Done():
		return 0, l.fail(context.Cause(l.ctx))
	case <-s.ready:
	}
	if s.err != nil {
		return 0, l.fail(s.err)
	}
	n := len(s.items)
	copy(images, s.pixels[:n*l.length])
	l.labels = append(l.labels[:0], s.labels[:n]...)
	l.items = append(l.items[:0], s.items...)
	if classes != nil {
		for i, label := range l.labels {
			classes[i] = float32(label.Class)
		}
	}
	l.at = s.after
	l.turn = (l.turn + 1) % len(l.ring)
	l.free <- s
	return n, nil
}

func (l *Loader) fail(err error) error {
	l.err = err
	l.cancel(err)
	return err
}

// Labels are those of the batch that Next returned last; valid until the
// following Next.
func (l *Loader) Labels() []picture.Label { return l.labels }

// Items are the numbers in the set of the batch's pictures; valid until the
// following Next.
func (l *Loader) Items() []int { return l.items }

// Position is where the next batch begins. A new loader that starts there
// continues exactly, however much this one had prefetched.
func (l *Loader) Position() Position { return l.at }

// Skipped is the number of different pictures that could not be read after
// the set had been opened, and one of their errors. Each was replaced by the
// readable picture next in the set.
func (l *Loader) Skipped() (n int, example error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, example = range l.skipped {
		break
	}
	return len(l.skipped), example
}

// Close stops the goroutines and waits for them. It may be called twice.
func (l *Loader) Close() {
	l.cancel(ErrClosed)
	l.wg.Wait()
}

// plan fills in what each free slot is to hold and passes it on.
func (l *Loader) plan(p *planner) {
	for {
		select {
		case <-l.ctx.Done():
			return
		case s := <-l.free:
			s.err = nil
			if !p.next(s) {
				s.err = io.EOF
				s.ready <- struct{}{}
				return
			}
			l.work <- s // never blocks: there are no more slots than places
		}
	}
}

// read fills slots.
func (l *Loader) read() {
	for {
		select {
		case <-l.ctx.Done():
			return
		case s := <-l.work:
			s.err = l.fill(s)
			s.ready <- struct{}{}
		}
	}
}

func (l *Loader) fill(s *slot) error {
	h, w, c := l.set.Shape()
	for k, item := range s.items {
		if l.ctx.Err() != nil {
			return context.Cause(l.ctx)
		}
		pixels := s.pixels[k*l.length : (k+1)*l.length]
		var err error
		if s.labels[k], s.items[k], err = l.item(item, pixels); err != nil {
			return fmt.Errorf("loader: picture %d (%s): %w", item, l.set.Name(item), err)
		}
		if s.flips[k] {
			mirror(pixels, h, w, c)
		}
		if l.opt.Signed {
			for i, v := range pixels {
				pixels[i] = 2*v - 1
			}
		}
	}
	return nil
}

// item reads picture i, or if it turns out unreadable the next readable one,
// which is the same each time and so keeps the sequence reproducible. It
// returns which it was.
func (l *Loader) item(i int, pixels []float32) (picture.Label, int, error) {
	for tried := 1; ; tried++ {
		label, err := l.set.Item(i, pixels)
		if !picture.IsSkip(err) || tried == l.set.Len() {
			return label, i, err
		}
		l.mu.Lock()
		l.skipped[i] = err
		l.mu.Unlock()
		i = (i + 1) % l.set.Len()
	}
}

// mirror exchanges left and right of an HWC picture.
func mirror(p []float32, h, w, c int) {
	for y := range h {
		row := p[y*w*c : (y+1)*w*c]
		for a, b := 0, w-1; a < b; a, b = a+1, b-1 {
			for k := range c {
				row[a*c+k], row[b*c+k] = row[b*c+k], row[a*c+k]
			}
		}
	}
}
