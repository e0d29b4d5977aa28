package jobs

import (
	"context"
	"fmt"
)

// watcher is the queue's end of a channel that Watch returned.
type watcher struct {
	ch   chan Event
	told int // the position that it was told last
}

// depth is how many events a watcher may be behind before it loses the oldest.
const depth = 16

// send hands an event over; a channel that is full loses its oldest.
func (w *watcher) send(e Event) {
	for {
		select {
		case w.ch <- e:
			return
		default:
		}
		select {
		case <-w.ch:
		default:
		}
	}
}

// Watch returns a channel of what becomes of a job: its present state at once,
// then each change, its progress, its position and previews. A slow reader
// loses the oldest events, never the final state. The channel is closed after
// the final state, when ctx ends, and when the queue closes.
func (q *Queue) Watch(ctx context.Context, owner, id string) (<-chan Event, error) {
	w := &watcher{ch: make(chan Event, depth)}
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return nil, ErrClosed
	}
	if e := q.live[id]; e != nil && (owner == "" || owner == e.job.Owner) {
		now := q.snapshot(e)
		w.told = now.Position
		w.send(Event{Job: now})
		if e.watchers == nil {
			e.watchers = map[*watcher]func() bool{}
		}
		q.watched[e] = true
		// Runs only when ctx ends; until then no goroutine waits.
		e.watchers[w] = context.AfterFunc(ctx, func() { q.unwatch(e, w) })
		q.mu.Unlock()
		return w.ch, nil
	}
	q.mu.Unlock()
	j, err := q.Job(ctx, owner, id)
	if err != nil {
		return nil, err
	}
	w.send(Event{Job: j})
	close(w.ch)
	return w.ch, nil
}

// unwatch lets a watcher go, if that was not done before.
func (q *Queue) unwatch(e *entry, w *watcher) {
	q.mu.Lock()
	defer q.mu.Unlock()
	stop := e.watchers[w]
	if stop == nil {
		return
	}
	stop()
	delete(e.watchers, w)
	if len(e.watchers) == 0 {
		delete(q.watched, e)
	}
	close(w.ch)
}

// tell sends an event to all who watch a job; q.mu is held.
func (q *Queue) tell(e *entry, p *Preview) {
	if len(e.watchers) == 0 {
		return
	}
	now := q.snapshot(e)
	for w := range e.watchers {
		w.told = now.Position
		w.send(Event{Job: now, Preview: p})
	}
}

// dismiss closes the channels of all who watch a job; q.mu is held.
func (q *Queue) dismiss(e *entry) {
	for w, stop := range e.watchers {
		stop()
		close(w.ch)
	}
	e.watchers = nil
	delete(q.watched, e)
}

// Wait returns the job when it is final.
func (q *Queue) Wait(ctx context.Context, owner, id string) (Job, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	events, err := q.Watch(ctx, owner, id)
	if err != nil {
		return Job{}, err
	}
	var last Job
	for e := range events {
		last = e.Job
	}
	switch {
	case last.State.Final():
		return last, nil
	case ctx.Err() != nil:
		return last, fmt.Errorf("waiting for job %s: %w", id, context.Cause(ctx))
	}
	return last, ErrClosed
}

// shift lets watchers of queued jobs know soon that these have moved; q.mu is
// held. Positions are told a few times a second at most, since each change
// moves many.
func (q *Queue) shift() {
	if len(q.watched) == 0 || q.closed {
		return
	}
	if !q.shifting {
		q.shifting = true
		q.shifter.Reset(shiftPause)
	}
}

// tellPositions is what the timer calls.
func (q *Queue) tellPositions() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.shifting = false
	for e := range q.watched {
		if e.job.State != Queued {
			continue
		}
		now := q.snapshot(e)
		for w := range e.watchers {
			if w.told != now.Position {
				w.told = now.Position
				w.send(Event{Job: now})
			}
		}
	}
}
