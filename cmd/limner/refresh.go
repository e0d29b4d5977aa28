package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/rights/claim"
	"github.com/limner-ai/limner/rights/intake"
	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/source"
)

func newSourceRefresh() *cobra.Command {
	var all, asJSON bool
	var place string
	c := &cobra.Command{
		Use:   "refresh SOURCE...",
		Short: "Take in what sources have, or what is new in them",
		Long: `Take in what sources have, or what is new in them: their files are stored, and
what the files and the sources say about rights is recorded in the ledger. What
is recorded already is passed over, so a refresh that was stopped or killed is
taken up by the same command.`,
		Example: "  limner source refresh fluent\n  limner source refresh --all",
		Args:    args(0, 1<<10, "names of sources"),
		RunE: func(c *cobra.Command, names []string) error {
			if all == (len(names) > 0) {
				return usagef("name the sources, or say --all")
			}
			return refresh(c, names, place, asJSON)
		},
	}
	c.Flags().BoolVar(&all, "all", false, "all sources of the catalogue")
	c.Flags().StringVar(&place, "place", "", "where this machine stands, for the record: an ISO 3166 code")
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return c
}

func refresh(c *cobra.Command, names []string, place string, asJSON bool) error {
	var chosen []entry
	if len(names) == 0 {
		var err error
		if chosen, err = entries(); err != nil {
			return err
		}
	}
	for _, n := range names {
		e, err := findEntry(n)
		if err != nil {
			return err
		}
		chosen = append(chosen, e)
	}
	ctx, stop := interruptible(c.Context(), func() {
		fmt.Fprintln(c.ErrOrStderr(), "\nstopping; what was taken is kept, and the same command goes on")
	})
	defer stop()
	l, err := openLedger()
	if err != nil {
		return err
	}
	defer l.Close()
	results := map[string]intake.Result{}
	for _, e := range chosen {
		r, err := take(ctx, c.ErrOrStderr(), l, e, place)
		if err != nil {
			return err
		}
		results[e.ID] = r
	}
	more, err := claim.Extend(ctx, l, "limner "+trained.CodeVersion())
	if err != nil {
		return err
	}
	for _, id := range sorted(more) {
		fmt.Fprintf(c.ErrOrStderr(), "%d new copies are held for the claim %s\n", more[id], id)
	}
	if asJSON {
		return writeJSON(c.OutOrStdout(), results)
	}
	w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "source\tfiles\tnew\tchanged\tunchanged\tno picture\tblocked\trefused")
	for _, id := range sorted(results) {
		r := results[id]
		var refused []string
		for why, n := range r.Refused {
			refused = append(refused, fmt.Sprintf("%d %s", n, why))
		}
		slices.Sort(refused)
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%s\n", id, r.Items, r.New, r.Changed, r.Unchanged, r.Undecodable, r.Blocked, strings.Join(refused, ", "))
	}
	return w.Flush()
}

const refusalsShown = 10

// take takes in one source.
func take(ctx context.Context, out io.Writer, l *ledger.Ledger, e entry, place string) (intake.Result, error) {
	src, err := e.open(ctx, teller(out))
	if err != nil {
		return intake.Result{}, err
	}
	line := stageLine(out, isTerminal(out))
	shown := 0
	r, err := intake.Run(ctx, src, e.ID, l, objects.Open(filepath.Join(home(), "objects")), intake.Options{
		Actor: "limner " + trained.CodeVersion(), Place: place,
		Progress: func(p intake.Progress) { line(e.ID, int(p.Items), int(p.Works)) },
		Refused: func(x *source.Refused) {
			if shown++; shown <= refusalsShown {
				fmt.Fprintf(out, "refused: %s\n", oneLine(x))
			}
		},
	})
	if shown > refusalsShown {
		fmt.Fprintf(out, "refused: %d more\n", shown-refusalsShown)
	}
	if errors.Is(err, context.Canceled) {
		return r, fmt.Errorf("stopped after %d files: %w", r.Items, err)
	}
	return r, err
}
