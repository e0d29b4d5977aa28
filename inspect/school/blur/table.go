package blur

import (
	"context"
	"fmt"
	"image"
	"slices"

	"github.com/limner-ai/limner/inspect"
	"github.com/limner-ai/limner/inspect/blur"
	"github.com/limner-ai/limner/inspect/calibrate"
	"github.com/limner-ai/limner/inspect/school/corrupt"
	"github.com/limner-ai/limner/inspect/school/gallery"
	"github.com/limner-ai/limner/inspect/school/lesson"
	"github.com/limner-ai/limner/inspect/school/score"
)

const (
	tuned = 1200 // clean pictures that the scale is set on
	share = .04  // of them, of each source, that may be called faulty
)

// draft is the judge as an inspector before it has a scale.
type draft struct{ *blur.Judge }

func (draft) Close() error { return nil }

func (d draft) Inspect(ctx context.Context, m *image.NRGBA) (inspect.Finding, error) {
	c := blur.Look(m)
	if c == nil {
		return inspect.Finding{}, ctx.Err()
	}
	return inspect.Finding{Applies: true, Score: d.Score(c, d.Logits(c))}, ctx.Err()
}

// tune sets the scale on clean pictures and on blurred ones of the split Tune.
func tune(ctx context.Context, d *lesson.Desk, j *blur.Judge) (calibrate.Scale, error) {
	g, err := d.Open(gallery.Tune)
	if err != nil {
		return calibrate.Scale{}, err
	}
	defer g.Close()
	clean, err := score.Pictures(ctx, draft{j}, g, tuned)
	if err != nil {
		return calibrate.Scale{}, err
	}
	parts, err := corrupt.Named("blur", "blur-part")
	if err != nil {
		return calibrate.Scale{}, err
	}
	var faulty []float64
	for _, k := range parts {
		for i, strength := range score.Strengths {
			s, err := score.Kind(ctx, draft{j}, g, tuned/8, k, strength, d.Seed+uint64(i)<<20, "")
			if err != nil {
				return calibrate.Scale{}, err
			}
			faulty = append(faulty, s.Scores...)
		}
	}
	scale, err := calibrate.Fit(clean.Scores, faulty, 12, share)
	scale.Threshold = clean.Threshold(share)
	scale.FalseShare = calibrate.Above(clean.Scores, scale.Threshold)
	return scale, err
}

const tested = 600 // held-out pictures of each row of the table

func table(ctx context.Context, d *lesson.Desk) error {
	in, err := blur.Kind.Open(inspect.Env{Threads: 1})
	if err != nil {
		return err
	}
	defer in.Close()
	g, err := d.Open(gallery.Test)
	if err != nil {
		return err
	}
	defer g.Close()
	clean, err := score.Pictures(ctx, in, g, d.N)
	if err != nil {
		return err
	}
	clean.Write(d.Out)
	if slices.Equal(d.Only, []string{"clean"}) {
		return nil
	}
	n := d.N
	if n == 0 {
		n = tested
	}
	var rows []*score.Spoilt
	for _, k := range []struct{ kind, fault string }{{"blur", blur.Everywhere}, {"blur-part", blur.InPlaces}} {
		kinds, err := corrupt.Named(k.kind)
		if err != nil {
			return err
		}
		for _, strength := range score.Strengths {
			s, err := score.Kind(ctx, in, g, n, kinds[0], strength, 1000+d.Seed, k.fault)
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
