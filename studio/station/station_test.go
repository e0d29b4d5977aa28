package station

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crypto/sha256"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/studio/jobs"
	"github.com/limner-ai/limner/studio/paint"
)

// easel stands for the queue and the store: what is asked for is done at once,
// unless it is to wait or to fail.
type easel struct {
	jobs     map[string]jobs.Job
	pictures map[digest.SHA256][]byte
	order    []string
	wait     bool
	fail     bool
	full     bool
	cancels  []string
}

func newEasel() *easel {
	return &easel{jobs: map[string]jobs.Job{}, pictures: map[digest.SHA256][]byte{}}
}

func (e *easel) Submit(_ context.Context, s jobs.Submission) (jobs.Job, error) {
	if e.full {
		return jobs.Job{}, errors.New("the queue is full")
	}
	j := jobs.Job{ID: fmt.Sprintf("j%04d", len(e.jobs)), Kind: s.Kind, Owner: s.Owner, Priority: s.Priority, Spec: s.Spec, State: jobs.Queued}
	e.jobs[j.ID] = j
	e.order = append(e.order, j.ID)
	if !e.wait {
		e.finish(j.ID)
	}
	return j, nil
}

func (e *easel) finish(id string) {
	j := e.jobs[id]
	j.State = jobs.Done
	if e.fail {
		j.State, j.Error = jobs.Failed, "the model is damaged"
	} else {
		var s paint.Spec
		if err := json.Unmarshal(j.Spec, &s); err != nil {
			panic(err)
		}
		data := disc(color.NRGBA{uint8(*s.Seed), uint8(*s.Seed >> 8), 40, 255})
		d := digest.SHA256(sha256.Sum256(data))
		e.pictures[d] = data
		j.Results = []jobs.Result{{Digest: d, Type: "image/png"}}
	}
	e.jobs[id] = j
}

func (e *easel) Job(_ context.Context, owner, id string) (jobs.Job, error) {
	j, ok := e.jobs[id]
	if !ok || j.Owner != owner {
		return j, errors.New("unknown")
	}
	return j, nil
}

func (e *easel) Cancel(_ context.Context, _, id string) (jobs.Job, error) {
	e.cancels = append(e.cancels, id)
	j := e.jobs[id]
	j.State = jobs.Cancelled
	e.jobs[id] = j
	return j, nil
}

func (e *easel) Get(d digest.SHA256) ([]byte, error) {
	if data, ok := e.pictures[d]; ok {
		return data, nil
	}
	return nil, fs.ErrNotExist
}

