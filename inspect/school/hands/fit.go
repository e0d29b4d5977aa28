package hands

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/limner-ai/limner/inspect/hands/find"
	"github.com/limner-ai/limner/inspect/hands/judge"
	"github.com/limner-ai/limner/inspect/school/gallery"
	"github.com/limner-ai/limner/inspect/school/lesson"
	"github.com/limner-ai/limner/internal/atomicfile"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/train"
)

// Lesson is that of the hands: a judge trained on hands that are drawn, right
// and wrong, and on the hands of emoji.
var Lesson = lesson.Lesson{Name: "hands", Summary: "anatomy of hands, drawn from a rigged mesh", Fit: fit, Table: table}

const (
	meshes  = "data/webxr-hands" // left.glb and right.glb of @webxr-input-profiles/assets
	runFile = "inspect/school/hands/judge.yaml"
	judgeAt = "inspect/hands/judge.safetensors"
)

func openRig(d *lesson.Desk, name string) (*rig, error) {
	r, err := readRig(filepath.Join(d.Root, meshes, name))
	if err != nil {
		return nil, fmt.Errorf("%w: unpack generic-hand/%s of the npm package @webxr-input-profiles/assets 1.0.20 into %s", err, name, meshes)
	}
	return r, nil
}

// fit draws the sheets, if they are not there yet, and trains the judge. Parts:
// draw, emoji, train, and, in a build that holds the trained judge, scale.
func fit(ctx context.Context, d *lesson.Desk) error {
	cfg, err := train.ReadConfig(filepath.Join(d.Root, runFile))
	if err != nil {
		return err
	}
	say := func(format string, a ...any) { fmt.Fprintf(d.Progress, format+"\n", a...) }
	if does(d, "draw") {
		if err := drawSheets(ctx, d, cfg.Data.Path, say); err != nil {
			return err
		}
	}
	if does(d, "emoji") {
		if err := findSheets(ctx, d, cfg.Data.Path, say); err != nil {
			return err
		}
	}
	if does(d, "train") {
		res, err := train.Run(ctx, cfg, train.Options{Families: []model.Family{judge.Family{}}, Progress: d.Progress, Overwrite: true})
		if err != nil {
			return err
		}
		say("trained for %.0f s: %v", res.Seconds, res.Metrics)
		return install(res.Model, filepath.Join(d.Root, judgeAt))
	}
	if slices.Contains(d.Only, "scale") {
		return writeScale(ctx, d, say)
	}
	return nil
}

// install puts the trained judge beside the inspector, which holds it from the
// next build on.
func install(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	return atomicfile.Write(to, 0o644, func(w io.Writer) error {
		_, err := io.Copy(w, in)
		return err
	})
}

// does reports whether a part is asked for.
func does(d *lesson.Desk, part string) bool { return len(d.Only) == 0 || slices.Contains(d.Only, part) }

// drawSheets draws what the judge learns from.
func drawSheets(ctx context.Context, d *lesson.Desk, dir string, say func(string, ...any)) error {
	r, err := openRig(d, "left.glb")
	if err != nil {
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	n := d.N
	if n == 0 {
		n = 9000
	}
	return writeDrawn(ctx, dir, r, n, d.Seed, say)
}

// findSheets adds emoji whose hands are found.
func findSheets(ctx context.Context, d *lesson.Desk, dir string, say func(string, ...any)) error {
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
	return writeEmoji(ctx, dir, g, f, 320, d.Seed, say)
}
