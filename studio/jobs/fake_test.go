package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/limner-ai/limner/internal/objects"
)

// order is the specification of the fake worker.
type order struct {
	Group string `json:"group,omitempty"`
	Do    string `json:"do,omitempty"` // "", fail, panic, exit, hang, ignore, twice, partial
	Text  string `json:"text,omitempty"`
}

// fake does orders. If gate is not nil, each go takes a token from it first.
type fake struct {
	kind         string
	most, atOnce int
	gate         chan struct{}

	mu   sync.Mutex
	goes [][]string // texts of each go
}

func (f *fake) Kind() string { return f.kind }
func (f *fake) Most() int    { return f.most }
func (f *fake) AtOnce() int  { return f.atOnce }

func (f *fake) Check(_ context.Context, spec json.RawMessage) (json.RawMessage, error) {
	var o order
	if err := json.Unmarshal(spec, &o); err != nil {
		return nil, err
	}
	switch o.Do {
	case "refuse":
		return nil, errors.New("that cannot be done")
	case "break":
		panic("check broke")
	}
	return json.Marshal(o)
}

func parse(spec json.RawMessage) (o order) {
	if err := json.Unmarshal(spec, &o); err != nil {
		panic(err)
	}
	return o
}

func (f *fake) Group(spec json.RawMessage) string { return parse(spec).Group }

func (f *fake) Run(ctx context.Context, tasks []Task) error {
	var texts []string
	for _, t := range tasks {
		texts = append(texts, parse(t.Job().Spec).Text)
	}
	f.mu.Lock()
	f.goes = append(f.goes, texts)
	f.mu.Unlock()
	if f.gate != nil {
		select {
		case <-f.gate:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for _, t := range tasks {
		o := parse(t.Job().Spec)
		t.Progress(Progress{Stage: "at it", Done: 1, Total: 2})
		t.Preview(Preview{Type: "text/plain", Data: []byte("almost " + o.Text)})
		switch o.Do {
		case "fail":
			t.Finish(errors.New("no luck\nat all"))
			continue
		case "leave":
			return errors.New("left")
		case "forget":
			return nil
		case "panic":
			panic("fake broke")
		case "hang":
			<-t.Context().Done()
			t.Finish(fmt.Errorf("hung: %w", context.Cause(t.Context())))
			continue
		case "partial":
			if err := t.Result([]byte("part of "+o.Text), "text/plain", nil); err != nil {
				return err
			}
			t.Finish(errors.New("half done"))
			continue
		}
		if err := t.Result([]byte("made "+o.Text), "text/plain", map[string]string{"text": o.Text}); err != nil {
			return err
		}
		t.Finish(nil)
		if o.Do == "twice" {
			t.Finish(errors.New("again"))
			t.Finish(nil)
			if t.Result([]byte("late"), "text/plain", nil) == nil {
				return errors.New("a result was taken after the end")
			}
		}
	}
	return nil
}

func (f *fake) done() [][]string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.goes
}

// openAt opens a queue in a folder, with its store beside it.
func openAt(t testing.TB, dir string, o Options, workers ...Worker) *Queue {
	t.Helper()
	q, err := Open(t.Context(), filepath.Join(dir, "queue"), objects.Open(filepath.Join(dir, "objects")), workers, o)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func open(t testing.TB, o Options, workers ...Worker) *Queue {
	t.Helper()
	q := openAt(t, t.TempDir(), o, workers...)
	t.Cleanup(func() { shut(t, q) })
	return q
}

// shut closes a queue at once.
func shut(t testing.TB, q *Queue) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := q.Close(ctx); err != nil {
		t.Error(err)
	}
}

func submit(t testing.TB, q *Queue, owner string, o order) Job {
	t.Helper()
	return submitAt(t, q, owner, 0, o)
}

func submitAt(t testing.TB, q *Queue, owner string, priority int, o order) Job {
	t.Helper()
	spec, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	j, err := q.Submit(t.Context(), Submission{Kind: "fake", Owner: owner, Priority: priority, Spec: spec})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func wait(t testing.TB, q *Queue, j Job) Job {
	t.Helper()
	j, err := q.Wait(t.Context(), j.Owner, j.ID)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// until returns when a job is in a state.
func until(t testing.TB, q *Queue, j Job, s State) {
	t.Helper()
	events, err := q.Watch(t.Context(), j.Owner, j.ID)
	if err != nil {
		t.Fatal(err)
	}
	for e := range events {
		if e.Job.State == s {
			return
		}
	}
	t.Fatalf("job %s was never %s", j.ID, s)
}
