package jobs

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/limner-ai/limner/internal/digest"
)

func TestFull(t *testing.T) {
	f := &fake{kind: "fake", most: 1, atOnce: 1, gate: make(chan struct{})}
	q := open(t, Options{Capacity: 3, PerOwner: 2}, f)
	first := submit(t, q, "ann", order{})
	submit(t, q, "ann", order{})
	refused := func(owner string, own bool, limit int) {
		t.Helper()
		_, err := q.Submit(t.Context(), Submission{Kind: "fake", Owner: owner})
		var full *FullError
		if !errors.As(err, &full) || full.Own != own || full.Limit != limit || full.RetryAfter < time.Second {
			t.Errorf("%s: %v", owner, err)
		}
	}
	refused("ann", true, 2)
	submit(t, q, "bob", order{})
	refused("bob", false, 3)
	f.gate <- struct{}{}
	wait(t, q, first)
	submit(t, q, "ann", order{})
	refused("ann", true, 2)
}

// Never more are accepted than there are places, however many come at once.
func TestFullRaces(t *testing.T) {
	q := open(t, Options{Capacity: 7, PerOwner: 5}, &fake{kind: "fake", most: 1, atOnce: 1, gate: make(chan struct{})})
	var all sync.WaitGroup
	var mu sync.Mutex
	accepted := 0
	for i := range 40 {
		all.Go(func() {
			_, err := q.Submit(t.Context(), Submission{Kind: "fake", Owner: fmt.Sprint(i % 2)})
			var full *FullError
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				accepted++
			} else if !errors.As(err, &full) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if accepted != 7 {
		t.Errorf("%d were accepted", accepted)
	}
}

func TestRetryAfter(t *testing.T) {
	var p pace
	at := time.Unix(1000, 0)
	for range 60 {
		p.end(Job{Started: at, Ended: at.Add(8 * time.Second)})
		at = at.Add(time.Hour) // idle
	}
	if got := p.until(1); got != 8*time.Second {
		t.Errorf("jobs of 8 s: %v", got)
	}
	for range 60 { // four side by side, one ends each second
		at = at.Add(time.Second)
		p.end(Job{Started: at.Add(-4 * time.Second), Ended: at})
	}
	if got := p.until(10); got != 10*time.Second {
		t.Errorf("the tenth: %v", got)
	}
	if p.until(100_000) != 5*time.Minute || p.until(0) != time.Second {
		t.Error("the guess has no bounds")
	}
}

func TestKeep(t *testing.T) {
	var mu sync.Mutex
	pinned := map[digest.SHA256]bool{}
	dir := t.TempDir()
	o := Options{Keep: 2, Pinned: func(d digest.SHA256) bool {
		mu.Lock()
		defer mu.Unlock()
		return pinned[d]
	}}
	f := &fake{kind: "fake", most: 1, atOnce: 2}
	q := openAt(t, dir, o, f)
	defer func() { shut(t, q) }()
	made := func(owner, text string) digest.SHA256 {
		t.Helper()
		return wait(t, q, submit(t, q, owner, order{Text: text})).Results[0].Digest
	}
	have := func(want string, digests ...digest.SHA256) {
		t.Helper()
		shut(t, q) // after which the writer has done all
		q = openAt(t, dir, o, f)
		var got []string
		for _, d := range digests {
			got = append(got, map[bool]string{true: "+", false: "-"}[q.store.Has(d)])
		}
		if s := strings.Join(got, ""); s != want {
			t.Errorf("of the results are there %s, want %s", s, want)
		}
	}
	shared := made("ann", "shared")
	kept := made("ann", "kept")
	mu.Lock()
	pinned[kept] = true
	mu.Unlock()
	made("bob", "shared")
	old := made("ann", "old")
	input := made("ann", "input")
	made("ann", "new")
	newest := made("ann", "newest")
	have("++--+", shared, kept, old, input, newest)
	if _, r, err := q.Find(t.Context(), "ann", kept); err != nil || r.Type != "text/plain" {
		t.Errorf("the pinned result: %+v, %v", r, err)
	}
	for _, owner := range []string{"ann", "carl"} {
		if _, _, err := q.Find(t.Context(), owner, shared); !errors.Is(err, ErrUnknown) {
			t.Errorf("%s finds bob's result: %v", owner, err)
		}
	}
	if j, _, err := q.Find(t.Context(), "", shared); err != nil || j.Owner != "bob" {
		t.Errorf("whose is it? %+v, %v", j, err)
	}
	all, err := q.List(t.Context(), Filter{Owner: "ann"})
	if err != nil || len(all) != 3 {
		t.Errorf("ann has %d jobs, %v", len(all), err)
	}

	// What was removed can be made again; what a waiting job names stays.
	if again := made("ann", "old"); again != old {
		t.Fatal("the same text gave another result")
	}
	have("+", old)
	hang := submit(t, q, "carl", order{Do: "hang", Text: old.String()})
	made("ann", "x")
	made("ann", "y")
	made("ann", "z")
	have("+", old)
	if _, err := q.Cancel(t.Context(), "", hang.ID); err != nil {
		t.Fatal(err)
	}
	wait(t, q, hang)
	made("ann", "zz")
	have("-", old)
}

func TestPartialResultsAreErased(t *testing.T) {
	dir := t.TempDir()
	f := &fake{kind: "fake", most: 1, atOnce: 1}
	q := openAt(t, dir, Options{}, f)
	wait(t, q, submit(t, q, "ann", order{Do: "partial", Text: "1"}))
	shut(t, q)
	if d := sum("part of 1"); q.store.Has(d) {
		t.Error("a failed job's result is kept")
	}
	// A failed job's result that another job has stays.
	q = openAt(t, dir, Options{}, f)
	defer shut(t, q)
	wait(t, q, submit(t, q, "ann", order{Text: "it"}))
	d := sum("made it")
	if !q.store.Has(d) {
		t.Fatal("sum is not the digest")
	}
	q.held.put(q.store, []byte("made it"))
	q.discard([]Result{{Digest: d}})
	wait(t, q, submit(t, q, "ann", order{Text: "another"}))
	if !q.store.Has(d) {
		t.Error("a result that a job has was erased")
	}
}

func TestListAndCounts(t *testing.T) {
	f := &fake{kind: "fake", most: 1, atOnce: 1}
	g := &fake{kind: "gated", most: 1, atOnce: 1, gate: make(chan struct{})}
	q := open(t, Options{}, f, g)
	var ids []string
	for i := range 6 {
		j := submit(t, q, []string{"ann", "bob"}[i%2], order{Do: []string{"", "fail", ""}[i%3]})
		wait(t, q, j)
		ids = append(ids, j.ID)
	}
	if !slices.IsSorted(ids) {
		t.Errorf("ids do not rise: %v", ids)
	}
	for range 3 {
		j, err := q.Submit(t.Context(), Submission{Kind: "gated", Owner: "ann"})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, j.ID)
	}
	until(t, q, Job{ID: ids[6]}, Running)
	for _, c := range []struct {
		Filter
		want []int
	}{
		{Filter{}, []int{8, 7, 6, 5, 4, 3, 2, 1, 0}},
		{Filter{Owner: "bob"}, []int{5, 3, 1}},
		{Filter{Kind: "gated", Limit: 2}, []int{8, 7}},
		{Filter{States: []State{Failed, Failed}}, []int{4, 1}},
		{Filter{States: []State{Running, Queued}, Before: ids[8]}, []int{7, 6}},
		{Filter{States: []State{"nonsense"}}, nil},
		{Filter{Owner: "ann", Kind: "fake", States: []State{Done}, Before: ids[2]}, []int{0}},
	} {
		all, err := q.List(t.Context(), c.Filter)
		var got []int
		for _, j := range all {
			got = append(got, slices.Index(ids, j.ID))
			if (j.State == Done) != (len(j.Results) == 1) || (j.State == Queued) != (j.Position > 0) {
				t.Errorf("%+v", j)
			}
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v, %v", c.Filter, got, err)
		}
	}
	if _, err := q.List(t.Context(), Filter{Before: "nonsense"}); !errors.Is(err, ErrUnknown) {
		t.Errorf("jobs before none: %v", err)
	}
	counts, err := q.Counts(t.Context())
	if s := fmt.Sprint(counts); err != nil || s != "map[fake:map[done:4 failed:2] gated:map[queued:2 running:1]]" {
		t.Errorf("%s, %v", s, err)
	}
	stats := q.Stats().Kinds["fake"]
	if stats.Goes != 6 || stats.Begun != 6 || stats.Done != 4 || stats.Failed != 2 || stats.Waited <= 0 || stats.Worked <= 0 {
		t.Errorf("%+v", stats)
	}
}

func sum(s string) digest.SHA256 { return sha256.Sum256([]byte(s)) }
