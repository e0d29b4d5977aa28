package jumble

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"github.com/limner-ai/limner/inspect"
	"github.com/limner-ai/limner/inspect/calibrate"
	"github.com/limner-ai/limner/inspect/jumble"
	"github.com/limner-ai/limner/inspect/school/corrupt"
	"github.com/limner-ai/limner/inspect/school/fit"
	"github.com/limner-ai/limner/inspect/school/gallery"
	"github.com/limner-ai/limner/inspect/school/lesson"
	"github.com/limner-ai/limner/inspect/school/score"
)

const (
	tuned = 1200 // clean pictures that the scale is set on
	share = .04  // of them, of each source, that may be called faulty
)

// tune sets the scale of the network in the repository on pictures of the split
// Trial, and writes it into the network's file. The network knows the concepts of
// the training pictures, and calls fewer of them faulty than of others, so that
// a threshold set on them is too low.
func tune(ctx context.Context, d *lesson.Desk) error {
	path := filepath.Join(d.Root, "inspect", "jumble", "jumble.safetensors")
	file, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	weights, meta, err := jumble.Read(file)
	if err != nil {
		return err
	}
	in, err := jumble.New(weights, calibrate.Scale{}, 1)
	if err != nil {
		return err
	}
	scale, err := measured(ctx, d, in)
	if err := errors.Join(err, in.Close()); err != nil {
		return err
	}
	text, err := json.Marshal(scale)
	if err != nil {
		return err
	}
	meta[jumble.ScaleKey], meta["scale_split"] = string(text), "trial: half of the set's held-out concepts"
	return fit.Save(path, weights, meta)
}

func measured(ctx context.Context, d *lesson.Desk, in inspect.Inspector) (calibrate.Scale, error) {
	g, err := d.Open(gallery.Trial)
	if err != nil {
		return calibrate.Scale{}, err
	}
	defer g.Close()
	clean, err := score.Pictures(ctx, in, g, tuned)
	if err != nil {
		return calibrate.Scale{}, err
	}
	parts, err := corrupt.Named(kinds...)
	if err != nil {
		return calibrate.Scale{}, err
	}
	var faulty []float64
	for _, k := range parts {
		for i, strength := range score.Strengths {
			s, err := score.Kind(ctx, in, g, tuned/16, k, strength, d.Seed+uint64(i)<<20, "")
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
