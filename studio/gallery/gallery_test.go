package gallery_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/source/usage"
	"github.com/limner-ai/limner/studio/gallery"
	"github.com/limner-ai/limner/studio/jobs"
	"github.com/limner-ai/limner/studio/paint"
)

// queue is a list of jobs, the newest last.
type queue struct {
	jobs  []jobs.Job
	asked int // how many jobs were looked at
}

func (q *queue) List(_ context.Context, f jobs.Filter) ([]jobs.Job, error) {
	var out []jobs.Job
	for _, j := range slices.Backward(q.jobs) {
		if j.Kind == f.Kind && (f.Before == "" || j.ID < f.Before) && len(out) < f.Limit {
			out = append(out, j)
		}
	}
	q.asked += len(out)
	return out, nil
}

// bench is a gallery with what it stands on.
type bench struct {
	*gallery.Gallery
	queue *queue
	store *objects.Store
	usage *usage.Store
	path  string
}

func newBench(t testing.TB) *bench {
	t.Helper()
	home := t.TempDir()
	records, err := usage.Open(filepath.Join(home, "usage"))
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{queue: &queue{}, store: objects.Open(filepath.Join(home, "objects")), usage: records, path: filepath.Join(home, "gallery.db")}
	b.open(t)
	t.Cleanup(func() { records.Close() })
	return b
}

