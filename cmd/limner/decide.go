package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/limner-ai/limner/curate/fingerprint"
	homes "github.com/limner-ai/limner/internal/home"
	"github.com/limner-ai/limner/rights"
	"github.com/limner-ai/limner/rights/ledger"
)

// ask are the flags of what a copy is to be used for.
type ask struct{ purpose, territory, at string }

func (a *ask) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&a.purpose, "purpose", "train", "a purpose of the policy: train, evaluate")
	f.StringVar(&a.territory, "territory", "", "ISO 3166 code of the place of use (default: everywhere)")
	f.StringVar(&a.at, "at", "", "day to decide for, as 2026-11-24 (default: now)")
}

func (a *ask) request(p *rights.Policy) (rights.Request, error) {
	q := rights.Request{Purpose: a.purpose, Territory: a.territory, At: time.Now().UTC()}
	if _, ok := p.Purposes[a.purpose]; !ok {
		return q, usagef("the policy has no purpose %q; it has %s", a.purpose, strings.Join(sorted(p.Purposes), ", "))
	}
	if a.at != "" {
		at, err := time.Parse(time.DateOnly, a.at)
		if err != nil {
			return q, usagef("--at wants a day, as 2026-11-24, and not %q", a.at)
		}
		q.At = at
	}
	return q, nil
}

func newRightsShow() *cobra.Command {
	var asJSON bool
	var a ask
	c := &cobra.Command{
		Use:   "show FILE|DIGEST",
		Short: "Show all that is recorded about a picture, and the decision on it",
		Args:  args(1, 1, "a picture file, or the SHA-256 of one"),
		RunE: func(c *cobra.Command, args []string) error {
			p, err := homes.Find().Policy()
			if err != nil {
				return err
			}
			q, err := a.request(p)
			if err != nil {
				return err
			}
			content, err := contentOf(args[0])
			if err != nil {
				return err
			}
			l, err := readLedger()
			if err != nil {
				return err
			}
			defer l.Close()
			f, err := rights.Gather(c.Context(), l, content)
			if err != nil {
				return err
			}
			r := rights.Decide(f, q, p)
			if asJSON {
				return writeJSON(c.OutOrStdout(), struct {
					Facts  rights.Facts  `json:"facts"`
					Ruling rights.Ruling `json:"ruling"`
				}{f, r})
			}
			printFacts(c.OutOrStdout(), f, r)
			return nil
		},
	}
	a.flags(c)
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return c
}

// contentOf gives the digest of a file, or the one that is written.
func contentOf(arg string) (ledger.Digest, error) {
	digits := strings.TrimPrefix(arg, "sha256:")
	if d, err := ledger.ParseDigest(digits); err == nil {
		if _, err := os.Stat(arg); err != nil {
			return d, nil
		}
	}
	file, err := readWhole(arg)
	return ledger.Digest(fingerprint.Exact(file)), err
}

func printFacts(w io.Writer, f rights.Facts, r rights.Ruling) {
	fmt.Fprintf(w, "%s\n", f.Content)
	for _, p := range f.Places {
		fmt.Fprintf(w, "  from %s: %s, by %s, recorded %s (event %d)\n", p.Source.ID, p.Path, cmp.Or(p.Basis, "ground not known"), p.Recorded.Format(time.DateTime), p.Event)
	}
	for _, s := range f.Statements {
		flag := ""
		if s.Flag != "" {
			flag = "; " + s.Flag
		}
		words := clipped(s.Written, 100)
		if s.Expression != "" {
			words = s.Expression
		}
		fmt.Fprintf(w, "  %s, %s: %s (%s, source %s, event %d%s)\n", s.Scope, s.Form, words, s.Where, s.Source, s.Event, flag)
	}
	for _, s := range f.Reservations {
		fmt.Fprintf(w, "  signal %s: %s (%s, event %d)\n", s.Protocol, s.Value, s.Where, s.Event)
	}
	for _, a := range f.Agreements {
		fmt.Fprintf(w, "  agreement %s, %s, for %s (event %d)\n", a.ID, a.State, strings.Join(a.Purposes, ", "), a.Event)
	}
	for _, x := range f.Claims {
		fmt.Fprintf(w, "  claim %s: %s (event %d)\n", x.ID, x.Standing, x.Event)
	}
	for _, d := range f.Databases {
		fmt.Fprintf(w, "  taken from %s: %d files in %d takings\n", strings.Join(d.Sources, ", "), d.Taken.Copies, d.Taken.Takings)
	}
	fmt.Fprintf(w, "%s\n", r.Outcome)
	for _, x := range r.Reasons {
		fmt.Fprintf(w, "  %s: %s\n", x.Code, x.Text)
	}
	if !r.Expires.IsZero() {
		fmt.Fprintf(w, "  until %s\n", r.Expires.Format(time.DateTime))
	}
	fmt.Fprintf(w, "  by %s\n", r.Ruleset)
}

