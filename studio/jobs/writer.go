package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"
)

// writer is the one that changes the database. It commits whatever waits in
// one transaction, so that many changes share one flush of the disk.
type writer struct {
	db    *sql.DB
	flush func() error // puts the results' bytes on the disk

	mu      sync.Mutex
	waiting []*change
	fault   error // of the last transaction
	closed  bool
	wake    chan struct{} // of capacity 1
	ended   chan struct{}
}

// change is one step of the queue's state.
type change struct {
	do    func(*sql.Tx) error
	flush bool // results' bytes must be on the disk before
	must  bool // is tried again until it succeeds or the queue closes
	// after is called once, by the writer, with what came of it.
	after func(error)
}

// mostAtOnce bounds a transaction.
const mostAtOnce = 256

func newWriter(db *sql.DB, flush func() error) *writer {
	w := &writer{db: db, flush: flush, wake: make(chan struct{}, 1), ended: make(chan struct{})}
	go w.run()
	return w
}

// add hands a change over; it never blocks.
func (w *writer) add(c *change) {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		go c.after(ErrClosed) // who calls add may hold what after needs
		return
	}
	w.waiting = append(w.waiting, c)
	w.mu.Unlock()
	w.nudge()
}

func (w *writer) nudge() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// wait hands a change over and returns what came of it.
func (w *writer) wait(do func(*sql.Tx) error) error {
	done := make(chan error, 1)
	w.add(&change{do: do, after: func(err error) { done <- err }})
	return <-done
}

// close commits what waits and ends the writer.
func (w *writer) close() {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.nudge()
	<-w.ended
}

// lastFault returns the error of the last transaction, nil if all is well.
func (w *writer) lastFault() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.fault
}

func (w *writer) run() {
	defer close(w.ended)
	const shortest, longest = 50 * time.Millisecond, 5 * time.Second
	pause := shortest
	for {
		w.mu.Lock()
		n := min(len(w.waiting), mostAtOnce)
		batch := w.waiting[:n:n]
		w.waiting = w.waiting[n:]
		closed := w.closed
		w.mu.Unlock()
		if n == 0 {
			if closed {
				return
			}
			<-w.wake
			continue
		}
		again := w.commit(batch, closed)
		if len(again) == 0 {
			pause = shortest
			continue
		}
		w.mu.Lock()
		w.waiting = append(again, w.waiting...)
		closed = w.closed
		w.mu.Unlock()
		if !closed {
			select {
			case <-w.wake: // what came may well be told at once that it fails
			case <-time.After(pause):
			}
			pause = min(2*pause, longest)
		}
	}
}

// commit makes a batch of changes and returns those that must be tried again.
func (w *writer) commit(batch []*change, last bool) (again []*change) {
	err := w.transact(batch)
	if err != nil && len(batch) > 1 {
		for _, c := range batch { // one of them may be at fault
			again = append(again, w.commit([]*change{c}, last)...)
		}
		return again
	}
	w.mu.Lock()
	w.fault = err
	w.mu.Unlock()
	for _, c := range batch {
		if err != nil && c.must && !last {
			again = append(again, c)
		} else {
			c.after(err)
		}
	}
	return again
}

func (w *writer) transact(batch []*change) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("the queue's database: %w", explain(err))
		}
	}()
	for _, c := range batch {
		if c.flush {
			if err := w.flush(); err != nil {
				return err
			}
			break
		}
	}
	tx, err := w.db.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	for _, c := range batch {
		if err := c.do(tx); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}
