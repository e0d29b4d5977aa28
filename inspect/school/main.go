// School fits the inspectors' learned parts and measures them.
//
//	go run ./inspect/school list
//	go run ./inspect/school fit blur --set data/emoji-64-set
//	go run ./inspect/school table blur --set data/emoji-64-set
//	go run ./inspect/school sheet melt,tiles -o sheet.png --set data/emoji-64-set
//
// Clean pictures come from a frozen set; faults are put into them by package
// corrupt, or drawn by a lesson of its own.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/spf13/cobra"

	"github.com/limner-ai/limner/inspect/school/blur"
	"github.com/limner-ai/limner/inspect/school/hands"
	"github.com/limner-ai/limner/inspect/school/jumble"
	"github.com/limner-ai/limner/inspect/school/lesson"
	"github.com/limner-ai/limner/inspect/school/light"
	"github.com/limner-ai/limner/inspect/school/texture"
)

// lessons lists the inspectors that learn.
var lessons = []lesson.Lesson{blur.Lesson, jumble.Lesson, hands.Lesson, light.Lesson, texture.Lesson}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := command().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "school:", err)
		os.Exit(1)
	}
}

func command() *cobra.Command {
	d := &lesson.Desk{Out: os.Stdout, Progress: os.Stderr}
	c := &cobra.Command{Use: "school", Short: "Fit the inspectors' learned parts and measure them", SilenceErrors: true, SilenceUsage: true}
	f := c.PersistentFlags()
	f.StringVar(&d.Set, "set", "data/emoji-64-set", "folder of the frozen set that has the clean pictures")
	f.StringVar(&d.Root, "root", ".", "folder of the repository, where what was learnt is written")
	f.IntVarP(&d.N, "n", "n", 0, "clean pictures to take at most; 0: the lesson's own number")
	f.Uint64Var(&d.Seed, "seed", 1, "seed of the faults")
	f.StringSliceVar(&d.Only, "only", nil, "parts of the lesson alone")
	c.AddCommand(
		&cobra.Command{Use: "list", Short: "List the lessons", Args: cobra.NoArgs, Run: func(*cobra.Command, []string) {
			for _, l := range lessons {
				fmt.Fprintf(d.Out, "%-10s %s\n", l.Name, l.Summary)
			}
		}},
		part("fit", "Fit what an inspector learns", d, func(l lesson.Lesson) func(context.Context, *lesson.Desk) error { return l.Fit }),
		part("table", "Measure an inspector on held-out pictures", d, func(l lesson.Lesson) func(context.Context, *lesson.Desk) error { return l.Table }),
		sheet(d),
	)
	return c
}

func part(name, short string, d *lesson.Desk, of func(lesson.Lesson) func(context.Context, *lesson.Desk) error) *cobra.Command {
	return &cobra.Command{Use: name + " LESSON", Short: short, Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, given []string) error {
		for _, l := range lessons {
			if l.Name == given[0] {
				if do := of(l); do != nil {
					return do(c.Context(), d)
				}
				return fmt.Errorf("%s has nothing to %s", l.Name, name)
			}
		}
		return fmt.Errorf("there is no lesson %q; see school list", given[0])
	}}
}
