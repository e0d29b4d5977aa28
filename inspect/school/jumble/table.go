package jumble

import (
	"context"
	"fmt"
	"image"
	"io"
	"slices"

	"github.com/limner-ai/limner/inspect"
	"github.com/limner-ai/limner/inspect/calibrate"
	"github.com/limner-ai/limner/inspect/jumble"
	"github.com/limner-ai/limner/inspect/jumble/natural"
	"github.com/limner-ai/limner/inspect/plane"
	"github.com/limner-ai/limner/inspect/school/corrupt"
	"github.com/limner-ai/limner/inspect/school/gallery"
	"github.com/limner-ai/limner/inspect/school/lesson"
	"github.com/limner-ai/limner/inspect/school/score"
)

const (
	tested   = 300 // held-out pictures of each row
	measures = 150 // of each row of the table of NIQE and BRISQUE
)

func table(ctx context.Context, d *lesson.Desk) error {
	in, err := jumble.Kind.Open(inspect.Env{Threads: 1})
	if err != nil {
		return err
	}
	defer in.Close()
	g, err := d.Open(gallery.Report)
	if err != nil {
		return err
	}
	defer g.Close()
	n, few := tested, measures
	if d.N > 0 {
		n, few = d.N, d.N
	}
	parts := d.Only
	if len(parts) == 0 {
		parts = []string{"clean", "faults", "measures"}
	}
	if slices.Contains(parts, "clean") || slices.Contains(parts, "faults") {
		if err := faults(ctx, d, in, g, n); err != nil {
			return err
		}
	}
	if slices.Contains(parts, "measures") {
		return unusual(ctx, d.Out, in, g, few, d.Seed)
	}
	return nil
}

// faults is the table of what the network learnt.
func faults(ctx context.Context, d *lesson.Desk, in inspect.Inspector, g *gallery.Gallery, n int) error {
	clean, err := score.Pictures(ctx, in, g, d.N)
	if err != nil {
		return err
	}
	clean.Write(d.Out)
	if slices.Equal(d.Only, []string{"clean"}) {
		return nil
	}
	var rows []*score.Spoilt
	for i, name := range kinds {
		k, err := corrupt.Named(name)
		if err != nil {
			return err
		}
		for _, strength := range score.Strengths {
			s, err := score.Kind(ctx, in, g, n, k[0], strength, 1000+d.Seed, jumble.Faults[i])
			if err != nil {
				return err
			}
			rows = append(rows, s)
		}
	}
	fmt.Fprintln(d.Out)
	score.Write(d.Out, clean, rows)
	return nil
}

// unusual is the table of NIQE and BRISQUE, and of the network, on all kinds.
func unusual(ctx context.Context, w io.Writer, in inspect.Inspector, g *gallery.Gallery, n int, seed uint64) error {
	var clean [3][]float64
	measure := func(m *image.NRGBA, to *[3][]float64) error {
		f, err := in.Inspect(ctx, m)
		if err != nil || !f.Applies {
			return err
		}
		b, err := natural.BRISQUE(plane.Luma(m, plane.White))
		if err != nil {
			return err
		}
		niqe, ok := f.Measures["niqe"]
		if !ok {
			return nil
		}
		for i, v := range []float64{niqe, b, f.Score} {
			to[i] = append(to[i], v)
		}
		return nil
	}
	for _, i := range g.Some(4 * n) {
		m, err := g.Image(i)
		if err != nil {
			return err
		}
		if err := measure(m, &clean); err != nil {
			return err
		}
	}
	fmt.Fprintf(w, "\n| Fault | Strength | n | AUROC of NIQE | of BRISQUE | of the network |\n|---|---|---|---|---|---|\n")
	for _, k := range corrupt.Kinds {
		for _, strength := range []float64{1. / 3, 1} {
			var spoilt [3][]float64
			for _, i := range g.Some(n) {
				m, err := g.Image(i)
				if err != nil {
					return err
				}
				if r, ok := k.Apply(m, strength, 1000+seed+uint64(i)); ok {
					if err := measure(r.Image, &spoilt); err != nil {
						return err
					}
				}
			}
			fmt.Fprintf(w, "| %s | %.2f | %d |", k.Name, strength, len(spoilt[0]))
			for i := range spoilt {
				fmt.Fprintf(w, " %.3f |", calibrate.AUROC(clean[i], spoilt[i]))
			}
			fmt.Fprintln(w)
		}
	}
	return nil
}
