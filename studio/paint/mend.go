package paint

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"slices"
	"time"

	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/generate/canvas"
	"github.com/limner-ai/limner/inspect"
	"github.com/limner-ai/limner/inspect/all"
	"github.com/limner-ai/limner/release"
	"github.com/limner-ai/limner/repair"
	"github.com/limner-ai/limner/studio/jobs"
)

// Bounds of a repair.
const (
	maxTries  = 32
	maxRounds = 4
	maxMended = 1 << 20 // pixels of the picture
)

// checkRepair refuses what cannot be repaired.
func (w *Worker) checkRepair(ctx context.Context, g *generate.Generator, s Spec) error {
	r := s.Repair
	switch {
	case s.Image == none:
		return errors.New("repair: name the picture, as image")
	case s.N != 1 || s.Style != none || s.From != nil || s.Width != 0 || s.Height != 0:
		return errors.New("repair: one picture as large as it is; n, style, from, width and height do not go with it")
	case r.Tries < 0 || r.Tries > maxTries || r.Rounds < 0 || r.Rounds > maxRounds:
		return fmt.Errorf("repair: want at most %d tries and %d rounds", maxTries, maxRounds)
	case !slices.Contains(g.Offers(), "inpainting"):
		return fmt.Errorf("the model %s (%s) cannot paint inside a mask, so it cannot repair", g.Manifest.Name, g.Manifest.Family)
	}
	for _, name := range r.By {
		if !slices.Contains(all.Names(), name) {
			return fmt.Errorf("repair: there is no inspector %.40q", name)
		}
	}
	m, err := w.leaving.Picture(ctx, w.store, s.Image)
	if err != nil {
		return err
	}
	if n := m.Rect.Dx() * m.Rect.Dy(); n > maxMended {
		return fmt.Errorf("repair: the picture has %d pixels, at most %d are repaired", n, maxMended)
	}
	_, err = w.mended(ctx, s, m)
	return err
}

// mended is where a picture is to be painted anew; nil: where inspectors point.
func (w *Worker) mended(ctx context.Context, s Spec, m *image.NRGBA) (*image.Alpha, error) {
	if s.Mask == none {
		return nil, nil
	}
	drawn, err := load(ctx, w.store, s.Mask)
	if err != nil {
		return nil, err
	}
	place, err := canvas.Place(drawn.Rect.Size(), m.Rect.Size(), canvas.Stretch, nil)
	if err != nil {
		return nil, err
	}
	painted := canvas.Marked
	if s.MaskKind == "clear" {
		painted = canvas.Cleared
	}
	values, err := place.Mask(painted(drawn), false)
	if err != nil {
		return nil, err
	}
	out := image.NewAlpha(image.Rectangle{Max: m.Rect.Size()})
	for i, v := range values {
		if v > 0 {
			out.Pix[i] = 255
		}
	}
	if !bytes.Contains(out.Pix, []byte{255}) {
		return nil, errors.New("the mask marks nothing of the picture: paint over what is to change")
	}
	return out, nil
}

// repair repairs the picture of a task.
func (w *Worker) repair(t jobs.Task, s Spec) (err error) {
	ctx := t.Context()
	m, err := w.leaving.Picture(ctx, w.store, s.Image)
	if err != nil {
		return err
	}
	mask, err := w.mended(ctx, s, m)
	if err != nil {
		return err
	}
	began := time.Now()
	t.Progress(jobs.Progress{Stage: "looking"})
	return w.shelf.Use(ctx, s.Model, func(g *generate.Generator) error {
		by, err := repair.NewPanel(all.Kinds, s.Repair.By, inspect.Env{Threads: w.shelf.threads})
		if err != nil {
			return err
		}
		r, err := repair.Picture(ctx, g, m, by, repair.Options{
			Prompt: s.Prompt, Seed: *s.Seed, Tries: s.Repair.Tries, Rounds: s.Repair.Rounds, Steps: s.Steps, Mask: mask,
			Progress: func(done, total int) {
				p := jobs.Progress{Stage: "painting and looking", Done: float64(done), Total: float64(total)}
				if spent := time.Since(began).Seconds(); done > 0 && spent > 0 {
					p.Rate = float64(done) / spent
					p.ETA = float64(total-done) / p.Rate
				}
				t.Progress(p)
			},
		})
		if err = errors.Join(err, by.Close()); err != nil {
			return err
		}
		if r.Mask == nil {
			return fmt.Errorf("none of %d tries was better: the picture stays as it is", r.Tries)
		}
		return w.mendedFile(ctx, t, g, s, r)
	})
}

// mendedFile keeps a repaired picture.
func (w *Worker) mendedFile(ctx context.Context, t jobs.Task, g *generate.Generator, s Spec, r *repair.Result) error {
	seed := *s.Seed
	if len(r.Seeds) > 0 {
		seed = r.Seeds[len(r.Seeds)-1]
	}
	origin := g.Origin(generate.Request{Prompt: s.Prompt, Steps: s.Steps}, []generate.Item{{Seed: seed, Class: -1, How: "repair"}})
	origin.Width, origin.Height = r.Picture.Rect.Dx(), r.Picture.Rect.Dy()
	given, err := w.leaving.Ingredients(w.store, s.Image)
	if err != nil {
		return err
	}
	left, err := w.leaving.Leave(ctx, g, s.Format, release.Picture{Image: r.Picture, Origin: origin, Given: given, Edited: true, Still: true})
	if err != nil {
		return err
	}
	o := left.Origin
	return t.Result(left.File, left.Type, Meta{
		Seed: seed, Prompt: o.Prompt, How: o.How, Steps: o.Steps, Width: o.Width, Height: o.Height, Model: o.Model, Family: o.Family, ModelDigest: o.Digest,
		Rights: o.Rights, Parameters: o.Parameters(), ID: o.ID, Near: o.Near,
		Repaired: &Repaired{From: s.Image, Share: float64(bytes.Count(r.Mask.Pix, []byte{255})) / float64(len(r.Mask.Pix)), Tries: r.Tries, Before: r.Before, After: r.After},
	})
}
