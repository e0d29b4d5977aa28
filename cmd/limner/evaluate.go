package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/evaluate"
	"github.com/limner-ai/limner/evaluate/edit"
	"github.com/limner-ai/limner/evaluate/likelihood"
	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/internal/atomicfile"
	"github.com/limner-ai/limner/internal/grid"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/repair"
	"github.com/limner-ai/limner/train"
)

// evaluateFlags are those of the command line.
type evaluateFlags struct {
	model, data, out   string
	asJSON, asMarkdown bool
	draws, steps       int
	repairs            bool
	judges             []string
	carefulFlags
	evaluate.Options
}

func newEvaluate() *cobra.Command {
	var o evaluateFlags
	c := &cobra.Command{
		Use:   "evaluate --model MODEL",
		Short: "Measure a trained model on held-out pictures",
		Long: `Measure a trained model on held-out pictures.

Samples are compared with held-out pictures in the features of a frozen
classifier: Fréchet distance, KID, precision and recall, density and coverage,
each beside the same number of the training pictures, the floor that a perfect
generator would reach. A model with a likelihood (a VAE) is also measured by its
evidence lower bound and its importance-weighted bound, in nats a picture, and
by its reconstructions; a classifier by its accuracy alone; a network of the
family contrast by how often it finds pictures by their words, among a hundred
concepts and among all. Samples of every
generator are held against its training pictures: how many are copies, and where
limner generate would put other pictures in their place, how many are then.

A model that takes words is also measured by what it makes of them: how often
a network of the family contrast, built in for the set of the model that comes
with Limner or named by --alignment, finds the right caption of a hundred, beside
real pictures, for what the model was trained on, for what was held out, and for
known things in other colours; on drawn shapes, whether kind, colour and place are
those asked for. What it makes of pictures is measured by strength and mask.`,
		Example: `  limner evaluate --model runs/fashion-gan -o sheet.png
  limner evaluate --model runs/mnist-vae --iwae 5000 --pictures 10000
  limner evaluate --model runs/fashion-vae -n 2000 --iwae 0 --json`,
		Args: args(0, 0, "no arguments but flags"),
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			return o.run(c)
		},
	}
	f := c.Flags()
	f.StringVar(&o.model, "model", "", "model file, folder of a run, or name of a model")
	f.StringVar(&o.data, "data", "", "where the model's set lies now, or a run file with another set")
	f.IntVarP(&o.Samples, "n", "n", evaluate.DefaultSamples, "samples, and pictures that they are compared with, at most")
	f.IntVar(&o.draws, "iwae", likelihood.DefaultDraws, "draws a picture of the importance-weighted bound; 0: no bounds")
	f.IntVar(&o.Pictures, "pictures", 0, "held-out pictures to measure the bounds on (default as many as 30 TFLOP allow)")
	f.Uint64Var(&o.Seed, "seed", 1, "seed of samples, of binarisation and of which pictures are taken")
	f.Float64Var(&o.Truncation, "truncation", 1, "share of the prior's width that samples are drawn from")
	f.StringVar(&o.Features, "features", "", "classifier whose features to use, instead of the built-in one")
	f.StringVar(&o.Alignment, "alignment", "", "model of the family contrast that holds words against pictures (default the built-in one of the model's set, if it has one)")
	f.IntVar(&o.Prompts, "prompts", evaluate.DefaultPrompts, "prompts that alignment is measured on, of training and of held-out pictures each")
	f.StringSliceVar(&o.Detail, "detail", nil, "words: measure reconstructions of the held-out pictures that each is said of apart, as in hand,face")
	f.IntVar(&o.steps, "steps", 0, "steps of a flow model's sampler (default as many as its maker chose)")
	o.carefulFlags.register(f)
	f.BoolVar(&o.repairs, "repair", false, "repair the samples that the inspectors find faulty, and measure what comes of it")
	f.StringSliceVar(&o.judges, "judge", nil, "inspectors that only count the faults of what was chosen and repaired by others")
	f.StringVarP(&o.out, "output", "o", "", "PNG for a contact sheet")
	f.BoolVar(&o.asJSON, "json", false, "as JSON")
	f.BoolVar(&o.asMarkdown, "markdown", false, "as Markdown tables")
	f.IntVar(&o.Threads, "threads", 0, "threads to use; 0: one a processor")
	c.MarkFlagsMutuallyExclusive("json", "markdown")
	return c
}

func (o *evaluateFlags) check() error {
	switch {
	case o.model == "":
		return usagef("--model is missing: name a model file or the folder of a run")
	case o.Samples < 1:
		return usagef("-n %d: want at least 1 sample", o.Samples)
	case o.draws < 0 || o.Pictures < 0 || o.Threads < 0 || o.steps < 0:
		return usagef("--iwae, --pictures, --steps and --threads are not negative")
	case o.Prompts < 1:
		return usagef("--prompts %d: want at least 1", o.Prompts)
	case !(o.Truncation > 0):
		return usagef("--truncation %v: want a number above 0; 1 is the whole prior", o.Truncation)
	}
	if len(o.judges) > 0 && !o.careful() {
		return usagef("--judge counts what --best-of or --repair gain")
	}
	if err := o.carefulFlags.check(o.careful()); err != nil {
		return err
	}
	if o.Draws = o.draws; o.draws == 0 {
		o.Draws = -1
	}
	return nil
}

func (o *evaluateFlags) careful() bool { return o.best > 1 || o.repairs }

