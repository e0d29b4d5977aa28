package paint

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/color"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/studio/jobs"
)

var red = color.NRGBA{255, 0, 0, 255}

// Every mode makes pictures, says how, and makes them again from what it says.
func TestModes(t *testing.T) {
	w, store := studio(t)
	shades := uploaded(t, store, 8, 8, func(x, y int) color.NRGBA { return color.NRGBA{uint8(30 * x), uint8(30 * y), 99, 255} })
	left := uploaded(t, store, 16, 16, func(x, y int) color.NRGBA {
		if x < 8 {
			return color.NRGBA{255, 255, 255, 255}
		}
		return color.NRGBA{0, 0, 0, 0}
	})
	for name, c := range map[string]struct{ spec, how string }{
		"new":          {`{"model":"plain","seed":7,"n":3}`, ""},
		"class":        {`{"model":"clothes","class":"ankle BOOT","seed":7,"n":2}`, ""},
		"class, told":  {`{"model":"clothes","prompt":"bag","seed":7,"n":2}`, ""},
		"classes":      {`{"model":"clothes","seed":7,"n":3}`, ""},
		"forged":       {`{"model":"forger","seed":7,"n":3,"truncation":0.5}`, ""},
		"variation":    {fmt.Sprintf(`{"model":"plain","seed":7,"n":2,"image":%q}`, shades), "variation"},
		"inpainting":   {fmt.Sprintf(`{"model":"plain","seed":7,"n":2,"image":%q,"mask":%q}`, shades, left), "inpainting"},
		"clear mask":   {fmt.Sprintf(`{"model":"plain","seed":7,"n":2,"image":%q,"mask":%q,"mask_kind":"clear","strength":0.5}`, shades, left), "inpainting"},
		"style":        {fmt.Sprintf(`{"model":"clothes","seed":7,"image":%q,"style":%q}`, shades, left), "mixture"},
		"seeds":        {`{"model":"plain","n":3,"from":{"seed":1},"to":{"seed":2}}`, "interpolation"},
		"pictures":     {fmt.Sprintf(`{"model":"plain","n":3,"from":{"image":%q},"to":{"image":%q}}`, shades, left), "interpolation"},
		"words":        {`{"prompt":"a red apple","n":2,"steps":2,"seed":5}`, ""},
		"words, image": {fmt.Sprintf(`{"prompt":"a red apple","n":2,"steps":2,"seed":5,"image":%q,"strength":0.7}`, shades), "variation"},
		"prompts":      {`{"n":2,"steps":1,"seed":5,"from":{"prompt":"an apple"},"to":{"prompt":"a car"}}`, "interpolation"},
	} {
		t.Run(name, func(t *testing.T) {
			f := made(t, w, c.spec)
			var s Spec
			if err := json.Unmarshal(f.spec, &s); err != nil || len(f.files) != s.N || s.Seed == nil {
				t.Fatalf("%d files of %s, %v", len(f.files), f.spec, err)
			}
			for i, m := range f.metas {
				if m.Number != i || m.How != c.how && i > 0 || m.Seed != *s.Seed || len(m.ModelDigest) < 64 || m.Rights == "" {
					t.Errorf("%+v", m)
				}
				o, err := generate.ReadOrigin(f.files[i])
				if err != nil || o.Seed != m.Seed || o.First != m.Index || o.Parameters() != m.Parameters || o.Width != m.Width {
					t.Errorf("%+v, %v", o, err)
				}
				if p := decoded(t, f.files[i]); p.Rect.Dx() != m.Width || p.Rect.Dy() != m.Height {
					t.Error(p.Rect)
				}
			}
			if again := made(t, w, string(f.spec)); !slices.EqualFunc(again.files, f.files, bytes.Equal) {
				t.Error("the same again is another")
			}
			if last := f.progress[len(f.progress)-1]; last.Done != float64(s.N) || last.Total != float64(s.N) {
				t.Errorf("%+v", last)
			}
		})
	}
	if a, b := made(t, w, `{"model":"clothes","class":"bag","seed":7,"n":2}`), made(t, w, `{"model":"clothes","seed":7,"n":2}`); !bytes.Equal(a.files[0], b.files[0]) || b.metas[1].Class != "Ankle boot" {
		t.Error("classes do not come in turn")
	}
}

// No bit of a picture depends on what is painted in the same go, on whether
// anyone watches, or on the number of threads.
func TestNoBitDependsOnCompany(t *testing.T) {
	w, store := studio(t)
	dot := uploaded(t, store, 64, 64, func(x, y int) color.NRGBA { return color.NRGBA{uint8(4 * x), uint8(4 * y), 0, 255} })
	specs := []string{
		`{"prompt":"a red apple","n":1,"steps":2,"seed":5}`,
		`{"prompt":"a cat","n":3,"steps":2,"seed":6}`,
		`{"prompt":"a car","negative":"red","n":1,"steps":2,"seed":7}`,
		fmt.Sprintf(`{"prompt":"a house","n":2,"steps":2,"seed":8,"image":%q,"strength":1}`, dot),
		`{"prompt":"","n":2,"steps":2,"seed":9,"guidance":2}`,
	}
	together := tasks(t, w, specs...)
	together[1].watched = true
	run(t, w, together...)
	w.shelf.threads = 1
	for i, s := range specs {
		alone := tasks(t, w, s)[0]
		run(t, w, alone)
		if !slices.EqualFunc(alone.files, together[i].files, bytes.Equal) {
			t.Errorf("%s: another alone", s)
		}
	}
	run(t, w, tasks(t, w, `{"model":"forger","n":5,"seed":1}`, `{"model":"forger","n":2,"seed":2}`)...)
}

