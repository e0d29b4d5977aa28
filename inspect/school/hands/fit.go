package hands

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/inspect/hands/find"
	"github.com/limner-ai/limner/inspect/hands/judge"
	"github.com/limner-ai/limner/inspect/school/gallery"
	"github.com/limner-ai/limner/inspect/school/lesson"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/train"
)

// Lesson is that of the hands: a judge trained on hands that are drawn, right
// and wrong, and on the hands of emoji.
var Lesson = lesson.Lesson{Name: "hands", Summary: "anatomy of hands, drawn from a rigged mesh", Fit: fit}

const (
	meshes  = "data/webxr-hands" // left.glb and right.glb of @webxr-input-profiles/assets
	runFile = "inspect/school/hands/judge.yaml"
	runsAt  = "runs"
)

func openRig(d *lesson.Desk, name string) (*rig, error) {
	r, err := readRig(filepath.Join(d.Root, meshes, name))
	if err != nil {
		return nil, fmt.Errorf("%w: unpack generic-hand/%s of the npm package @webxr-input-profiles/assets 1.0.20 into %s", err, name, meshes)
	}
	return r, nil
}

// fit draws the sheets, if they are not there yet, and trains the judge. Parts:
// draw, train, scale.
func fit(ctx context.Context, d *lesson.Desk) error {
	cfg, err := train.ReadConfig(filepath.Join(d.Root, runFile))
	if err != nil {
		return err
	}
	say := func(format string, a ...any) { fmt.Fprintf(d.Progress, format+"\n", a...) }
	if does(d, "draw") {
		if err := drawSheets(ctx, d, cfg.Data.Source, say); err != nil {
			return err
		}
	}
	if does(d, "train") {
		res, err := train.Run(ctx, cfg, train.Options{Families: []model.Family{judge.Family{}}, Progress: d.Progress, Overwrite: true})
		if err != nil {
			return err
		}
		say("trained for %.0f s: %v", res.Seconds, res.Metrics)
	}
	return nil
}

// does reports whether a part is asked for.
func does(d *lesson.Desk, part string) bool { return len(d.Only) == 0 || slices.Contains(d.Only, part) }

func drawSheets(ctx context.Context, d *lesson.Desk, to picture.Source, say func(string, ...any)) error {
	r, err := openRig(d, "left.glb")
	if err != nil {
		return err
	}
	g, err := gallery.Open(d.Set, gallery.Fit)
	if err != nil {
		return err
	}
	defer g.Close()
	engine := trained.NewCPU(1)
	defer engine.Close()
	f, err := find.New(engine)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(to.Path); err != nil {
		return err
	}
	n := d.N
	if n == 0 {
		n = 14000
	}
	return write(ctx, to.Path, r, g, f, n, 320, d.Seed, say)
}
