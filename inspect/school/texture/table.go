package texture

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/limner-ai/limner/inspect"
	"github.com/limner-ai/limner/inspect/calibrate"
	"github.com/limner-ai/limner/inspect/plane"
	"github.com/limner-ai/limner/inspect/school/gallery"
	"github.com/limner-ai/limner/inspect/school/lesson"
	"github.com/limner-ai/limner/inspect/texture"
)

const tested = 126 // pictures of each fault, and six times as many sound ones

var strengths = []float64{.15, .5, .85}

// table measures on the split Test, which nothing was fitted or set on.
func table(ctx context.Context, d *lesson.Desk) error {
	g, err := d.Open(gallery.Test)
	if err != nil {
		return err
	}
	defer g.Close()
	in, err := texture.Kind.Open(inspect.Env{Threads: 1})
	if err != nil {
		return err
	}
	defer in.Close()
	n := tested
	if d.N > 0 {
		n = d.N
	}
	all, err := clean(ctx, d, g, in, 6*n)
	if err != nil {
		return err
	}
	fmt.Fprintln(d.Out, "\n| Fault | Strength | Pictures | AUROC | Found | Named right, of those found | IoU |\n|---|---|---|---|---|---|---|")
	r := rand.New(rand.NewPCG(d.Seed, 77))
	for _, kind := range faults {
		if len(d.Only) > 0 && !slices.Contains(d.Only, kind.name) {
			continue
		}
		name := kind.name
		for _, strength := range strengths {
			row, err := measured(ctx, g, in, kind, strength, n/len(strengths), r)
			if err != nil {
				return err
			}
			fmt.Fprintf(d.Out, "| %s | %.2f | %d | %.3f | %.0f %% | %.0f %% | %.2f |\n", name, strength, len(row.scores),
				calibrate.AUROC(all, row.scores), 100*row.found, 100*row.named, row.iou)
			name = ""
		}
	}
	return nil
}

// clean is the table of sound pictures; it returns their scores.
func clean(ctx context.Context, d *lesson.Desk, g *gallery.Gallery, in inspect.Inspector, n int) (all []float64, err error) {
	judged, called, count := map[string]int{}, map[string]int{}, map[string]int{}
	for _, i := range g.Some(n) {
		m, err := g.Image(i)
		if err != nil {
			return nil, err
		}
		f, err := in.Inspect(ctx, m)
		if err != nil {
			return nil, err
		}
		s := style(g.Name(i))
		count[s]++
		if f.Applies {
			judged[s]++
			all = append(all, f.Score)
		}
		if f.Faulty {
			called[s]++
		}
	}
	fmt.Fprintln(d.Out, "| Sound pictures | Number | Judged | Called faulty |\n|---|---|---|---|")
	for _, s := range slices.Sorted(maps.Keys(count)) {
		fmt.Fprintf(d.Out, "| %s | %d | %d | %.1f %% |\n", s, count[s], judged[s], 100*float64(called[s])/float64(count[s]))
	}
	return all, nil
}

type row struct {
	scores            []float64
	found, named, iou float64
}

func measured(ctx context.Context, g *gallery.Gallery, in inspect.Inspector, kind fault, strength float64, n int, r *rand.Rand) (row, error) {
	var out row
	for _, i := range g.Some(n) {
		m, err := g.Image(i)
		if err != nil {
			return out, err
		}
		other, err := g.Image(r.IntN(g.Len()))
		if err != nil {
			return out, err
		}
		bad, mask, ok := spoil(kind, m, other, strength, r)
		if !ok {
			continue
		}
		f, err := in.Inspect(ctx, bad)
		if err != nil {
			return out, err
		}
		if !f.Applies {
			continue
		}
		out.scores = append(out.scores, f.Score)
		if f.Faulty {
			out.found++
			if f.Fault == kind.name {
				out.named++
			}
		}
		heat := plane.New(mask.W, mask.H)
		for p := range heat.V {
			heat.V[p] = f.Heat.At(p%mask.W, p/mask.W, mask.W, mask.H)
		}
		out.iou += calibrate.IoU(heat.V, mask.V, .5)
	}
	out.named /= max(out.found, 1)
	out.found /= max(float64(len(out.scores)), 1)
	out.iou /= max(float64(len(out.scores)), 1)
	return out, nil
}