func disc(c color.Color) []byte {
	m := image.NewNRGBA(image.Rect(0, 0, 16, 16))
	for i := range 256 {
		m.Set(i%16, i/16, c)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// shelf is a keeper that remembers.
type shelf map[digest.SHA256]bool

func (s shelf) Keep(_ context.Context, _ string, d digest.SHA256, keep bool) error {
	s[d] = keep
	return nil
}

func openStation(t *testing.T, path string, e *easel, k Keeper) *Station {
	t.Helper()
	seed := uint64(40)
	s, err := Open(t.Context(), path, Options{Queue: e, Pictures: e, Keeper: k, Seed: func() uint64 { seed++; return seed }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// settled looks until a picture is shown: one look asks for it, the next finds it.
func settled(t *testing.T, s *Station, owner string) View {
	t.Helper()
	for range 3 {
		if v := must[View](t)(s.Look(t.Context(), owner)); v.Now != nil {
			return v
		}
	}
	t.Fatal("no picture is shown")
	return View{}
}

func TestAStreamGoesOnAndIsDurable(t *testing.T) {
	path, e, kept := filepath.Join(t.TempDir(), "station.db"), newEasel(), shelf{}
	s := openStation(t, path, e, kept)
	v := settled(t, s, "ann")
	if v.Now.Why.Reason == "" || v.Now.Picture == "" || v.Now.Prompt == "" {
		t.Errorf("%+v", v.Now)
	}
	for i := range 12 {
		v = must[View](t)(s.Judge(t.Context(), "ann", v.Now.Number, i%3 == 0))
		if v.Now == nil {
			v = settled(t, s, "ann")
		}
	}
	if v.Judged != 12 || v.Kept != 4 || len(v.Past) != 12 || len(kept) != 4 {
		t.Errorf("%d judged, %d kept, %d past, %d in the gallery", v.Judged, v.Kept, len(v.Past), len(kept))
	}
	if n := len(e.order); n < 13+defaultAhead-1 || n > 13+defaultAhead+1 {
		t.Errorf("%d pictures were asked for after 12, with %d ahead", n, defaultAhead)
	}
	for _, j := range e.jobs {
		if j.Priority >= 0 || j.Kind != paint.Kind || j.Owner != "ann" {
			t.Errorf("job %+v", j)
		}
	}
	taste := must[[]Liking](t)(s.Taste(t.Context(), "ann"))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openStation(t, path, e, kept)
	after := must[View](t)(s.Look(t.Context(), "ann"))
	if after.Now == nil || after.Now.Number != v.Now.Number || after.Judged != 12 {
		t.Errorf("after reopening: %+v, before: %+v", after.Now, v.Now)
	}
	if got := must[[]Liking](t)(s.Taste(t.Context(), "ann")); !slices.Equal(got, taste) {
		t.Error("another taste after reopening")
	}
	// Somebody else knows nothing of it.
	if other := settled(t, s, "bob"); other.Judged != 0 || other.Now.Why.Reason == Liked {
		t.Errorf("bob's stream: %+v", other)
	}
	if _, err := s.Judge(t.Context(), "bob", 11, true); !errors.Is(err, ErrUnknown) {
		t.Errorf("bob judged what he never saw: %v", err)
	}
}

func TestAVerdictCanBeChanged(t *testing.T) {
	e, kept := newEasel(), shelf{}
	s := openStation(t, filepath.Join(t.TempDir(), "s.db"), e, kept)
	v := settled(t, s, "ann")
	n := v.Now.Number
	for i, keep := range []bool{true, true, false, true} {
		v = must[View](t)(s.Judge(t.Context(), "ann", n, keep))
		if v.Judged != 1 || (v.Kept == 1) != keep {
			t.Errorf("verdict %d: %d judged, %d kept", i, v.Judged, v.Kept)
		}
	}
	if len(kept) != 1 {
		t.Errorf("the gallery was told of %d pictures", len(kept))
	}
	for _, is := range kept {
		if !is {
			t.Error("the gallery thinks that it is not kept")
		}
	}
}

func TestForgetting(t *testing.T) {
	path, e := filepath.Join(t.TempDir(), "s.db"), newEasel()
	s := openStation(t, path, e, nil)
	v := settled(t, s, "ann")
	for range 15 {
		v = must[View](t)(s.Judge(t.Context(), "ann", v.Now.Number, strings.HasSuffix(v.Now.Prompt, "flat")))
		if v.Now == nil {
			v = settled(t, s, "ann")
		}
	}
	taste := must[[]Liking](t)(s.Taste(t.Context(), "ann"))
	i := slices.IndexFunc(taste, func(l Liking) bool { return l.Kind == kindStyle && l.Shown > 1 })
	if i < 0 {
		t.Fatalf("no style was learnt: %v", taste)
	}
	gone := taste[i].Attribute
	if err := s.Forget(t.Context(), "ann", gone); err != nil {
		t.Fatal(err)
	}
	for _, l := range must[[]Liking](t)(s.Taste(t.Context(), "ann")) {
		if l.Attribute == gone {
			t.Errorf("%s is still known: %+v", gone, l)
		}
	}
	for _, bad := range []Attribute{"nonsense", always, Attribute("style:" + strings.Repeat("x", 300))} {
		if err := s.Forget(t.Context(), "ann", bad); err == nil {
			t.Errorf("%.20q was forgotten", bad)
		}
	}
	if err := s.Forget(t.Context(), "ann", ""); err != nil {
		t.Fatal(err)
	}
	if left := must[[]Liking](t)(s.Taste(t.Context(), "ann")); len(left) != 0 {
		t.Errorf("after forgetting all: %v", left)
	}
	for _, table := range []string{"item", "forgotten"} {
		var n int
		if err := s.store.db.QueryRow("SELECT count(*) FROM " + table + " WHERE owner = 'ann'").Scan(&n); err != nil || n != 0 {
			t.Errorf("%d rows of %s are left, %v", n, table, err)
		}
	}
	if v := settled(t, s, "ann"); v.Judged != 0 || v.Now.Why.Reason == Liked {
		t.Errorf("the stream after it: %+v", v)
	}
}

func TestWhatFailsIsSaidAndDoesNotLoop(t *testing.T) {
	e := newEasel()
	e.fail = true
	s := openStation(t, filepath.Join(t.TempDir(), "s.db"), e, nil)
	var v View
	for range 30 {
		v = must[View](t)(s.Look(t.Context(), "ann"))
	}
	if !strings.Contains(v.Problem, "the model is damaged") {
		t.Errorf("the problem is %q", v.Problem)
	}
	if len(e.order) > 4*defaultAhead {
		t.Errorf("%d pictures were asked for in vain", len(e.order))
	}
	e = newEasel()
	e.full = true
	s = openStation(t, filepath.Join(t.TempDir(), "t.db"), e, nil)
	if v := must[View](t)(s.Look(t.Context(), "ann")); !strings.Contains(v.Problem, "full") {
		t.Errorf("a full queue: %+v", v)
	}
}

func TestForgettingStopsWhatIsMadeByIt(t *testing.T) {
	e := newEasel()
	e.wait = true
	s := openStation(t, filepath.Join(t.TempDir(), "s.db"), e, nil)
	v := must[View](t)(s.Look(t.Context(), "ann"))
	if v.Now != nil || v.Next == nil || v.Next.Job == "" {
		t.Errorf("while it is made: %+v", v)
	}
	if err := s.Forget(t.Context(), "ann", ""); err != nil {
		t.Fatal(err)
	}
	if len(e.cancels) != defaultAhead {
		t.Errorf("%d jobs were cancelled, want %d", len(e.cancels), defaultAhead)
	}
}

func TestLooks(t *testing.T) {
	for name, c := range map[string]struct {
		colour color.NRGBA
		want   []Attribute
	}{
		"red":         {color.NRGBA{230, 20, 20, 255}, []Attribute{"looks:dark", "looks:colourful", "looks:mostly red"}},
		"white":       {color.NRGBA{255, 255, 255, 255}, []Attribute{"looks:light", "looks:muted"}},
		"transparent": {color.NRGBA{}, []Attribute{"looks:empty"}},
	} {
		if got, err := look(disc(c.colour)); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	good := disc(color.White)
	for _, bad := range [][]byte{nil, []byte("no picture"), good[:40], bytes.Replace(good, []byte{0, 0, 0, 16}, []byte{0, 255, 0, 16}, 1)} {
		if _, err := look(bad); err == nil {
			t.Errorf("%d bytes were looked at", len(bad))
		}
	}
}