// clipped is a text in one line of at most n characters.
func clipped(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

// tally counts the copies that one set of reasons decides.
type tally struct {
	Outcome  rights.Outcome `json:"outcome"`
	Codes    []rights.Code  `json:"codes"`
	Copies   int64          `json:"copies"`
	Examples []example      `json:"examples"`
}

type example struct {
	Content ledger.Digest   `json:"content"`
	Source  string          `json:"source"`
	Path    string          `json:"path"`
	Reasons []rights.Reason `json:"reasons"`
}

func newRightsDecide() *cobra.Command {
	var a ask
	var sources []string
	var asJSON, record bool
	var examples int
	c := &cobra.Command{
		Use:   "decide",
		Short: "Decide on all copies, and count the outcomes by their reasons",
		Long: `Decide on all copies, and count the outcomes by their reasons. Each copy is
decided by all that any source says of it. With --record the decisions enter the
ledger; freezing a data set decides and records anew anyhow.`,
		Example: "  limner rights decide --source emoji\n  limner rights decide --purpose evaluate --territory DE --json",
		Args:    args(0, 0, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error {
			p, err := homes.Find().Policy()
			if err != nil {
				return err
			}
			q, err := a.request(p)
			if err != nil {
				return err
			}
			open := readLedger
			if record {
				open = openLedger
			}
			l, err := open()
			if err != nil {
				return err
			}
			defer l.Close()
			tallies, err := decideAll(c.Context(), l, q, p, sources, examples, record)
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(c.OutOrStdout(), struct {
					Ruleset string   `json:"ruleset"`
					Tallies []*tally `json:"outcomes"`
				}{p.Ruleset(), tallies})
			}
			return printTallies(c.OutOrStdout(), tallies)
		},
	}
	a.flags(c)
	f := c.Flags()
	f.StringArrayVar(&sources, "source", nil, "only copies of this source (may be repeated)")
	f.IntVar(&examples, "examples", 3, "copies to show for each line")
	f.BoolVar(&record, "record", false, "enter the decisions into the ledger")
	f.BoolVar(&asJSON, "json", false, "as JSON")
	return c
}

// recordBatch is how many decisions are recorded together.
const recordBatch = 1000

func decideAll(ctx context.Context, l *ledger.Ledger, q rights.Request, p *rights.Policy, sources []string, examples int, record bool) ([]*tally, error) {
	reader, err := rights.NewReader(ctx, l)
	if err != nil {
		return nil, err
	}
	by := map[string]*tally{}
	batch := &ledger.Batch{Actor: homes.Actor()}
	flush := func() error {
		if batch.Len() == 0 {
			return nil
		}
		_, err := l.Append(ctx, batch)
		batch = &ledger.Batch{Actor: batch.Actor}
		return err
	}
	for f, err := range reader.All(ctx, sources...) {
		if err != nil {
			return nil, err
		}
		r := rights.Decide(f, q, p)
		codes := codesOf(r)
		key := fmt.Sprint(r.Outcome, codes)
		t := by[key]
		if t == nil {
			t = &tally{Outcome: r.Outcome, Codes: codes, Examples: []example{}}
			by[key] = t
		}
		t.Copies++
		if len(t.Examples) < examples {
			t.Examples = append(t.Examples, example{f.Content, f.Copy.Source, f.Copy.Path, r.Reasons})
		}
		if record {
			batch.Add(r.Decision(), r.Evidence()...)
			if batch.Len() >= recordBatch {
				if err := flush(); err != nil {
					return nil, err
				}
			}
		}
	}
	out := []*tally{}
	for _, key := range sorted(by) {
		out = append(out, by[key])
	}
	slices.SortStableFunc(out, func(a, b *tally) int {
		return cmp.Or(cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(b.Copies, a.Copies))
	})
	return out, flush()
}

// codesOf lists the codes of a ruling, each once.
func codesOf(r rights.Ruling) []rights.Code {
	var out []rights.Code
	for _, x := range r.Reasons {
		if !slices.Contains(out, x.Code) {
			out = append(out, x.Code)
		}
	}
	return out
}

func printTallies(out io.Writer, tallies []*tally) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "outcome\tcopies\treasons")
	for _, t := range tallies {
		var codes []string
		for _, c := range t.Codes {
			codes = append(codes, string(c))
		}
		fmt.Fprintf(w, "%s\t%d\t%s\n", t.Outcome, t.Copies, strings.Join(codes, " "))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, t := range tallies {
		for _, e := range t.Examples {
			fmt.Fprintf(out, "\n%s %s %s\n  %s\n", t.Outcome, e.Source, e.Path, e.Content)
			for _, r := range e.Reasons {
				fmt.Fprintf(out, "  %s: %s\n", r.Code, r.Text)
			}
		}
	}
	return nil
}
