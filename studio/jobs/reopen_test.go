package jobs

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/limner-ai/limner/internal/sqlite"
)

// alter changes the database behind a queue's back, as a kill would leave it.
func alter(t testing.TB, dir, statement string, args ...any) {
	t.Helper()
	db, err := sqlite.Open(filepath.Join(dir, "queue", "queue.db"), "mode=rw", "_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement, args...); err != nil {
		t.Fatal(err)
	}
}

func TestDeaths(t *testing.T) {
	dir := t.TempDir()
	q := openAt(t, dir, Options{}, &fake{kind: "fake", most: 1, atOnce: 1, gate: make(chan struct{})})
	killer := submit(t, q, "ann", order{Text: "killer", Group: "g"})
	other := submit(t, q, "ann", order{Text: "other", Group: "g"})
	unwanted := submit(t, q, "ann", order{Text: "unwanted"})
	shut(t, q)
	alter(t, dir, `UPDATE job SET state = 'running', tries = 1 WHERE id = ?`, killer.ID)
	alter(t, dir, `UPDATE job SET state = 'running', cancel = 1 WHERE id = ?`, unwanted.ID)

	q = openAt(t, dir, Options{}) // which cannot do it
	if j, err := q.Job(t.Context(), "ann", killer.ID); err != nil || j.State != Queued || j.Tries != 1 || !j.Started.IsZero() {
		t.Errorf("after a death: %+v, %v", j, err)
	}
	if j, err := q.Job(t.Context(), "ann", unwanted.ID); err != nil || j.State != Cancelled {
		t.Errorf("what was to be cancelled: %+v, %v", j, err)
	}
	shut(t, q)

	alter(t, dir, `UPDATE job SET state = 'running' WHERE id = ?`, killer.ID)
	f := &fake{kind: "fake", most: 8, atOnce: 1, gate: make(chan struct{})}
	q = openAt(t, dir, Options{}, f)
	until(t, q, killer, Running)
	if j, _ := q.Job(t.Context(), "ann", other.ID); j.State != Queued {
		t.Error("one that had a process die is done together with others")
	}
	shut(t, q)
	alter(t, dir, `UPDATE job SET state = 'running' WHERE id = ?`, killer.ID)

	f = &fake{kind: "fake", most: 8, atOnce: 1}
	q = openAt(t, dir, Options{}, f)
	defer shut(t, q)
	if j := wait(t, q, killer); j.State != Failed || !strings.Contains(j.Error, "died or the worker broke 3 times") {
		t.Errorf("after three deaths: %+v", j)
	}
	if j := wait(t, q, other); j.State != Done {
		t.Errorf("the other one: %+v", j)
	}
}

// A job at whose sight the worker breaks takes no others with it.
func TestABrokenGoIsTriedOneByOne(t *testing.T) {
	told := make(chan any, 10)
	f := &fake{kind: "fake", most: 8, atOnce: 1, gate: make(chan struct{}, 9)}
	q := open(t, Options{Broken: func(kind string, cause any, stack []byte) {
		if kind == "fake" && strings.Contains(string(stack), "fake_test.go") {
			told <- cause
		}
	}}, f)
	submit(t, q, "ann", order{})
	bad := submit(t, q, "ann", order{Group: "g", Do: "panic"})
	good := submit(t, q, "bob", order{Group: "g", Text: "good"})
	for range cap(f.gate) {
		f.gate <- struct{}{}
	}
	if j := wait(t, q, good); j.State != Done {
		t.Errorf("the good one: %+v", j)
	}
	if j := wait(t, q, bad); j.State != Failed || j.Tries != 2 || !strings.Contains(j.Error, "broke") {
		t.Errorf("the bad one: %+v", j)
	}
	if len(told) != 2 || <-told != "fake broke" {
		t.Errorf("%d panics told", len(told))
	}
}

