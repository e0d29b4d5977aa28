package paint

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/limner-ai/limner/internal/bench"
	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/studio/jobs"
)

// BenchmarkBatching makes the pictures of eight jobs one job after the other,
// and all in one go, in turn, and reports the fastest rates and their ratio, which
// others on the machine disturb least, and the median of the ratios.
func BenchmarkBatching(b *testing.B) {
	const company = 8
	for _, c := range []struct{ name, spec string }{
		{"4 steps", `{"prompt":"a red apple %d","seed":%d,"steps":4,"guidance":1}`},
		{"4 steps, guided", `{"prompt":"a red apple %d","seed":%d,"steps":4,"guidance":3}`},
		{"as its maker would", `{"prompt":"a red apple %d","seed":%d}`},
	} {
		b.Run(c.name, func(b *testing.B) {
			shelf := NewShelf(ShelfOptions{})
			defer shelf.Close()
			w := NewWorker(shelf, objects.Open(b.TempDir()))
			n := 0
			ordered := func() (all []jobs.Task) {
				for range company {
					n++ // so that no prompt was met before
					t := tasks(b, w, fmt.Sprintf(c.spec, n, n))[0]
					all = append(all, t)
				}
				return all
			}
			apart := func() {
				for _, t := range ordered() {
					if err := w.Run(context.Background(), []jobs.Task{t}); err != nil {
						b.Fatal(err)
					}
				}
			}
			together := func() {
				if err := w.Run(context.Background(), ordered()); err != nil {
					b.Fatal(err)
				}
			}
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
		})
	}
}
