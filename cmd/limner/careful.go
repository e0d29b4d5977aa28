package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/pflag"

	"github.com/limner-ai/limner/evaluate"
	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/inspect"
	"github.com/limner-ai/limner/inspect/all"
	"github.com/limner-ai/limner/repair"
)

// carefulFlags are those of what looks at pictures before it gives them.
type carefulFlags struct {
	best int
	by   []string
}

func (o *carefulFlags) register(f *pflag.FlagSet) {
	f.IntVar(&o.best, "best-of", 0, "make each picture so many times and keep the one with the least fault")
	f.StringSliceVar(&o.by, "by", nil, "inspectors that choose (default all: "+strings.Join(all.Names(), ", ")+")")
}

func (o *carefulFlags) check(used bool) error {
	switch {
	case o.best < 0 || o.best > 100:
		return usagef("--best-of %d: want 1 to 100", o.best)
	case len(o.by) > 0 && !used:
		return usagef("--by names the inspectors of --best-of and of repairs")
	}
	return nil
}

// panel opens inspectors, all if there are no names.
func panel(names []string, threads int) (*repair.Panel, error) {
	p, err := repair.NewPanel(all.Kinds, names, inspect.Env{Threads: threads})
	if errors.Is(err, inspect.ErrUnknown) {
		return nil, usagef("%w", err)
	}
	return p, err
}

// make makes the best of several.
func (o *carefulFlags) make(ctx context.Context, g *generate.Generator, q generate.Request, threads int, show func(evaluate.Progress)) (p *generate.Pictures, err error) {
	by, err := panel(o.by, threads)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, by.Close()) }()
	p, _, err = repair.Best(ctx, g, q, o.best, by, func(done, of int) {
		show(evaluate.Progress{Stage: "making and looking", Done: done, Total: of})
	})
	return p, err
}

// writeTally prints what a careful sampler counted.
func writeTally(out io.Writer, t repair.Tally) error {
	fmt.Fprintf(out, "\nfaults of %d pictures, the best of %d, %d repaired\n\n", t.Pictures, t.Best, t.Repaired)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "inspector\tchose\tjudged\tfaulty as they come\tfaulty as given\tmean probability")
	for _, f := range t.Faults {
		share := func(when int) string {
			if f.Judged[when] == 0 {
				return "none judged"
			}
			return fmt.Sprintf("%.1f %%", 100*float64(f.Faulty[when])/float64(f.Judged[when]))
		}
		chose := "no"
		if f.Chose {
			chose = "yes"
		}
		fmt.Fprintf(w, "%s\t%s\t%d, %d\t%s\t%s\t%.3f → %.3f\n", f.Inspector, chose, f.Judged[0], f.Judged[1], share(0), share(1), f.Probability[0], f.Probability[1])
	}
	return w.Flush()
}
