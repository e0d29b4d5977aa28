package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/internal/objects"
)

// Options are the queue's limits. What is zero is as the comment says.
type Options struct {
	Capacity int // unfinished jobs in all; 0: 4096
	PerOwner int // unfinished jobs of one owner; 0: 1024
	SpecSize int // bytes of a specification; 0: 64 KiB
	// Keep is how many finished jobs of each owner stay, the newest; older ones
	// are removed with the results that no other job has. 0: 1000; below 0: all.
	Keep int
	// Tries is how often the process may die, or the worker break, while it does
	// a job; then the job fails. 0: 3.
	Tries int
	// Pinned reports whether an object must stay though no job needs it. A job
	// with such a result stays too. It must not call the queue. nil: none is.
	Pinned func(digest.SHA256) bool
	// Broken is told of each panic of a worker. nil: nobody is.
	Broken func(kind string, cause any, stack []byte)
}

const (
	// grace is how long Close waits for workers after it has ended their contexts.
	grace = 3 * time.Second
	// shiftPause is the time between two tellings of positions.
	shiftPause = 200 * time.Millisecond
)

// Queue is a durable queue of jobs. Its methods may be called from any
// goroutine.
type Queue struct {
	o       Options
	store   *objects.Store
	lock    *flock.Flock
	read    *sql.DB
	write   *sql.DB
	writer  *writer
	workers map[string]*kind
	shifter *time.Timer
	held    holds

	mu       sync.Mutex
	clock    clock
	live     map[string]*entry // all that are not final, by id
	unended  map[string]int    // how many of them are whose, those being submitted too
	ended    map[string]int    // finished jobs of each owner that are not pinned
	watched  map[*entry]bool
	shifting bool
	pace     pace
	draining bool // nothing new is taken or begun
	stopping bool // contexts have ended
	closed   bool
	stopped  chan struct{} // closed when Close has done its work
	going    sync.WaitGroup
}

// kind is what the queue knows of one kind of work.
type kind struct {
	worker  Worker // nil: this studio has none; its jobs wait for one that has
	lines   *lines
	running int // goes
	stats   KindStats
}

// entry is a job that is not final.
type entry struct {
	job      Job
	kind     *kind
	group    string
	deaths   int
	watchers map[*watcher]func() bool // with what takes back their AfterFunc

	// Of a running one.
	in      *batch
	cancel  context.CancelCauseFunc
	asked   bool // to be cancelled
	settled bool // what becomes of it is decided, and on its way to the disk
	results []Result
	outcome chan struct{} // closed when a settled job's fate is on the disk,
	fault   error         // or could not be written
}

// Open opens the queue in the folder dir, which is made if need be, and begins
// to work. Jobs that were under way when their process died are queued again.
// ctx is that of the opening alone; Close ends the queue. Results are kept in
// store. The errors are ErrInUse, and those of the disk.
func Open(ctx context.Context, dir string, store *objects.Store, workers []Worker, o Options) (*Queue, error) {
	o = o.filled()
	q := &Queue{o: o, store: store,
		workers: map[string]*kind{}, live: map[string]*entry{}, unended: map[string]int{}, ended: map[string]int{},
		watched: map[*entry]bool{}, stopped: make(chan struct{}), held: holds{of: map[digest.SHA256]int{}},
	}
	for _, w := range workers {
		if q.workers[w.Kind()] != nil {
			return nil, fmt.Errorf("two workers do %q; give one of them another name", w.Kind())
		}
		q.workers[w.Kind()] = &kind{worker: w, lines: newLines()}
	}
	if err := q.openFiles(ctx, dir); err != nil {
		return nil, fmt.Errorf("cannot open the queue %s: %w", dir, explain(errors.Join(err, q.closeFiles())))
	}
	q.shifter = time.AfterFunc(time.Hour, q.tellPositions)
	q.shifter.Stop()
	q.writer = newWriter(q.write, store.Flush)
	q.discard(nil)
	q.mu.Lock()
	q.dispatch()
	q.mu.Unlock()
	return q, nil
}

func (o Options) filled() Options {
	for value, otherwise := range map[*int]int{&o.Capacity: 4096, &o.PerOwner: 1024, &o.SpecSize: 64 << 10, &o.Keep: 1000, &o.Tries: 3} {
		if *value == 0 {
			*value = otherwise
		}
	}
	return o
}

// Close takes nothing any more, lets what is under way finish until ctx ends,
// then ends its contexts and queues again what did not finish. What was queued
// is done by the next Open. Channels of Watch are closed.
func (q *Queue) Close(ctx context.Context) error {
	q.mu.Lock()
	first := !q.draining
	q.draining = true
	q.mu.Unlock()
	if !first {
		<-q.stopped
		return nil
	}
	defer close(q.stopped)
	idle := make(chan struct{})
	go func() {
		q.going.Wait()
		close(idle)
	}()
	select {
	case <-idle:
	case <-ctx.Done():
		q.stop()
		late := time.NewTimer(grace)
		defer late.Stop()
		select {
		case <-idle:
		case <-late.C:
			q.abandon()
		}
	}
	q.writer.close()
	q.mu.Lock()
	q.closed = true
	q.shifter.Stop()
	for _, e := range q.live {
		q.dismiss(e)
	}
	q.mu.Unlock()
	return q.closeFiles()
}

// stop ends the contexts of all that runs.
func (q *Queue) stop() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.stopping = true
	for _, e := range q.live {
		if e.cancel != nil {
			e.cancel(errStopping)
			e.in.cancel(errStopping)
		}
	}
}

// abandon queues again what workers that do not heed their context still hold.
func (q *Queue) abandon() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range q.live {
		if e.job.State == Running {
			q.settle(e, errStopping, false)
		}
	}
}

func (q *Queue) closeFiles() error {
	var errs []error
	for _, db := range []*sql.DB{q.read, q.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if q.lock != nil {
		errs = append(errs, q.lock.Unlock())
	}
	return errors.Join(errs...)
}
