package paint

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/limner-ai/limner/internal/bench"
	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/release"
	"github.com/limner-ai/limner/studio/jobs"
)

// company is how many jobs there are in a turn, of a picture each, and clients
// how many ask for them at the same time.
const company, clients = 24, 8

// settings are the ways in which pictures are made.
var settings = []struct {
	name, spec string
	marked     bool
}{
	{"4 steps", `{"prompt":"a red apple %d","seed":%d,"steps":4,"guidance":1}`, false},
	{"4 steps, marked", `{"prompt":"a red apple %d","seed":%d,"steps":4,"guidance":1}`, true},
	{"4 steps, guided", `{"prompt":"a red apple %d","seed":%d,"steps":4,"guidance":3}`, false},
	{"as its maker would", `{"prompt":"a red apple %d","seed":%d}`, false},
	{"as its maker would, marked", `{"prompt":"a red apple %d","seed":%d}`, true},
}

// leaving is what is done to pictures, and what is not.
func leaving(b *testing.B, marked bool) Leaving {
	if !marked {
		return Leaving{}
	}
	p := press(b, release.Flag)
	p.Guard = nil
	return Leaving{Press: p}
}

// specs are those of a turn. No prompt was met before.
func specs(form string, turn *int) (out []string) {
	for range company {
		*turn++
		out = append(out, fmt.Sprintf(form, *turn, *turn))
	}
	return out
}

// compare takes turns and reports the fastest rates and their ratio, which others
// on the machine disturb least, and the median of the ratios.
func compare(b *testing.B, apart, together func()) {
	timed := func(f func()) float64 {
		begin := time.Now()
		f()
		return time.Since(begin).Seconds() / company
	}
	apart()
	together()
	var alone, each, ratios []float64
	for b.Loop() {
		x, y := timed(apart), timed(together)
		alone, each, ratios = append(alone, 1/x), append(each, 1/y), append(ratios, x/y)
	}
	x, y := slices.Max(alone), slices.Max(each)
	b.ReportMetric(x, "pictures/s-alone")
	b.ReportMetric(y, "pictures/s-together")
	b.ReportMetric(y/x, "ratio")
	b.ReportMetric(bench.Median(ratios), "ratio-median")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkBatching does jobs one after the other, and all in one go.
func BenchmarkBatching(b *testing.B) {
	for _, c := range settings {
		b.Run(c.name, func(b *testing.B) {
			shelf := NewShelf(ShelfOptions{})
			defer shelf.Close()
			w := NewWorker(shelf, objects.Open(b.TempDir()), leaving(b, c.marked))
			turn := 0
			do := func(all ...*fakeTask) {
				var of []jobs.Task
				for _, t := range all {
					of = append(of, t)
				}
				if err := w.Run(context.Background(), of); err != nil {
					b.Fatal(err)
				}
			}
			compare(b, func() {
				for _, t := range tasks(b, w, specs(c.spec, &turn)...) {
					do(t)
				}
			}, func() { do(tasks(b, w, specs(c.spec, &turn)...)...) })
		})
	}
}

// BenchmarkQueue is BenchmarkBatching through the studio's queue: one client that
// waits for each picture before it asks for the next, and eight such clients.
// Results lie on the disk.
func BenchmarkQueue(b *testing.B) {
	for _, c := range settings {
		b.Run(c.name, func(b *testing.B) {
			ctx, dir := context.Background(), b.TempDir()
			store := objects.Open(filepath.Join(dir, "objects"))
			shelf := NewShelf(ShelfOptions{})
			defer shelf.Close()
			q, err := jobs.Open(ctx, dir, store, []jobs.Worker{NewWorker(shelf, store, leaving(b, c.marked))}, jobs.Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = q.Close(ctx) }()
			ask := func(spec string) {
				j, err := q.Submit(ctx, jobs.Submission{Kind: Kind, Owner: "local", Spec: json.RawMessage(spec)})
				if err == nil {
					j, err = q.Wait(ctx, "local", j.ID)
				}
				if err != nil || j.State != jobs.Done {
					b.Error(j.Error, err)
				}
			}
			turn := 0
			compare(b, func() {
				for _, s := range specs(c.spec, &turn) {
					ask(s)
				}
			}, func() {
				var all sync.WaitGroup
				for some := range slices.Chunk(specs(c.spec, &turn), company/clients) {
					all.Go(func() {
						for _, s := range some {
							ask(s)
						}
					})
				}
				all.Wait()
			})
		})
	}
}
