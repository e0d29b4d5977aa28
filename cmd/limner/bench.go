package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"runtime"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/limner-ai/limner/engine/cpu"
	"github.com/limner-ai/limner/engine/kernel/isa"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/internal/bench"
)

func newBench() *cobra.Command {
	var b benchmark
	var precision string
	c := &cobra.Command{
		Use:   "bench [NAME...]",
		Short: "Time kernels and the steps of models beside the processor's limits, or beside PyTorch",
		Long: `Time kernels and the training and sampling steps of models: the median, the
rate at which matrix products and convolutions compute (counted as direct sums)
or other passes move memory, its share of the processor's roof measured in the
same run (multiply-adds on registers, or copies), heap allocations, and memory.

Each NAME is a regular expression on the names of cases, which --list prints;
without one all are run. Further rows are run by name: stop/CASE is how long
the garbage collector waits for the threads while the case runs, and
scale/CASE compares several threads with one; without a NAME only for some.
sample/flow/STEPS is pictures from words, one alone and in batches, by a model
on noise or, with --model, a trained one; sample/flow/cold is the first picture
of a new process, from its start to the file.

--against pytorch does the same work in PyTorch, taking turns in one run, in
every way that may suit it (memory layouts, results allocated before, threads
of its libraries), and compares with the fastest. It needs a Python with torch
(--python) and a checkout of Limner (--script).`,
		Example: "  limner bench gemm conv/3x3\n  limner bench train --profile\n  limner bench stop/train scale/\n" +
			"  limner bench sample/flow\n  limner bench sample --model runs/words\n  limner bench --against pytorch --python python3 train",
		RunE: func(c *cobra.Command, args []string) error {
			b.names = args
			if b.against != "" && b.against != "pytorch" {
				return usagef("--against: want pytorch, not %q", b.against)
			}
			if err := b.precision.UnmarshalText([]byte(precision)); err != nil {
				return usagef("--precision: %w", err)
			}
			if b.against != "" && b.precision != tensor.Float32 {
				return usagef("--against compares float32 alone")
			}
			if b.against != "" && b.model != "" {
				return usagef("--model is for Limner alone, without --against")
			}
			ctx, stop := interruptible(c.Context(), func() {})
			defer stop()
			return b.run(ctx, c)
		},
	}
	f := c.Flags()
	f.StringVar(&b.model, "model", "", "time the sampling of this flow model alone: a model file, the folder of a run, or a name")
	f.StringVar(&b.against, "against", "", "compare with: pytorch")
	f.StringVar(&b.python, "python", "python3", "a Python that has torch")
	f.StringVar(&b.script, "script", "internal/golden/bench.py", "the script that does the work in PyTorch")
	f.IntVar(&b.threads, "threads", 0, "threads to use; 0: one a processor")
	f.IntVar(&b.turns, "turns", 7, "turns of each side against PyTorch, and of a process that is started")
	f.DurationVar(&b.budget, "time", time.Second, "about how long to run each case")
	f.StringVar(&precision, "precision", "float32", "of matrix products and convolutions: float32 or bfloat16")
	f.BoolVar(&b.profile, "profile", false, "also list the dearest parts of each step")
	f.BoolVar(&b.list, "list", false, "print the names of the cases and leave")
	f.BoolVar(&b.json, "json", false, "print JSON")
	f.BoolVar(&b.markdown, "markdown", false, "print tables in Markdown")
	c.AddCommand(newPhases())
	return c
}

type benchmark struct {
	names                         []string
	model                         string
	against, python, script       string
	threads, turns                int
	precision                     tensor.Precision
	budget                        time.Duration
	profile, list, json, markdown bool
}

// figures are all rows of a run.
type figures struct {
	ISA         string             `json:"isa"`
	Threads     int                `json:"threads"`
	Precision   tensor.Precision   `json:"precision"`
	Roof        bench.Roof         `json:"roof"`
	Results     []bench.Result     `json:"results,omitempty"`
	Comparisons []bench.Comparison `json:"against,omitempty"`
	Stops       []bench.Stop       `json:"stops,omitempty"`
	Scalings    []bench.Scaling    `json:"scalings,omitempty"`
	Paintings   []bench.Painting   `json:"paintings,omitempty"`
	Starts      []bench.Start      `json:"starts,omitempty"`
}

func (b *benchmark) run(ctx context.Context, c *cobra.Command) error {
	chosen, err := b.choose()
	if err != nil {
		return err
	}
	out := c.OutOrStdout()
	if b.list {
		for _, j := range chosen {
			fmt.Fprintln(out, j.name)
		}
		return nil
	}
	pool := cpu.NewPool(b.threads)
	defer pool.Close()
	all := figures{ISA: isa.Active().String(), Threads: pool.Threads(), Precision: b.precision, Roof: bench.MeasureRoof(pool.Threads())}
	against := bench.Against{Python: b.python, Script: b.script, Threads: pool.Threads(), Turns: b.turns, Roof: all.Roof}
	defer against.Close()
	painter := &flowModel{path: b.model, threads: b.threads}
	defer painter.close()
	for _, j := range chosen {
		fmt.Fprintf(c.ErrOrStderr(), "%s…\n", j.name)
		err = errors.Join(ctx.Err(), b.one(ctx, c, j, pool, &against, painter, &all))
		if err != nil {
			err = fmt.Errorf("%s: %w", j.name, err)
			break
		}
	}
	// What came before an interruption is shown all the same.
	if b.json {
		return errors.Join(err, writeJSON(out, all))
	}
	fmt.Fprintf(out, "%s/%s, %s kernels, %d threads, %s; roof %.0f GFLOP/s of float32, %.0f GB/s\n", runtime.GOOS, runtime.GOARCH,
		all.ISA, all.Threads, all.arithmetic(), all.Roof.GFLOPS, all.Roof.GBS)
	return errors.Join(err, b.print(out, &all))
}

