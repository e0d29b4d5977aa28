package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/limner-ai/limner/internal/atomicfile"
	homes "github.com/limner-ai/limner/internal/home"
	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/rights/claim"
	"github.com/limner-ai/limner/rights/intake"
	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/manifest"
	"github.com/limner-ai/limner/source/vendor"
)

func newSourceRefresh() *cobra.Command {
	var all, asJSON bool
	var place, report string
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
			if report == "" {
				return refresh(c, names, place, nil, asJSON)
			}
			return reported(report, func(refused func(*source.Refused)) error { return refresh(c, names, place, refused, asJSON) })
		},
	}
	c.Flags().BoolVar(&all, "all", false, "all sources of the catalogue")
	c.Flags().StringVar(&place, "place", "", "where this machine stands, for the record: an ISO 3166 code")
	c.Flags().StringVar(&report, "report", "", "CSV or JSON Lines file of all that was refused, such as to send back to a vendor")
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return c
}

// reported writes what a refresh refuses to a file, which appears when the
// refresh is whole.
func reported(path string, refresh func(refused func(*source.Refused)) error) error {
	form := manifest.CSV
	switch strings.ToLower(filepath.Ext(path)) {
	case ".csv":
	case ".jsonl":
		form = manifest.JSONL
	default:
		return usagef("--report %s: the file's name must end with .csv or .jsonl", path)
	}
	return atomicfile.Write(path, 0o644, func(w io.Writer) error {
		r, err := vendor.NewReport(w, form)
		if err != nil {
			return err
		}
		var failed error
		err = refresh(func(x *source.Refused) { failed = cmp.Or(failed, r.Add(x)) })
		return errors.Join(err, failed, r.Close())
	})
}

func refresh(c *cobra.Command, names []string, place string, refused func(*source.Refused), asJSON bool) error {
	var chosen []homes.Entry
	if len(names) == 0 {
		var err error
		if chosen, err = homes.Find().Sources(); err != nil {
			return err
		}
	}
	for _, n := range names {
		e, err := homes.Find().Source(n)
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
		r, err := take(ctx, c.ErrOrStderr(), l, e, place, refused)
		if err != nil {
			return err
		}
		results[e.ID] = r
	}
	more, err := claim.Extend(ctx, l, homes.Actor())
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
func take(ctx context.Context, out io.Writer, l *ledger.Ledger, e homes.Entry, place string, refused func(*source.Refused)) (intake.Result, error) {
	src, err := homes.Find().Open(ctx, e, teller(out))
	if err != nil {
		return intake.Result{}, err
	}
	line := stageLine(out, isTerminal(out))
	shown := 0
	r, err := intake.Run(ctx, src, e.ID, l, objects.Open(filepath.Join(home(), "objects")), intake.Options{
		Actor: homes.Actor(), Place: place,
		Progress: func(p intake.Progress) { line(e.ID, int(p.Items), int(p.Works)) },
		Refused: func(x *source.Refused) {
			if refused != nil {
				refused(x)
			}
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
