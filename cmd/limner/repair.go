package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/generate/canvas"
	"github.com/limner-ai/limner/inspect/all"
	"github.com/limner-ai/limner/internal/atomicfile"
	"github.com/limner-ai/limner/mark"
	"github.com/limner-ai/limner/release"
	"github.com/limner-ai/limner/repair"
)

type repairFlags struct {
	model, out, mask string
	by               []string
	asJSON           bool
	threads          int
	pressFlags
	repair.Options
}

func newRepair() *cobra.Command {
	var o repairFlags
	c := &cobra.Command{
		Use:   "repair PICTURE",
		Short: "Paint anew what the inspectors find faulty in a picture",
		Long: `Paint anew what the inspectors find faulty in a picture.

The places that the inspectors point to are painted again several times, and the
try in which they find the least fault is kept. Everything outside of those
places stays as it is, to the bit. Where nothing gets better, nothing is written.

What the picture shows is read from it, if a model wrote it there, or told by
--prompt. The inspectors that chose are not witnesses of what was gained: limner
evaluate --repair --by … --judge … counts with others.`,
		Example: `  limner repair apple.png -o better.png
  limner repair face.png --by hands --tries 16
  limner repair photo.jpg --mask here.png --prompt "a smiling face, 3d"`,
		Args: args(1, 1, "one picture"),
		RunE: func(c *cobra.Command, given []string) error {
			switch {
			case o.Tries < 1 || o.Tries > 1000 || o.Rounds < 1 || o.Rounds > 100:
				return usagef("--tries is 1 to 1000, --rounds 1 to 100")
			case o.Steps < 0 || o.threads < 0:
				return usagef("--steps and --threads are not negative")
			}
			return o.run(c, given[0])
		},
	}
	f := c.Flags()
	f.StringVar(&o.model, "model", "", "model file, folder of a run, or name of a model (default: the one that comes with Limner)")
	f.StringVarP(&o.out, "output", "o", "", "PNG to write (default NAME-repaired.png beside the picture)")
	f.StringVar(&o.Prompt, "prompt", "", "what the picture shows (default: what it says itself)")
	f.StringVar(&o.mask, "mask", "", "picture of where to paint: white is painted, black stays (default: where the inspectors point)")
	f.StringSliceVar(&o.by, "by", nil, "inspectors that point and choose (default all: "+strings.Join(all.Names(), ", ")+")")
	f.IntVar(&o.Tries, "tries", 8, "tries in each round")
	f.IntVar(&o.Rounds, "rounds", 2, "rounds, each of which begins with the best of the one before")
	f.IntVar(&o.Steps, "steps", 0, "steps of the sampler (default: the model's own)")
	f.Uint64Var(&o.Seed, "seed", 1, "seed of the first try")
	f.BoolVar(&o.asJSON, "json", false, "print what was found as JSON")
	f.IntVar(&o.threads, "threads", 0, "threads to use; 0: one a processor")
	o.pressFlags.register(f)
	return c
}

func (o *repairFlags) run(c *cobra.Command, path string) (err error) {
	ctx, stop := interruptible(c.Context(), func() { fmt.Fprintln(c.ErrOrStderr(), "\nstopping") })
	defer stop()
	m, err := canvas.Read(ctx, path)
	if err != nil {
		return err
	}
	file, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if told, err := generate.ReadOrigin(file); err == nil && o.Prompt == "" {
		o.Prompt = told.Prompt
	}
	if err := o.readMask(ctx, m); err != nil {
		return err
	}
	press, err := o.press()
	if err != nil {
		return err
	}
	defer enter(press, warner(c)).close()
	by, err := panel(o.by, o.threads)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, by.Close()) }()
	g, err := openGenerator(o.model, o.threads)
	if err != nil {
		return err
	}
	defer g.Close()
	show := stageLine(c.ErrOrStderr(), isTerminal(c.ErrOrStderr()))
	o.Progress = func(done, total int) { show("painting and looking", done, total) }
	r, err := repair.Picture(ctx, g, m, by, o.Options)
	if errors.Is(err, repair.ErrSound) {
		fmt.Fprintf(c.ErrOrStderr(), "%s: %v; nothing was written\n", path, err)
		return o.report(c.OutOrStdout(), r, "")
	}
	if err != nil {
		return err
	}
	if r.Mask == nil {
		fmt.Fprintf(c.ErrOrStderr(), "%s: none of %d tries was better; nothing was written\n", path, r.Tries)
		return o.report(c.OutOrStdout(), r, "")
	}
	if o.out == "" {
		o.out = strings.TrimSuffix(path, filepath.Ext(path)) + "-repaired.png"
	}
	if err := o.write(ctx, press, g, r, mark.Ingredient{Title: filepath.Base(path), File: file}); err != nil {
		return err
	}
	return o.report(c.OutOrStdout(), r, o.out)
}