func (b *bench) open(t testing.TB) {
	t.Helper()
	var err error
	b.Gallery, err = gallery.Open(t.Context(), b.path, gallery.Options{Queue: b.queue, Store: b.store, Usage: b.usage, Looker: letters{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Gallery.Close() })
}

// paint adds a job that has made n pictures, whose bytes are the prompt and a
// number, and returns their digests.
func (b *bench) paint(t testing.TB, owner, model, prompt string, n int) []digest.SHA256 {
	t.Helper()
	j := jobs.Job{
		ID: fmt.Sprintf("j%06d", len(b.queue.jobs)), Kind: paint.Kind, Owner: owner, State: jobs.Done,
		Ended: time.UnixMilli(1e12 + int64(len(b.queue.jobs))*1000),
	}
	var out []digest.SHA256
	for i := range n {
		d, err := b.store.Put([]byte(fmt.Sprint(prompt, i)))
		if err != nil {
			t.Fatal(err)
		}
		meta, _ := json.Marshal(paint.Meta{Prompt: prompt, Seed: 1<<63 + 5, Index: i, Model: model, Width: 64, Height: 64})
		j.Results = append(j.Results, jobs.Result{Digest: d, Type: "image/png", Meta: meta})
		out = append(out, d)
	}
	j.Spec, _ = json.Marshal(paint.Spec{Model: model, Prompt: prompt, N: n})
	b.queue.jobs = append(b.queue.jobs, j)
	return out
}

func (b *bench) find(t testing.TB, owner string, q gallery.Query) gallery.Page {
	t.Helper()
	p, err := b.Find(t.Context(), owner, q)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func prompts(list []gallery.Picture) string {
	var out []string
	for _, p := range list {
		out = append(out, fmt.Sprint(p.Meta.Prompt, p.Meta.Index))
	}
	return strings.Join(out, " ")
}

func TestFind(t *testing.T) {
	b := newBench(t)
	b.paint(t, "ann", "emoji", "Rot apfel", 1)
	b.paint(t, "ann", "shapes", "ein ＲＯＴes Haus", 2)
	b.paint(t, "ann", "emoji", "ねこ 赤い", 1)
	b.paint(t, "bob", "emoji", "rot", 1)
	for _, c := range []struct {
		q    gallery.Query
		want string
	}{
		{gallery.Query{}, "ねこ 赤い0 ein ＲＯＴes Haus1 ein ＲＯＴes Haus0 Rot apfel0"},
		{gallery.Query{Words: "ROT"}, "ein ＲＯＴes Haus1 ein ＲＯＴes Haus0 Rot apfel0"},
		{gallery.Query{Words: " haus  rot "}, "ein ＲＯＴes Haus1 ein ＲＯＴes Haus0"},
		{gallery.Query{Words: "赤"}, "ねこ 赤い0"},
		{gallery.Query{Words: "%"}, ""},
		{gallery.Query{Words: "' OR 1=1 --"}, ""},
		{gallery.Query{Model: "emoji"}, "ねこ 赤い0 Rot apfel0"},
		{gallery.Query{Job: "j000001"}, "ein ＲＯＴes Haus1 ein ＲＯＴes Haus0"},
	} {
		p := b.find(t, "ann", c.q)
		if got := prompts(p.Pictures); got != c.want || p.Total != len(p.Pictures) {
			t.Errorf("%+v: %q of %d, want %q", c.q, got, p.Total, c.want)
		}
		if len(p.Models) != 2 || p.Models[0] != (gallery.Count{Name: "emoji", Pictures: 2}) {
			t.Errorf("%+v", p.Models)
		}
	}
	if _, err := b.Find(t.Context(), "ann", gallery.Query{Mark: "loved"}); err == nil {
		t.Error("a mark that does not exist was taken")
	}
	if p := b.find(t, "ann", gallery.Query{}); p.Pictures[0].Meta.Seed != 1<<63+5 || p.Pictures[0].Spec.Prompt != "ねこ 赤い" {
		t.Errorf("%+v", p.Pictures[0])
	}
}

func TestPagesAreWholeWhileMoreIsMade(t *testing.T) {
	b := newBench(t)
	for i := range 7 {
		b.paint(t, "ann", "emoji", fmt.Sprintf("p%d-", i), 3)
	}
	var got []string
	after := ""
	for range 10 {
		p := b.find(t, "ann", gallery.Query{Limit: 4, After: after})
		got = append(got, prompts(p.Pictures))
		b.paint(t, "ann", "emoji", "new", 1)
		if after = p.Next; after == "" {
			break
		}
	}
	all := strings.Fields(strings.Join(got, " "))
	if len(all) != 21 || len(slices.Compact(slices.Sorted(slices.Values(all)))) != 21 {
		t.Errorf("%d pictures: %v", len(all), all)
	}
	for _, after := range []string{"x", "1", "1-", "'-'"} {
		if _, err := b.Find(t.Context(), "ann", gallery.Query{After: after}); err == nil {
			t.Errorf("%q was taken for the end of a page", after)
		}
	}
}

// What has not ended when the gallery looks is taken in later, though newer
// jobs were; what was taken in is not looked at again.
func TestJobsThatEndLate(t *testing.T) {
	b := newBench(t)
	b.paint(t, "ann", "emoji", "first", 1)
	b.paint(t, "ann", "emoji", "late", 1)
	b.paint(t, "ann", "emoji", "failed", 1)
	b.paint(t, "ann", "emoji", "last", 1)
	b.queue.jobs[1].State, b.queue.jobs[2].State = jobs.Running, jobs.Failed
	if got := prompts(b.find(t, "ann", gallery.Query{}).Pictures); got != "last0 first0" {
		t.Error(got)
	}
	b.queue.jobs[1].State = jobs.Done
	b.Gallery.Close()
	b.open(t) // it is known on the disk what was taken in
	if got := prompts(b.find(t, "ann", gallery.Query{}).Pictures); got != "last0 late0 first0" {
		t.Error(got)
	}
	b.queue.asked = 0
	b.paint(t, "ann", "emoji", "newest", 1)
	b.find(t, "ann", gallery.Query{})
	b.find(t, "ann", gallery.Query{})
	if b.queue.asked > 12 { // the whole list is short: it is given each time, but read to its known part only
		t.Errorf("%d jobs were asked for", b.queue.asked)
	}
}

func TestMarksAndFrames(t *testing.T) {
	b := newBench(t)
	d := b.paint(t, "ann", "emoji", "a", 3)
	frames := b.paint(t, "ann", "emoji", "way", 4)
	way, _ := json.Marshal(paint.Spec{N: 4, From: &paint.End{Prompt: "a"}, To: &paint.End{Prompt: "b"}})
	b.queue.jobs[1].Spec = way
	act := func(d digest.SHA256, action string) {
		t.Helper()
		if recorded, err := b.Act(t.Context(), "ann", d, action); err != nil || recorded {
			t.Errorf("%s: %v, %v", action, recorded, err)
		}
	}
	act(d[0], "discarded")
	act(d[1], "kept")
	act(frames[2], "kept")
	act(d[2], "kept")
	act(d[2], "")
	act(d[2], "downloaded")
	for mark, want := range map[string]string{"": "way2 a2 a1", "kept": "way2 a1", "discarded": "a0"} {
		if got := prompts(b.find(t, "ann", gallery.Query{Mark: mark}).Pictures); got != want {
			t.Errorf("%q: %q, want %q", mark, got, want)
		}
	}
	if _, err := b.Act(t.Context(), "bob", d[0], "kept"); !errors.Is(err, gallery.ErrUnknown) {
		t.Errorf("another owner's picture: %v", err)
	}
	if _, err := b.Act(t.Context(), "ann", d[0], "eaten"); err == nil {
		t.Error("an unknown action was taken")
	}
	if b.Pinned(d[0]) || !b.Pinned(d[1]) || !b.Pinned(d[2]) || b.Pinned(digest.SHA256{1}) {
		t.Error("what is pinned is not what was not discarded")
	}
}

// A deleted picture leaves nothing behind and does not come back, unless it is
// made once more; others keep theirs.
func TestDelete(t *testing.T) {
	b := newBench(t)
	d := b.paint(t, "ann", "emoji", "secret", 1)[0]
	b.paint(t, "bob", "emoji", "secret", 1)
	b.find(t, "ann", gallery.Query{})
	if err := b.Delete(t.Context(), "ann", d); err != nil {
		t.Fatal(err)
	}
	if !b.store.Has(d) {
		t.Fatal("the file of another owner's picture is gone")
	}
	if err := b.Delete(t.Context(), "ann", d); !errors.Is(err, gallery.ErrUnknown) {
		t.Errorf("deleting twice: %v", err)
	}
	if err := b.Delete(t.Context(), "bob", d); err != nil || b.store.Has(d) {
		t.Errorf("the file is still there: %v", err)
	}
	b.Gallery.Close()
	b.open(t)
	if p := b.find(t, "ann", gallery.Query{}); p.Total != 0 {
		t.Errorf("it came back: %s", prompts(p.Pictures))
	}
	b.paint(t, "ann", "emoji", "secret", 1)
	if p := b.find(t, "ann", gallery.Query{}); p.Total != 1 {
		t.Error("what was made once more is not there")
	}
}

// letters looks at how often letters occur.
type letters struct{}

func (letters) Way(context.Context) (string, error) { return "their letters", nil }

func (letters) Look(_ context.Context, files [][]byte) ([][]float32, error) {
	out := make([][]float32, len(files))
	for i, data := range files {
		if data == nil {
			continue
		}
		v := make([]float32, 26)
		for _, c := range data {
			if c >= 'a' && c <= 'z' {
				v[c-'a']++
			}
		}
		out[i] = v
	}
	return out, nil
}

func TestSimilar(t *testing.T) {
	b := newBench(t)
	d := b.paint(t, "ann", "emoji", "aab", 1)[0]
	b.paint(t, "ann", "emoji", "zzz", 1)
	b.paint(t, "ann", "emoji", "ab", 1)
	b.paint(t, "ann", "emoji", "aabb", 1)
	b.paint(t, "bob", "emoji", "aabbb", 1)
	gone := b.paint(t, "ann", "emoji", "aabbbbb", 1)[0]
	b.find(t, "ann", gallery.Query{})
	if err := b.store.Erase(gone); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s, err := b.Similar(t.Context(), "ann", d)
		if err != nil {
			t.Fatal(err)
		}
		if got := prompts(s.Pictures); got != "aabb0 ab0 zzz0" || s.Way != "their letters" || s.Unseen != 0 {
			t.Errorf("%q by %s, %d unseen", got, s.Way, s.Unseen)
		}
		if s.Pictures[0].Likeness != 6 {
			t.Errorf("the likeness is %v", s.Pictures[0].Likeness)
		}
	}
	if _, err := b.Similar(t.Context(), "bob", d); !errors.Is(err, gallery.ErrUnknown) {
		t.Errorf("another owner's picture: %v", err)
	}
}

func TestConsent(t *testing.T) {
	b := newBench(t)
	d := b.paint(t, "ann", "emoji", "apple", 1)[0]
	ctx := t.Context()
	act := func(want bool) {
		t.Helper()
		if recorded, err := b.Act(ctx, "ann", d, "kept"); err != nil || recorded != want {
			t.Errorf("recorded %v, want %v: %v", recorded, want, err)
		}
	}
	stand := func(given bool, events int) {
		t.Helper()
		if c, err := b.Consent(ctx, "ann"); err != nil || c.Given != given || c.Events != events || !c.Available {
			t.Errorf("%+v, %v; want given %v and %d events", c, err, given, events)
		}
	}
	act(false)
	stand(false, 0)
	if err := b.Agree(ctx, "ann", digest.SHA256{}.String()); err == nil {
		t.Error("consent to other words counted")
	}
	if err := b.Agree(ctx, "ann", gallery.Terms.ID().String()); err != nil {
		t.Fatal(err)
	}
	act(true)
	stand(true, 1)
	var own strings.Builder
	if err := b.Export(ctx, "ann", &own); err != nil || !strings.Contains(own.String(), `"apple"`) || strings.Contains(own.String(), "ann\"") {
		t.Errorf("%s, %v", own.String(), err)
	}
	if err := b.Withdraw(ctx, "ann"); err != nil {
		t.Fatal(err)
	}
	act(false)
	stand(false, 1)
	if e, err := b.Erase(ctx, "ann"); err != nil || e.Events != 1 {
		t.Errorf("%+v, %v", e, err)
	}
	stand(false, 0)
	if got := prompts(b.find(t, "ann", gallery.Query{Mark: "kept"}).Pictures); got != "apple0" {
		t.Errorf("the gallery's own mark went with the erasure: %q", got)
	}
}

func BenchmarkFind(b *testing.B) {
	g := newBench(b)
	for i := range 5000 {
		g.paint(b, "ann", "emoji", fmt.Sprintf("a thing of kind %d, 3d", i), 4)
	}
	g.find(b, "ann", gallery.Query{})
	for _, q := range []gallery.Query{{}, {Words: "kind 123"}, {Mark: "kept"}} {
		b.Run(fmt.Sprint(q.Words, q.Mark), func(b *testing.B) {
			for b.Loop() {
				g.find(b, "ann", q)
			}
		})
	}
}
