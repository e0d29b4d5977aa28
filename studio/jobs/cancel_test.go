package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

func TestCancelQueued(t *testing.T) {
	f := &fake{kind: "fake", most: 1, atOnce: 1, gate: make(chan struct{})}
	q := open(t, Options{}, f)
	first := submit(t, q, "ann", order{Text: "1"})
	second := submit(t, q, "ann", order{Text: "2"})
	third := submit(t, q, "ann", order{Text: "3"})
	if second.Position != 1 || third.Position != 2 || first.Position != 0 {
		t.Errorf("positions %d %d %d", first.Position, second.Position, third.Position)
	}
	if _, err := q.Cancel(t.Context(), "bob", second.ID); !errors.Is(err, ErrUnknown) {
		t.Errorf("somebody else's job: %v", err)
	}
	for range 2 { // the second time changes nothing
		j, err := q.Cancel(t.Context(), "ann", second.ID)
		if err != nil || j.State != Cancelled || j.Ended.IsZero() {
			t.Fatalf("%+v, %v", j, err)
		}
	}
	if j, _ := q.Job(t.Context(), "ann", third.ID); j.Position != 1 {
		t.Errorf("the next one's position is %d", j.Position)
	}
	close(f.gate)
	wait(t, q, first)
	wait(t, q, third)
	if got := fmt.Sprint(f.done()); got != "[[1] [3]]" {
		t.Errorf("done was %s", got)
	}
	if j, err := q.Cancel(t.Context(), "", third.ID); err != nil || j.State != Done {
		t.Errorf("cancelling a finished one: %+v, %v", j, err)
	}
}

func TestCancelRunning(t *testing.T) {
	q := open(t, Options{}, &fake{kind: "fake", most: 1, atOnce: 1})
	j := submit(t, q, "ann", order{Do: "hang"})
	until(t, q, j, Running)
	for range 2 {
		if _, err := q.Cancel(t.Context(), "ann", j.ID); err != nil {
			t.Fatal(err)
		}
	}
	if j = wait(t, q, j); j.State != Cancelled || j.Error != "" {
		t.Errorf("%+v", j)
	}
}

// One of a group is cancelled: the others go on. All are: the go ends.
func TestCancelInAGroup(t *testing.T) {
	f := &fake{kind: "fake", most: 4, atOnce: 1, gate: make(chan struct{})}
	q := open(t, Options{}, f)
	head := submit(t, q, "ann", order{Group: "other"})
	a := submit(t, q, "ann", order{Group: "g", Do: "hang"})
	b := submit(t, q, "bob", order{Group: "g", Text: "b"})
	f.gate <- struct{}{}
	wait(t, q, head)
	until(t, q, b, Running)
	f.gate <- struct{}{}
	if _, err := q.Cancel(t.Context(), "ann", a.ID); err != nil {
		t.Fatal(err)
	}
	if a, b = wait(t, q, a), wait(t, q, b); a.State != Cancelled || b.State != Done {
		t.Errorf("%s and %s", a.State, b.State)
	}
	c := submit(t, q, "ann", order{Group: "g"}) // its go waits for the gate
	until(t, q, c, Running)
	if _, err := q.Cancel(t.Context(), "ann", c.ID); err != nil {
		t.Fatal(err)
	}
	if c = wait(t, q, c); c.State != Cancelled {
		t.Errorf("%+v", c)
	}
}

// Cancelling at any moment leaves exactly one final state, the same for all who
// ask and watch.
func TestCancelRaces(t *testing.T) {
	q := open(t, Options{}, &fake{kind: "fake", most: 3, atOnce: 3})
	var all sync.WaitGroup
	for i := range 60 {
		all.Go(func() {
			o := order{Text: fmt.Sprint(i), Group: []string{"", "g", "h"}[i%3], Do: []string{"", "twice", "fail", "partial"}[i%4]}
			j := submit(t, q, fmt.Sprint("owner ", i%4), o)
			events, err := q.Watch(t.Context(), j.Owner, j.ID)
			if err != nil {
				t.Error(err)
				return
			}
			for range 2 {
				all.Go(func() {
					if _, err := q.Cancel(t.Context(), j.Owner, j.ID); err != nil {
						t.Error(err)
					}
				})
			}
			var finals []State
			for e := range events {
				if e.Job.State.Final() {
					finals = append(finals, e.Job.State)
				}
			}
			kept, err := q.Job(context.Background(), "", j.ID)
			if err != nil || !slices.Equal(finals, []State{kept.State}) {
				t.Errorf("told %v, kept %s, %v", finals, kept.State, err)
			}
			if (kept.State == Done) != (len(kept.Results) == 1) {
				t.Errorf("%s with %d results", kept.State, len(kept.Results))
			}
		})
	}
	all.Wait()
	// A go that was cancelled while it kept a result lets go of it a little later.
	held := func() int {
		q.held.mu.Lock()
		defer q.held.mu.Unlock()
		return len(q.held.of)
	}
	for range 1000 {
		if held() == 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.live) != 0 || len(q.unended) != 1 || len(q.watched) != 0 || held() != 0 {
		t.Errorf("left over: %d jobs, places %v, %d watched, %d held", len(q.live), q.unended, len(q.watched), held())
	}
}
