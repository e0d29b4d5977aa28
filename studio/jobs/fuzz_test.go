package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// What clients send as ids and filters finds what is theirs, or nothing.
func FuzzQuery(f *testing.F) {
	q := open(f, Options{}, &fake{kind: "fake", most: 1, atOnce: 1})
	ann := wait(f, q, submit(f, q, "ann", order{Text: "ann's"}))
	wait(f, q, submit(f, q, "bob", order{Text: "bob's"}))
	f.Add(ann.ID, "ann", "fake", "done", ann.ID, 1)
	f.Add(strings.ToUpper(ann.ID), "bob", "", "queued,done,done", "", -1)
	f.Add("' OR 1=1 --", "' OR ''='", "fake'; DROP TABLE job; --", "done') OR (1=1", "%", 1<<30)
	f.Add("vvvvvvvvvvvvvvvvvvvvvvvvvv", "\x00", "\xff", ",", "00000000000000000000000000", 0)
	f.Fuzz(func(t *testing.T, id, owner, kind, states, before string, limit int) {
		ctx := context.Background()
		j, err := q.Job(ctx, owner, id)
		if err == nil && (j.ID != id || owner != "" && j.Owner != owner) || err != nil && !errors.Is(err, ErrUnknown) {
			t.Errorf("%q of %q: %+v, %v", id, owner, j, err)
		}
		if _, err := q.Cancel(ctx, owner, id); err != nil && !errors.Is(err, ErrUnknown) {
			t.Errorf("cancelling %q: %v", id, err)
		}
		filter := Filter{Owner: owner, Kind: kind, Before: before, Limit: limit}
		for _, s := range strings.Split(states, ",") {
			filter.States = append(filter.States, State(s))
		}
		all, err := q.List(ctx, filter)
		if err != nil && !errors.Is(err, ErrUnknown) {
			t.Errorf("%+v: %v", filter, err)
		}
		for _, j := range all {
			if owner != "" && j.Owner != owner || kind != "" && j.Kind != kind || before != "" && j.ID >= before || !strings.Contains(states, string(j.State)) {
				t.Errorf("%+v gives %+v", filter, j)
			}
		}
	})
}

// Whatever a client submits is refused, or accepted and done.
func FuzzSubmit(f *testing.F) {
	q := open(f, Options{SpecSize: 1000, Keep: 5}, &fake{kind: "fake", most: 4, atOnce: 2})
	f.Add("ann", "fake", []byte(`{"text":"x","group":"g"}`), 3)
	f.Add("\xff", "other", []byte(`[`), -1)
	f.Add(strings.Repeat("o", 300), "", []byte(`"\ud800"`), 1<<31-1)
	f.Fuzz(func(t *testing.T, owner, kind string, spec []byte, priority int) {
		if json.Valid(spec) && strings.Contains(string(spec), "hang") {
			t.Skip()
		}
		ctx := context.Background()
		j, err := q.Submit(ctx, Submission{Kind: kind, Owner: owner, Priority: priority, Spec: spec})
		if err != nil {
			return
		}
		if _, ok := parseID(j.ID); !ok {
			t.Errorf("the id %q cannot be read", j.ID)
		}
		if j, err = q.Wait(ctx, owner, j.ID); err != nil && !errors.Is(err, ErrUnknown) || err == nil && !j.State.Final() {
			t.Errorf("%+v, %v", j, err)
		}
	})
}

func FuzzID(f *testing.F) {
	var c clock
	f.Add(c.next(now()))
	f.Add("")
	f.Add("vvvvvvvvvvvvvvvvvvvvvvvvvv")
	f.Add("00000000\r00000000000000000")
	f.Fuzz(func(t *testing.T, id string) {
		b, ok := parseID(id)
		if !ok {
			return
		}
		if len(b) != idBytes {
			t.Fatalf("%q has %d bytes", id, len(b))
		}
		var c clock
		c.after(id)
		if next := c.next(now()); next <= id && id[0] < 'u' {
			t.Errorf("after %s comes %s", id, next)
		}
	})
}

func BenchmarkSubmitAndFinish(b *testing.B) {
	q := openAt(b, b.TempDir(), Options{}, &fake{kind: "fake", most: 8, atOnce: 2})
	defer shut(b, q)
	b.SetParallelism(32) // clients for each processor
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			wait(b, q, submit(b, q, "ann", order{Group: "g"}))
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "jobs/s")
	stats := q.Stats().Kinds["fake"]
	b.ReportMetric(float64(stats.Begun)/float64(stats.Goes), "jobs/go")
}