func (o *evaluateFlags) run(c *cobra.Command) (err error) {
	cpu := trained.NewCPU(o.Threads)
	defer cpu.Close()
	m, err := openModel(o.model, cpu)
	if err != nil {
		return err
	}
	if o.data != "" {
		src, err := relocated(m, o.data)
		if err != nil {
			return err
		}
		o.Source = &src
	}
	if o.Features != "" {
		o.Features = findModel(o.Features)
	}
	if o.Alignment != "" {
		o.Alignment = findModel(o.Alignment)
	}
	if o.Sampler, err = evaluate.NewSampler(m, o.steps, o.Truncation); err != nil {
		return err
	}
	ctx, stop := interruptible(c.Context(), func() { fmt.Fprintln(c.ErrOrStderr(), "\nstopping") })
	defer stop()
	line := &meter{w: c.ErrOrStderr(), terminal: isTerminal(c.ErrOrStderr())}
	o.Engine, o.Progress = cpu, line.show
	if o.Sampler != nil {
		g, err := openGenerator(o.model, o.Threads)
		if err != nil {
			return err
		}
		defer g.Close()
		o.Painter = o.painter(ctx, g)
		if o.Guard, err = guardFor(ctx, &m.Manifest); err != nil {
			return err
		}
		if o.careful() {
			looks, err := o.looks(ctx, g)
			if err != nil {
				return err
			}
			o.Sampler = looks
			defer func() {
				if err == nil {
					err = writeTally(c.ErrOrStderr(), looks.Tally)
				}
				if err = errors.Join(err, looks.By.Close()); looks.Judge != nil {
					err = errors.Join(err, looks.Judge.Close())
				}
			}()
		}
	} else if o.careful() {
		return usagef("--best-of and --repair are for models that take words")
	}
	report, rows, err := evaluate.Run(ctx, m, o.Options)
	line.end()
	if err != nil && !(errors.Is(err, context.Canceled) && report != nil && report.Likelihood != nil) {
		return err // what was measured before a Ctrl-C in the bounds is shown
	}
	return errors.Join(o.show(c, report, rows), err)
}

// looks is a sampler that looks at what the model's makes.
func (o *evaluateFlags) looks(ctx context.Context, g *generate.Generator) (*repair.Careful, error) {
	by, err := panel(o.by, o.Threads)
	if err != nil {
		return nil, err
	}
	var judge *repair.Panel
	if len(o.judges) > 0 {
		if judge, err = panel(o.judges, o.Threads); err != nil {
			return nil, errors.Join(err, by.Close())
		}
	}
	c := &repair.Careful{Sampler: o.Sampler, Context: ctx, By: by, Judge: judge, Best: o.best}
	if o.repairs {
		c.Generator = g
	}
	return c, nil
}

// painter changes pictures as limner generate does.
func (o *evaluateFlags) painter(ctx context.Context, g *generate.Generator) edit.Painter {
	return func(image, mask *tensor.Tensor, strength float64) (*tensor.Tensor, error) {
		p, err := g.Make(ctx, generate.Request{Image: image, Mask: mask, Strength: strength, Seed: o.Seed, N: 1, Steps: o.steps})
		if err != nil {
			return nil, err
		}
		return p.Images, nil
	}
}

// show prints the report and draws the sheet.
func (o *evaluateFlags) show(c *cobra.Command, r *evaluate.Report, rows []grid.Row) (err error) {
	switch w := c.OutOrStdout(); {
	case o.asJSON:
		err = writeJSON(w, r)
	case o.asMarkdown:
		err = r.WriteMarkdown(w)
	default:
		err = r.WriteText(w)
	}
	if err != nil || o.out == "" {
		return err
	}
	if len(rows) == 0 {
		return fmt.Errorf("a model of the family %s makes no pictures for a contact sheet", r.Model.Family)
	}
	err = atomicfile.Write(o.out, 0o644, func(w io.Writer) error { return evaluate.WriteSheet(w, r, rows) })
	if err == nil && !o.asJSON && !o.asMarkdown {
		fmt.Fprintln(c.OutOrStdout(), o.out)
	}
	return err
}

// relocated is the model's set in another place, or the set of a run file.
func relocated(m *trained.Model, data string) (picture.Source, error) {
	if ext := filepath.Ext(data); ext == ".yaml" || ext == ".yml" {
		cfg, err := train.ReadConfig(data)
		return cfg.Data.Source, err
	}
	var src picture.Source
	kind := kindOf(data)
	if err := json.Unmarshal(m.Manifest.Data.Source, &src); err != nil || src.Kind != kind {
		src = picture.Source{Kind: kind}
	}
	if src.Path = data; kind == "shapes" {
		src.Path = ""
	}
	return src, nil
}

// meter shows the stages of an evaluation: one line that changes on a
// terminal, and otherwise a line now and then.
type meter struct {
	w        io.Writer
	terminal bool
	last     time.Time
	dirty    bool
}

func (m *meter) show(p evaluate.Progress) {
	pause := 10 * time.Second
	if m.terminal {
		pause = 200 * time.Millisecond
	}
	now := time.Now()
	if m.last.IsZero() {
		m.last = now
	}
	if now.Sub(m.last) < pause {
		return
	}
	m.last = now
	line := fmt.Sprintf("%s: %d/%d", p.Stage, p.Done, p.Total)
	if p.Note != "" {
		line += ", " + p.Note
	}
	if m.terminal {
		fmt.Fprintf(m.w, "\r\x1b[K%s", line)
		m.dirty = true
		return
	}
	fmt.Fprintln(m.w, line)
}

func (m *meter) end() {
	if m.dirty {
		fmt.Fprintln(m.w)
		m.dirty = false
	}
}
