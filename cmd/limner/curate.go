package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/limner-ai/limner/curate"
	homes "github.com/limner-ai/limner/internal/home"
)

func newCurate() *cobra.Command {
	var out string
	var threads int
	var asJSON bool
	c := &cobra.Command{
		Use:   "curate RECIPE.yaml",
		Short: "Make a set of what was taken in, as a recipe says",
		Long: `Make a set of what was taken in, as a recipe says: pictures whose rights allow it
are decoded, measured, scaled to one size and captioned, near duplicates found,
and whole concepts held out. The folder (by default curated/NAME) gets the
entries, what was left out and why, and a page that shows what the set has much
of and little.

Ctrl-C stops, and so may a kill: the same command goes on where it was.`,
		Example: "  limner curate examples/emoji-64.yaml\n  limner dataset freeze curated/emoji-64 -o sets/emoji-64",
		Args:    args(1, 1, "a recipe"),
		RunE: func(c *cobra.Command, args []string) error {
			recipe, err := curate.ReadRecipe(args[0])
			if err != nil {
				return err
			}
			if out == "" {
				out = filepath.Join("curated", recipe.Name)
			}
			sum, err := makeSet(c, recipe, filepath.Clean(out), curate.Options{Dir: filepath.Dir(args[0]), Threads: threads})
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(c.OutOrStdout(), map[string]any{"folder": out, "page": filepath.Join(out, homes.CoveragePage), "summary": sum})
			}
			return printSet(c, sum, out)
		},
	}
	f := c.Flags()
	f.StringVarP(&out, "out", "o", "", "folder of the set (default curated/NAME)")
	f.IntVar(&threads, "threads", 0, "pictures to prepare at once; 0: one a processor")
	f.BoolVar(&asJSON, "json", false, "as JSON")
	return c
}

// makeSet curates, and writes the report on what came out.
func makeSet(c *cobra.Command, recipe curate.Recipe, out string, o curate.Options) (curate.Summary, error) {
	ctx, stop := interruptible(c.Context(), func() {
		fmt.Fprintln(c.ErrOrStderr(), "\nstopping; the same command goes on from here")
	})
	defer stop()
	o.Progress = curateLine(c.ErrOrStderr(), isTerminal(c.ErrOrStderr()))
	sum, err := homes.Find().Curate(ctx, recipe, out, o)
	if errors.Is(err, context.Canceled) {
		return sum, fmt.Errorf("stopped: %w", err)
	}
	return sum, err
}

// curateLine shows how far a curation is.
func curateLine(w io.Writer, terminal bool) func(curate.Progress) {
	var last time.Time
	return func(p curate.Progress) {
		line := fmt.Sprintf("%d", p.Done)
		if p.Total > 0 {
			line += fmt.Sprintf(" of %d", p.Total)
		}
		line += fmt.Sprintf(" copies, %.0f/s", p.Rate)
		if p.Reused > 0 {
			line += fmt.Sprintf(", %d done before", p.Reused)
		}
		if p.Left > 0 {
			line += fmt.Sprintf(", %s left", p.Left.Round(time.Second))
		}
		switch {
		case terminal:
			fmt.Fprintf(w, "\r\x1b[K%s", line)
			if p.Done == p.Total {
				fmt.Fprintln(w)
			}
		case time.Since(last) > 10*time.Second || p.Done == p.Total:
			last = time.Now()
			fmt.Fprintln(w, line)
		}
	}
}

func printSet(c *cobra.Command, s curate.Summary, out string) error {
	w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "pictures\t%d of %d copies\n", s.Pictures, s.Copies)
	fmt.Fprintf(w, "to train on\t%d\nheld out\t%d, %d of %d concepts\n", s.Train, s.Test, s.HeldOut, s.Concepts)
	for _, id := range sorted(s.Sources) {
		fmt.Fprintf(w, "from %s\t%d\n", id, s.Sources[id])
	}
	for _, why := range slices.Sorted(maps.Keys(s.Rejected)) {
		fmt.Fprintf(w, "left out: %s\t%d\n", why, s.Rejected[why])
	}
	fmt.Fprintf(w, "look alike\t%d, in %d clusters\n", s.InThem, s.Clusters)
	if s.Unknown > 0 {
		fmt.Fprintf(w, "unknown emoji\t%d\n", s.Unknown)
	}
	fmt.Fprintf(w, "entries\t%s\nwhat it covers\t%s\n", s.Entries, filepath.Join(out, homes.CoveragePage))
	return w.Flush()
}