func (o *repairFlags) readMask(ctx context.Context, m *image.NRGBA) error {
	if o.mask == "" {
		return nil
	}
	drawn, err := canvas.Read(ctx, o.mask)
	if err != nil {
		return err
	}
	place, err := canvas.Place(m.Rect.Size(), m.Rect.Size(), canvas.Stretch, nil)
	if err != nil {
		return err
	}
	values, err := place.Mask(canvas.Marked(drawn), false)
	if err != nil {
		return fmt.Errorf("%s: %w", o.mask, err)
	}
	o.Mask = image.NewAlpha(image.Rectangle{Max: m.Rect.Size()})
	for i, v := range values {
		if v > 0 {
			o.Mask.Pix[i] = 255
		}
	}
	return nil
}

// write writes the repaired picture, with the one that it was as what it was
// made from.
func (o *repairFlags) write(ctx context.Context, press *release.Press, g *generate.Generator, r *repair.Result, from mark.Ingredient) error {
	origin := g.Origin(generate.Request{Prompt: o.Prompt, Steps: o.Steps}, []generate.Item{{Seed: r.Seeds[len(r.Seeds)-1], Class: -1, How: "repair"}})
	origin.Width, origin.Height = r.Picture.Rect.Dx(), r.Picture.Rect.Dy()
	file, err := press.Issue(ctx, &g.Manifest, release.Picture{Image: r.Picture, Origin: origin, Given: []mark.Ingredient{from}, Edited: true, Still: true})
	if err != nil {
		return err
	}
	if dir := filepath.Dir(o.out); dir != "" {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("cannot write %s: %w", o.out, err)
		}
	}
	return atomicfile.Write(o.out, 0o644, func(w io.Writer) error {
		_, err := w.Write(file)
		return err
	})
}

// repaired is what --json prints.
type repaired struct {
	*repair.Result
	File   string  `json:"file,omitempty"`
	Prompt string  `json:"prompt,omitempty"`
	Share  float64 `json:"share"` // of the picture that was painted anew
}

func (o *repairFlags) report(out io.Writer, r *repair.Result, file string) error {
	share := 0.
	if r.Mask != nil {
		share = float64(bytes.Count(r.Mask.Pix, []byte{255})) / float64(len(r.Mask.Pix))
	}
	if o.asJSON {
		return writeJSON(out, repaired{r, file, o.Prompt, share})
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for i, b := range r.Before.Findings {
		a := r.After.Findings[i]
		switch {
		case !b.Applies && !a.Applies:
			fmt.Fprintf(w, "%s\tnot judged\t%s\n", b.Inspector, b.Sentence)
		default:
			fmt.Fprintf(w, "%s\t%.2f → %.2f\t%s\n", b.Inspector, b.Probability, a.Probability, a.Sentence)
		}
	}
	if err := w.Flush(); err != nil || file == "" {
		return err
	}
	_, err := fmt.Fprintf(out, "%s: %.0f %% of the picture was painted anew\n", file, 100*share)
	return err
}
