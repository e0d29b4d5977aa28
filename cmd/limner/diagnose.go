package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/limner-ai/limner/dataset"
	"github.com/limner-ai/limner/dataset/frozen"
	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/diagnose"
	"github.com/limner-ai/limner/evaluate"
	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/inspect/all"
)

// diagnoseFlags are those of limner inspect --model.
type diagnoseFlags struct {
	model, data, list   string
	n, steps, trainings int
	seed                uint64
	changed             func(string) bool
}

func (o *diagnoseFlags) register(f *pflag.FlagSet) {
	f.StringVar(&o.model, "model", "", "inspect what a model makes: a model file, folder of a run, or name of a model")
	f.StringVar(&o.data, "data", "", "with --model: where its training set lies now")
	f.StringVar(&o.list, "prompts", "", "with --model: file with a prompt a line, instead of captions of the set; - for standard input")
	f.IntVarP(&o.n, "n", "n", 200, "with --model: pictures to make")
	f.IntVar(&o.trainings, "training", 400, "with --model: training pictures to inspect, to compare; what was found is kept")
	f.IntVar(&o.steps, "steps", 0, "with --model: steps of its sampler (default as many as its maker chose)")
	f.Uint64Var(&o.seed, "seed", 1, "with --model: seed of pictures and prompts")
}

func (o *diagnoseFlags) check(changed func(string) bool, out string) error {
	for _, name := range []string{"data", "prompts", "n", "training", "steps", "seed"} {
		if changed(name) && !changed("model") {
			return usagef("--%s goes with --model", name)
		}
	}
	switch {
	case o.n < 1:
		return usagef("-n %d: want at least 1 picture", o.n)
	case o.trainings < 0 || o.steps < 0:
		return usagef("--training and --steps are not negative")
	case changed("strict") && changed("model"):
		return usagef("--strict is for pictures")
	}
	return nil
}

func (o *diagnoseFlags) run(c *cobra.Command, panel *all.Panel, threads int) (*diagnose.Report, error) {
	g, err := openGenerator(o.model, threads)
	if err != nil {
		return nil, err
	}
	defer g.Close()
	opt := diagnose.Options{N: o.n, Seed: o.seed, Steps: o.steps, Training: o.trainings, Cache: filepath.Join(home(), "inspected")}
	if o.list != "" {
		if opt.Prompts, err = readPrompts(o.list, c.InOrStdin()); err != nil {
			return nil, err
		}
	}
	ctx, stop := interruptible(c.Context(), func() { fmt.Fprintln(c.ErrOrStderr(), "\nstopping") })
	defer stop()
	set, root, err := o.set(ctx, g)
	if err != nil {
		return nil, err
	}
	opt.Root = root
	if closer, ok := set.(io.Closer); ok {
		defer closer.Close()
	}
	line := &meter{w: c.ErrOrStderr(), terminal: isTerminal(c.ErrOrStderr())}
	defer line.end()
	opt.Progress = func(stage string, done, of int) {
		line.show(evaluate.Progress{Stage: stage, Done: done, Total: of})
	}
	return diagnose.Run(ctx, g, set, panel, opt)
}

// set opens the model's training set, with the root that names it. One that is not
// where the model says is done without; one that was named is not.
func (o *diagnoseFlags) set(ctx context.Context, g *generate.Generator) (picture.Set, string, error) {
	var src picture.Source
	if o.data != "" {
		var err error
		if src, err = relocated(g.Model, o.data); err != nil {
			return nil, "", err
		}
	} else if err := json.Unmarshal(g.Manifest.Data.Source, &src); err != nil || src.Kind == "" {
		return nil, "", nil
	}
	src.Channels, src.MemoryMB = g.Manifest.Pictures.Channels, 1 // pictures are decoded as they are read
	set, err := dataset.Open(src)
	if err != nil {
		if o.data == "" {
			return nil, "", nil
		}
		return nil, "", err
	}
	if f, ok := set.(*frozen.Set); ok {
		return set, f.Manifest().Root.Root.String(), nil
	}
	root, err := picture.Digest(ctx, set)
	return set, root.String(), err
}