// A job that is cancelled stops at the next step, without harm to the others.
func TestCancel(t *testing.T) {
	w, _ := studio(t)
	spec := `{"prompt":"a red apple","n":1,"steps":%d,"seed":5,"guidance":1}`
	alone := made(t, w, fmt.Sprintf(spec, 3))
	pair := tasks(t, w, fmt.Sprintf(spec, 3), fmt.Sprintf(spec, 200))
	slow := pair[1]
	slow.onStep = slow.cancel
	if err := w.Run(context.Background(), []jobs.Task{pair[0], slow}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(pair[0].files[0], alone.files[0]) || pair[0].err != nil {
		t.Error("the other was harmed")
	}
	if !errors.Is(slow.err, context.Canceled) || slow.finished != 1 || len(slow.files) != 0 || len(slow.progress) != 1 {
		t.Errorf("ended %d times by %v after %d steps", slow.finished, slow.err, len(slow.progress))
	}
	// One that ended before is not begun.
	early := tasks(t, w, fmt.Sprintf(spec, 200))[0]
	early.cancel()
	if err := w.Run(context.Background(), []jobs.Task{early}); err != nil || len(early.progress) != 0 || !errors.Is(early.err, context.Canceled) {
		t.Error(err, early.err)
	}
	// All stop with the queue.
	ctx, stop := context.WithCancel(context.Background())
	all := tasks(t, w, fmt.Sprintf(spec, 200))[0]
	all.onStep = func() { stop(); all.cancel() }
	if err := w.Run(ctx, []jobs.Task{all}); !errors.Is(err, context.Canceled) || len(all.files) != 0 {
		t.Error(err)
	}
}

// Those who watch see a picture form; for others none is decoded.
func TestPreviews(t *testing.T) {
	w, _ := studio(t)
	a, err := w.Check(context.Background(), json.RawMessage(`{"prompt":"a red apple","n":1,"steps":3,"seed":5}`))
	if err != nil {
		t.Fatal(err)
	}
	s, err := parse(a)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.shelf.Use(context.Background(), "", func(g *generate.Generator) error {
		o := &ask{Spec: s}
		if o, err = w.ask(context.Background(), g, s); err != nil {
			return err
		}
		for _, watched := range []bool{true, false} {
			f := &fakeTask{ctx: context.Background(), watched: watched}
			order := newOrder(w, f, o)
			piece := o.piece(0, 1)
			piece.Request.Each = func(step generate.Step) error {
				order.seen[0] = order.seen[0].Add(-perGlimpse) // as if time had passed
				return order.step(0, step)
			}
			if m := g.MakeTogether(context.Background(), []generate.Piece{piece}); m[0].Err != nil {
				return m[0].Err
			}
			if want := map[bool]int{true: 2}[watched]; len(f.previews) != want {
				t.Errorf("watched %v: %d previews", watched, len(f.previews))
			}
			for _, p := range f.previews {
				if p.Type != "image/png" || decoded(t, p.Data).Rect.Dx() != 64 {
					t.Error(p.Type)
				}
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// What breaks is not swallowed, and its seat is not used again.
func TestABrokenPassPanics(t *testing.T) {
	w, _ := studio(t)
	f := tasks(t, w, `{"model":"plain"}`)[0]
	r, err := w.shelf.take("plain")
	if err != nil {
		t.Fatal(err)
	}
	defer w.shelf.give(r)
	r.free[2] = []*generate.Generator{nil} // nobody can paint on it
	defer func() {
		if recover() == nil || f.finished != 0 || len(r.free[2]) != 0 || !w.shelf.cores.TryAcquire(2) {
			t.Error("the queue is not told, or the seat is kept")
		}
	}()
	_ = w.Run(context.Background(), []jobs.Task{f})
}

func TestGroups(t *testing.T) {
	w, store := studio(t)
	dot := uploaded(t, store, 1, 1, func(int, int) color.NRGBA { return red })
	group := func(spec string) string { return w.Group(tasks(t, w, spec)[0].spec) }
	apple := group(`{"prompt":"apple","seed":1}`)
	if same := group(`{"prompt":"car","negative":"x","seed":2,"n":3,"width":128,"format":"webp"}`); apple == "" || same != apple {
		t.Errorf("%q, %q", apple, same)
	}
	for _, other := range []string{
		`{"prompt":"apple","steps":3}`, `{"prompt":"apple","guidance":1}`, `{"prompt":"apple","sampler":"heun"}`, `{"model":"plain"}`,
		fmt.Sprintf(`{"prompt":"apple","image":%q}`, dot), `{"n":2,"from":{"seed":1},"to":{"seed":2}}`,
	} {
		if got := group(other); got == apple || strings.TrimSpace(got) == "" {
			t.Errorf("%s is of the group %q", other, got)
		}
	}
}