// arithmetic says in what products are computed.
func (f *figures) arithmetic() string {
	if f.Precision == tensor.BFloat16 && !isa.BFloat16(isa.Active()) {
		return "operands rounded to bfloat16, which the processor does not multiply"
	}
	return f.Precision.String()
}

// job is a case, or a question about one.
type job struct {
	bench.Case
	name, kind string
	asked      bool // run only if it is named
	sampling
}

// scaled are the cases by which threads are judged.
var scaled = regexp.MustCompile(`^(gemm/1024.*/nn|conv/3x3/.*forward|elementwise/(exp|adam)|train/.*)$`)

// choose lists what the names stand for.
func (b *benchmark) choose() ([]job, error) {
	var all, stops, scales []job
	for _, k := range bench.Cases() {
		k.Options.Precision = b.precision
		all = append(all, job{Case: k, name: k.Name})
		stops = append(stops, job{Case: k, name: "stop/" + k.Name, kind: "stop", asked: !k.Step()})
		scales = append(scales, job{Case: k, name: "scale/" + k.Name, kind: "scale", asked: !scaled.MatchString(k.Name)})
	}
	switch {
	case b.model != "":
		all = b.modelJobs()
	case b.against == "":
		all = slices.Concat(all, b.modelJobs(), stops, scales)
	}
	var out []job
	for _, n := range b.names {
		re, err := regexp.Compile("^(?:" + n + ")")
		if err != nil {
			return nil, usagef("the name %q: %w", n, err)
		}
		found := false
		for _, j := range all {
			if re.MatchString(j.name) {
				found = true
				if !slices.ContainsFunc(out, func(o job) bool { return o.name == j.name }) {
					out = append(out, j)
				}
			}
		}
		if !found {
			return nil, usagef("no case matches %q; --list names them", n)
		}
	}
	if len(b.names) == 0 {
		return slices.DeleteFunc(all, func(j job) bool { return j.asked }), nil
	}
	return out, nil
}

func (b *benchmark) one(ctx context.Context, c *cobra.Command, j job, pool *cpu.Pool, against *bench.Against, painter *flowModel, all *figures) error {
	switch j.kind {
	case "scale":
		s, err := bench.Scale(j.Case, pool, b.budget)
		return keep(&all.Scalings, s, err)
	case "paint":
		s, err := painter.open()
		if err != nil {
			return err
		}
		p, err := bench.Paint(j.name, s, j.steps, j.guidance, b.budget)
		return keep(&all.Paintings, p, err)
	case "cold":
		s, err := b.cold(ctx, j, painter)
		return keep(&all.Starts, s, err)
	}
	it, err := j.Load(pool)
	if err != nil {
		return err
	}
	switch {
	case j.kind == "stop":
		s, err := bench.Stops(j.Name, it, b.budget)
		return keep(&all.Stops, s, err)
	case b.against != "":
		x, err := against.Compare(ctx, j.Case, it)
		return keep(&all.Comparisons, x, err)
	}
	r, err := bench.Measure(j.Name, it, all.Roof, b.budget)
	if err == nil && b.profile && j.Step() {
		b.hottest(c.ErrOrStderr(), it)
	}
	return keep(&all.Results, r, err)
}

// keep appends a row that was measured.
func keep[T any](rows *[]T, row T, err error) error {
	if err == nil {
		*rows = append(*rows, row)
	}
	return err
}

// hottest lists the dearest parts of a step.
func (b *benchmark) hottest(w io.Writer, it *bench.Iteration) {
	for i, h := range it.Profile(3) {
		if i == 12 {
			break
		}
		fmt.Fprintf(w, "    %9.3f ms %7.1f GFLOP/s  %d× %s\n", 1e3*h.Time.Seconds(), float64(h.FLOPs)/h.Time.Seconds()/1e9, h.Count, h.Name)
	}
}

func (b *benchmark) print(w io.Writer, all *figures) error {
	for _, t := range []bench.Table{bench.Results(all.Results), bench.Comparisons(all.Comparisons), bench.Pauses(all.Stops), bench.Scalings(all.Scalings),
		bench.Paintings(all.Paintings), bench.Starts(all.Starts)} {
		if len(t.Rows) == 0 {
			continue
		}
		fmt.Fprintln(w)
		show := t.Text
		if b.markdown {
			show = t.Markdown
		}
		if err := show(w); err != nil {
			return err
		}
	}
	return nil
}