func TestCloseLetsFinish(t *testing.T) {
	dir := t.TempDir()
	f := &fake{kind: "fake", most: 1, atOnce: 1, gate: make(chan struct{})}
	q := openAt(t, dir, Options{}, f)
	first, second := submit(t, q, "ann", order{Text: "1"}), submit(t, q, "ann", order{Text: "2"})
	until(t, q, first, Running)
	closed := make(chan error)
	go func() { closed <- q.Close(context.Background()) }()
	for { // until it takes nothing more
		_, err := q.Submit(t.Context(), Submission{Kind: "fake", Owner: "ann"})
		if errors.Is(err, ErrClosed) {
			break
		}
	}
	f.gate <- struct{}{}
	if err := <-closed; err != nil {
		t.Fatal(err)
	}
	for _, use := range []func() error{
		func() error { _, err := q.Job(t.Context(), "", first.ID); return err },
		func() error { _, err := q.List(t.Context(), Filter{}); return err },
		func() error { _, err := q.Watch(t.Context(), "", first.ID); return err },
		func() error { _, err := q.Cancel(t.Context(), "", second.ID); return err },
	} {
		if err := use(); !errors.Is(err, ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	}
	shut(t, q) // again
	q = openAt(t, dir, Options{}, f)
	defer shut(t, q)
	if j, _ := q.Job(t.Context(), "", first.ID); j.State != Done || j.Tries != 1 {
		t.Errorf("the first: %+v", j)
	}
	until(t, q, second, Running)
}

// What is under way when time is up goes back, and is no death.
func TestCloseRequeues(t *testing.T) {
	for _, do := range []string{"hang", "deaf"} {
		synctest.Test(t, func(t *testing.T) {
			dir := t.TempDir()
			wake := make(chan struct{})
			q := openAt(t, dir, Options{Tries: 1}, deaf{&fake{kind: "fake", most: 1, atOnce: 1}, wake})
			j := submit(t, q, "ann", order{Do: do})
			until(t, q, j, Running)
			events, err := q.Watch(t.Context(), "ann", j.ID)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			begin := time.Now()
			if err := q.Close(ctx); err != nil {
				t.Fatal(err)
			}
			want := time.Minute
			if do == "deaf" {
				want += grace
			}
			if took := time.Since(begin); took != want {
				t.Errorf("%s: closing took %v", do, took)
			}
			for e := range events {
				if e.Job.State.Final() {
					t.Errorf("%s: it became %s", do, e.Job.State)
				}
			}
			close(wake) // only now its Finish and results come
			synctest.Wait()
			q = openAt(t, dir, Options{Tries: 1})
			if got, err := q.Job(t.Context(), "ann", j.ID); err != nil || got.State != Queued || got.Tries != 1 {
				t.Errorf("%s: %+v, %v", do, got, err)
			}
			shut(t, q)
		})
	}
}

// deaf does not heed its context.
type deaf struct {
	*fake
	wake chan struct{}
}

func (d deaf) Run(ctx context.Context, tasks []Task) error {
	if parse(tasks[0].Job().Spec).Do != "deaf" {
		return d.fake.Run(ctx, tasks)
	}
	<-d.wake
	if tasks[0].Result(nil, "text/plain", nil) == nil {
		panic("a late result was taken")
	}
	tasks[0].Finish(nil)
	return nil
}

func TestTurnsOutliveTheProcess(t *testing.T) {
	dir := t.TempDir()
	f := &fake{kind: "fake", most: 1, atOnce: 1}
	q := openAt(t, dir, Options{}, f)
	for range 3 {
		wait(t, q, submit(t, q, "ann", order{}))
	}
	shut(t, q)
	q = openAt(t, dir, Options{}) // nobody does it
	spec := []byte(`{"text":"x"}`)
	if _, err := q.Submit(t.Context(), Submission{Kind: "fake", Owner: "ann", Spec: spec}); err == nil {
		t.Error("work that nobody does was accepted")
	}
	shut(t, q)
	f.gate = make(chan struct{})
	q = openAt(t, dir, Options{}, f)
	submit(t, q, "carl", order{})
	submit(t, q, "ann", order{Text: "ann's"})
	last := submit(t, q, "bob", order{Text: "bob's"})
	if last.Position != 1 {
		t.Errorf("bob, who was never served, is %d.", last.Position)
	}
	shut(t, q)
	q = openAt(t, dir, Options{})
	defer shut(t, q)
	var order []string
	all, err := q.List(t.Context(), Filter{States: []State{Queued}})
	for _, j := range all {
		order = append(order, fmt.Sprint(j.Owner, j.Position))
	}
	if err != nil || strings.Join(order, " ") != "bob2 ann3 carl1" {
		t.Errorf("%v, %v", order, err)
	}
}
