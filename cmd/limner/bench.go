package main

import (
	"context"
	"fmt"
	"regexp"
	"runtime"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/limner-ai/limner/engine/cpu"
	"github.com/limner-ai/limner/engine/kernel/isa"
	"github.com/limner-ai/limner/internal/bench"
)

func newBench() *cobra.Command {
	var b benchmark
	c := &cobra.Command{
		Use:   "bench [PATTERN]",
		Short: "Time kernels and training steps beside the processor's peak, or beside PyTorch",
		Long: `Time kernels and training steps: the median, the floating-point operations of
matrix products and convolutions a second, their share of the processor's peak
measured in the same run, heap allocations, and memory. PATTERN picks cases by
a regular expression.

--against pytorch does the same training steps in PyTorch, taking turns in one
run, in both of its memory layouts, and compares with the faster one. It needs
a Python with torch (--python) and a checkout of Limner (--script).`,
		Example: "  limner bench\n  limner bench 'VAE|GAN' --profile\n  limner bench --against pytorch --python python3",
		Args:    args(0, 1, "at most a pattern"),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				b.pattern = args[0]
			}
			if b.against != "" && b.against != "pytorch" {
				return usagef("--against: want pytorch, not %q", b.against)
			}
			ctx, stop := interruptible(c.Context(), func() {})
			defer stop()
			return b.run(ctx, c)
		},
	}
	f := c.Flags()
	f.StringVar(&b.against, "against", "", "compare with: pytorch")
	f.StringVar(&b.python, "python", "python3", "a Python that has torch")
	f.StringVar(&b.script, "script", "internal/golden/bench.py", "the script that does the steps in PyTorch")
	f.IntVar(&b.threads, "threads", 0, "threads to use; 0: one a processor")
	f.IntVar(&b.turns, "turns", 7, "turns of each side against PyTorch")
	f.DurationVar(&b.budget, "time", time.Second, "about how long to run each case")
	f.BoolVar(&b.profile, "profile", false, "also list the dearest parts of each training step")
	f.BoolVar(&b.json, "json", false, "print JSON")
	return c
}

type benchmark struct {
	pattern, against, python, script string
	threads, turns                   int
	budget                           time.Duration
	profile, json                    bool
}

func (b *benchmark) run(ctx context.Context, c *cobra.Command) error {
	pattern, err := regexp.Compile(b.pattern)
	if err != nil {
		return usagef("the pattern %q: %w", b.pattern, err)
	}
	pool := cpu.NewPool(b.threads)
	defer pool.Close()
	peak := bench.Peak(pool.Threads())
	if !b.json {
		fmt.Fprintf(c.OutOrStdout(), "%s/%s, %s kernels, %d threads, peak %.0f GFLOP/s\n\n", runtime.GOOS, runtime.GOARCH, isa.Active(), pool.Threads(), peak)
	}
	var results []bench.Result
	var comparisons []bench.Comparison
	matched := false
	for _, k := range bench.Cases() {
		if !pattern.MatchString(k.Name) || b.against != "" && k.PyTorch == "" {
			continue
		}
		matched = true
		if err := ctx.Err(); err != nil {
			return err
		}
		it, err := k.Load(pool)
		if err != nil {
			return fmt.Errorf("%s: %w", k.Name, err)
		}
		if b.against != "" {
			fmt.Fprintf(c.ErrOrStderr(), "%s…\n", k.Name)
			x, err := bench.Compare(ctx, k, it, b.python, b.script, pool.Threads(), b.turns)
			if err != nil {
				return fmt.Errorf("%s: %w", k.Name, err)
			}
			comparisons = append(comparisons, x)
			continue
		}
		r, err := bench.Measure(k.Name, it, peak, b.budget)
		if err != nil {
			return fmt.Errorf("%s: %w", k.Name, err)
		}
		results = append(results, r)
		if !b.json {
			b.print(c, r, it)
		}
	}
	switch {
	case !matched:
		return usagef("no case matches %q", b.pattern)
	case b.json:
		return writeJSON(c.OutOrStdout(), map[string]any{"peak_gflops": peak, "isa": isa.Active().String(),
			"threads": pool.Threads(), "results": results, "against": comparisons})
	case b.against != "":
		return compare(c, comparisons)
	}
	return nil
}

func (b *benchmark) print(c *cobra.Command, r bench.Result, it *bench.Iteration) {
	out := c.OutOrStdout()
	fmt.Fprintf(out, "%-58s %9.3f ms", r.Name, 1e3*r.Seconds)
	if r.FLOPs > 0 {
		fmt.Fprintf(out, " %7.1f GFLOP/s %4.0f%% of peak", r.GFLOPS, 100*r.Peak)
	} else {
		fmt.Fprintf(out, "%31s", "")
	}
	fmt.Fprintf(out, " %3d allocs %6.0f MiB\n", r.Allocations, float64(r.Memory)/(1<<20))
	if !b.profile || r.FLOPs == 0 {
		return
	}
	for i, h := range it.Profile(3) {
		if i == 12 {
			break
		}
		fmt.Fprintf(out, "    %9.3f ms %7.1f GFLOP/s  %d× %s\n", 1e3*h.Time.Seconds(), float64(h.FLOPs)/h.Time.Seconds()/1e9, h.Count, h.Name)
	}
}

func compare(c *cobra.Command, rows []bench.Comparison) error {
	w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "step\tLimner ms\tPyTorch ms\tratio\tLimner MiB\tPyTorch MiB\tPyTorch")
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%.1f\t%.1f\t%.2f\t%.0f\t%.0f\t%s %s\n", r.Name, 1e3*r.Limner, 1e3*r.PyTorch, r.Ratio,
			float64(r.Memory)/(1<<20), r.RSS, r.Torch, r.Layout)
	}
	return w.Flush()
}
