// Package evaluate measures a trained model on pictures that it was not
// trained on: how probable they are under the model, how close what it makes
// lies to them in the feature space of a frozen classifier, and how well it
// reconstructs them. No number stands alone: beside each distance stands the
// same distance of the training pictures, the floor that a perfect generator
// would reach, and the report says what it depends on.
package evaluate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/evaluate/edit"
	"github.com/limner-ai/limner/evaluate/feature"
	"github.com/limner-ai/limner/evaluate/likelihood"
	"github.com/limner-ai/limner/internal/grid"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
)

// DefaultSamples is n of the Fréchet distance and of what goes with it.
const DefaultSamples = 10_000

// Options are the choices of an evaluation.
type Options struct {
	Engine     trained.Engine  // runs the model and the feature network
	Threads    int             // of the engine, for the report
	Source     *picture.Source // the set to measure on; nil: that of the model
	Features   string          // path of a classifier; "": the network of Alignment, or the built-in one that fits
	Samples    int             // n; 0: DefaultSamples, and in any case no more than there are pictures
	Seed       uint64          // of latents, of binarisation and of which pictures are taken
	Truncation float64         // of the prior; 0: 1, all of it
	Draws      int             // k of the importance-weighted bound; 0: likelihood.DefaultDraws, negative: no bound
	// Pictures is how many the bound is measured on; 0: as many as some
	// 30 TFLOP allow, at least 100.
	Pictures int
	// Sampler makes pictures for prompts, for a model that takes words; nil:
	// samples are drawn from the prior. See NewSampler.
	Sampler   Sampler
	Alignment string         // path of a network of the family contrast that holds words against pictures; "": the built-in one of the model's set, if there is one
	Prompts   int            // that alignment is measured on; 0: DefaultPrompts
	Guard     *Guard         // puts other pictures in the place of those near to training pictures; nil: nobody does
	Painter   edit.Painter   // paints on pictures; nil: the model cannot
	Detail    []string       // words: reconstructions of the held-out pictures that they are said of are measured apart
	Progress  func(Progress) // nil: none
}

// Progress is how far a stage of an evaluation is.
type Progress struct {
	Stage       string
	Done, Total int
	Note        string
}

// budget is what measuring the bound may cost by default: about five minutes
// at 100 GFLOP/s. A dense VAE on all of MNIST's test set takes two thirds.
const (
	budget        = 30e12
	fewestBounded = 100
)

// Run measures a model and returns the report, and rows of pictures for a
// contact sheet. When ctx ends during the bound, the report so far comes
// with an error that wraps the cause.
func Run(ctx context.Context, m *trained.Model, opt Options) (*Report, []grid.Row, error) {
	opt.Samples = cmp.Or(opt.Samples, DefaultSamples)
	opt.Draws = cmp.Or(opt.Draws, likelihood.DefaultDraws)
	opt.Truncation = cmp.Or(opt.Truncation, 1)
	opt.Prompts = cmp.Or(opt.Prompts, DefaultPrompts)
	if opt.Samples < 0 || opt.Pictures < 0 || opt.Prompts < 0 {
		return nil, nil, errors.New("evaluate: the number of samples, of pictures and of prompts is not negative")
	}
	if opt.Progress == nil {
		opt.Progress = func(Progress) {}
	}
	began := time.Now()
	e := &evaluation{ctx: ctx, m: m, opt: opt, report: newReport(m, opt)}
	err := e.run()
	e.report.Seconds = time.Since(began).Seconds()
	if err != nil {
		err = fmt.Errorf("evaluating %s: %w", m.Manifest.Name, err)
	}
	return e.report, e.rows, err
}

type evaluation struct {
	ctx    context.Context
	m      *trained.Model
	opt    Options
	report *Report
	rows   []grid.Row

	train, test picture.Set    // all training pictures, n held-out ones
	heldOut     picture.Set    // all held-out ones
	source      picture.Source // of all of them
	space       *feature.Space // nil: none fits
	seen        struct{ train, test *feature.Description }
}

func (e *evaluation) run() error {
	if err := e.open(); err != nil {
		return err
	}
	if e.space != nil {
		if err := e.look(); err != nil {
			return err
		}
	}
	if e.m.Has(model.UseFeatures) {
		if err := e.classify(); err != nil {
			return err
		}
	}
	if e.m.Has(model.UseLook) {
		if err := e.understand(); err != nil {
			return err
		}
	}
	if e.paints() {
		if err := e.sample(); err != nil {
			return err
		}
	}
	if e.opt.Sampler != nil {
		if err := e.words(); err != nil {
			return err
		}
	}
	if e.opt.Painter != nil {
		if err := e.edit(); err != nil {
			return err
		}
	}
	if e.m.Has(model.UseReconstruct) {
		if err := e.reconstruct(); err != nil {
			return err
		}
	}
	if e.m.Has(model.UseBound) && e.opt.Draws > 0 {
		return e.bound()
	}
	return nil
}

// look describes the pictures that samples are compared with.
func (e *evaluation) look() (err error) {
	if e.seen.test, err = e.space.DescribeSet(e.ctx, e.test, e.stage("looking at held-out pictures")); err != nil {
		return err
	}
	if e.paints() {
		e.seen.train, err = e.space.DescribeSet(e.ctx, e.train, e.stage("looking at training pictures"))
	}
	return err
}

func (e *evaluation) stage(name string) func(done, total int) {
	return func(done, total int) { e.opt.Progress(Progress{Stage: name, Done: done, Total: total}) }
}

// classify counts how often a classifier is right.
func (e *evaluation) classify() error {
	own, err := feature.New(e.m)
	if err != nil {
		return err
	}
	d, err := own.DescribeSet(e.ctx, e.heldOut, e.stage("naming held-out pictures"))
	if err != nil {
		return err
	}
	right, n := d.Right()
	if n == 0 {
		return errors.New("the held-out pictures have no classes")
	}
	e.report.Accuracy = &Share{Value: right, N: n}
	return nil
}

// bound measures the likelihood.
func (e *evaluation) bound() error {
	n := e.opt.Pictures
	if n == 0 {
		flops, err := likelihood.FLOPs(e.m.Model)
		if err != nil {
			return err
		}
		n = inBudget(flops, e.opt.Draws)
	}
	set := choose(e.heldOut, n, e.opt.Seed)
	r, err := likelihood.Measure(e.ctx, e.m, e.opt.Engine, set, likelihood.Options{
		Draws: e.opt.Draws, Seed: e.opt.Seed,
		Progress: func(p likelihood.Progress) {
			note := fmt.Sprintf("%.0f latents/s, ETA %s", p.Rate(), p.ETA.Round(time.Second))
			if p.Pictures > 0 {
				note += fmt.Sprintf(", log p(x) ≥ %.2f nats", p.IWAE)
			}
			e.opt.Progress(Progress{"bounding the likelihood", p.Pictures, p.Total, note})
		},
	})
	if r.Pictures > 0 {
		e.report.Likelihood = &r
	}
	return err
}

// inBudget is how many pictures are measured by default, if a draw for one
// costs so many floating-point operations.
func inBudget(flops float64, draws int) int {
	return max(fewestBounded, int(budget/(flops*float64(draws))))
}
