package jobs

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

func TestWatch(t *testing.T) {
	f := &fake{kind: "fake", most: 1, atOnce: 1, gate: make(chan struct{})}
	q := open(t, Options{}, f)
	j := submit(t, q, "ann", order{Text: "apple"})
	until(t, q, j, Running)
	events, err := q.Watch(t.Context(), "ann", j.ID)
	if err != nil {
		t.Fatal(err)
	}
	if first := <-events; first.Job.State != Running || first.Preview != nil {
		t.Errorf("first comes %+v", first)
	}
	f.gate <- struct{}{}
	var got []string
	for e := range events {
		s := string(e.Job.State) + " " + e.Job.Progress.Stage
		if e.Preview != nil {
			s += " " + string(e.Preview.Data)
		}
		got = append(got, s)
	}
	if s := fmt.Sprintf("%q", got); s != `["running at it" "running at it almost apple" "done at it"]` {
		t.Errorf("watched: %s", s)
	}
	// One that has ended.
	events, err = q.Watch(t.Context(), "", j.ID)
	if err != nil {
		t.Fatal(err)
	}
	if e, ok := <-events; !ok || e.Job.State != Done || len(e.Job.Results) != 1 {
		t.Errorf("%+v", e)
	}
	if _, ok := <-events; ok {
		t.Error("something comes after the end")
	}
	for _, id := range []string{"", "nonsense", "00000000000000000000000000"} {
		if _, err := q.Watch(t.Context(), "", id); !errors.Is(err, ErrUnknown) {
			t.Errorf("watching %q: %v", id, err)
		}
	}
	if _, err := q.Watch(t.Context(), "bob", j.ID); !errors.Is(err, ErrUnknown) {
		t.Errorf("watching somebody else's: %v", err)
	}
}

// chatty shows a thousand previews.
type chatty struct{ *fake }

func (c chatty) Run(ctx context.Context, tasks []Task) error {
	for i := range 1000 {
		tasks[0].Preview(Preview{Number: i})
	}
	tasks[0].Finish(nil)
	return nil
}

func TestASlowWatcherGetsTheEnd(t *testing.T) {
	f := &fake{kind: "fake", most: 1, atOnce: 1, gate: make(chan struct{})}
	c := &fake{kind: "chatty", most: 1, atOnce: 1}
	q := open(t, Options{}, f, chatty{c})
	j, err := q.Submit(t.Context(), Submission{Kind: "chatty", Owner: "ann"})
	if err != nil {
		t.Fatal(err)
	}
	slow, err := q.Watch(t.Context(), "ann", j.ID)
	if err != nil {
		t.Fatal(err)
	}
	wait(t, q, j)
	n, last := 0, Event{}
	for e := range slow {
		n++
		last = e
	}
	if n > depth || last.Job.State != Done {
		t.Errorf("%d events, the last one %+v", n, last)
	}
}

// Many watchers need no goroutine each, and none is left when they go.
func TestWatchersLeaveNothing(t *testing.T) {
	f := &fake{kind: "fake", most: 1, atOnce: 1, gate: make(chan struct{})}
	q := open(t, Options{}, f)
	j := submit(t, q, "ann", order{})
	until(t, q, j, Running)
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(t.Context())
	var left, stay []<-chan Event
	for range 200 {
		a, err := q.Watch(ctx, "ann", j.ID)
		if err != nil {
			t.Fatal(err)
		}
		b, err := q.Watch(t.Context(), "ann", j.ID)
		if err != nil {
			t.Fatal(err)
		}
		left, stay = append(left, a), append(stay, b)
	}
	if n := runtime.NumGoroutine(); n > before {
		t.Errorf("%d goroutines for 400 watchers", n-before)
	}
	cancel()
	for _, ch := range left {
		for range ch { // until it is closed
		}
	}
	f.gate <- struct{}{}
	for _, ch := range stay {
		var last Event
		for last = range ch {
		}
		if last.Job.State != Done {
			t.Fatalf("the last event is %+v", last)
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.watched) != 0 {
		t.Errorf("%d are still watched", len(q.watched))
	}
}

func TestPositionsAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{kind: "fake", most: 1, atOnce: 1, gate: make(chan struct{})}
		q := openAt(t, t.TempDir(), Options{}, f)
		defer shut(t, q)
		var last Job
		for range 4 {
			last = submit(t, q, "ann", order{})
		}
		events, err := q.Watch(t.Context(), "ann", last.ID)
		if err != nil {
			t.Fatal(err)
		}
		var got []int
		for e := range events {
			if n := len(got); n == 0 || got[n-1] != e.Job.Position {
				got = append(got, e.Job.Position)
			}
			if e.Job.State == Queued {
				f.gate <- struct{}{} // the one before ends
				time.Sleep(shiftPause / 2)
			} else if e.Job.State == Running && e.Job.Progress.Stage == "" {
				f.gate <- struct{}{}
			}
		}
		if fmt.Sprint(got) != "[3 2 1 0]" {
			t.Errorf("positions told: %v", got)
		}
	})
}

func TestWaitEnds(t *testing.T) {
	f := &fake{kind: "fake", most: 1, atOnce: 1, gate: make(chan struct{})}
	q := open(t, Options{}, f)
	j := submit(t, q, "ann", order{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := q.Wait(ctx, "ann", j.ID); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended wait: %v", err)
	}
	done := make(chan error)
	go func() {
		_, err := q.Wait(context.Background(), "ann", j.ID)
		done <- err
	}()
	shut(t, q)
	if err := <-done; !errors.Is(err, ErrClosed) {
		t.Errorf("waiting while the queue closes: %v", err)
	}
}
