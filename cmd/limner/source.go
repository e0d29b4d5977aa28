package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	homes "github.com/limner-ai/limner/internal/home"
	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/kinds"
)

func newSource() *cobra.Command {
	c := group("source", "Take in pictures, with what their sources say about rights")
	c.AddCommand(newSourceKinds(), newSourceAdd(), newSourceList(), newSourceShow(), newSourceRefresh())
	return c
}

func newSourceKinds() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "kinds",
		Short: "List the kinds of sources",
		Args:  args(0, 0, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error {
			type kind struct {
				Name    string `json:"name"`
				Summary string `json:"summary"`
			}
			all := []kind{}
			for _, k := range kinds.All() {
				all = append(all, kind{k.Name, k.Summary})
			}
			if asJSON {
				return writeJSON(c.OutOrStdout(), all)
			}
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, k := range all {
				fmt.Fprintf(w, "%s\t%s\n", k.Name, k.Summary)
			}
			return w.Flush()
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return c
}

func newSourceAdd() *cobra.Command {
	var id, kind string
	var set []string
	var replace bool
	c := &cobra.Command{
		Use:   "add [FILE.yaml]",
		Short: "Add a source to the catalogue",
		Long: `Add a source to the catalogue, by a YAML file that describes it or by --kind and
--set. The file's keys are those of its kind, beside id and kind; relative paths
are relative to the file's folder. Nothing is taken in yet: that is for refresh.`,
		Example: "  limner source add emoji.yaml\n" +
			"  limner source add --id fluent --kind npm --set package=@lobehub/fluent-emoji-3d --set version=1.1.0",
		Args: args(0, 1, "one file"),
		RunE: func(c *cobra.Command, files []string) error {
			e, err := describedEntry(id, kind, files, set)
			if err != nil {
				return err
			}
			if _, err := homes.Find().Open(c.Context(), e, teller(c.ErrOrStderr())); err != nil {
				return err
			}
			if err := homes.Find().Save(e, replace); err != nil {
				return err
			}
			fmt.Fprintf(c.ErrOrStderr(), "added; take it in with: limner source refresh %s\n", e.ID)
			fmt.Fprintln(c.OutOrStdout(), e.ID)
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&id, "id", "", "name of the source in the catalogue (default: id in the file)")
	f.StringVar(&kind, "kind", "", "kind of source; see limner source kinds (default: kind in the file)")
	f.StringArrayVar(&set, "set", nil, "a key of the source, as key=value; the value is YAML")
	f.BoolVar(&replace, "replace", false, "replace a source of that name")
	return c
}

// describedEntry puts a source's description together.
func describedEntry(id, kind string, files, set []string) (homes.Entry, error) {
	var text []byte
	dir, err := os.Getwd()
	if err != nil {
		return homes.Entry{}, err
	}
	if len(files) == 0 && kind == "" {
		return homes.Entry{}, usagef("a file, or --kind with --set, is missing; see limner source add --help")
	}
	if len(files) > 0 {
		if text, err = os.ReadFile(files[0]); err != nil {
			return homes.Entry{}, err
		}
		if dir, err = filepath.Abs(filepath.Dir(files[0])); err != nil {
			return homes.Entry{}, err
		}
		text = append(text, '\n')
	}
	for _, s := range set {
		k, v, ok := strings.Cut(s, "=")
		if !ok || strings.ContainsAny(k, ": \n") || strings.Contains(v, "\n") {
			return homes.Entry{}, usagef("--set wants key=value, and not %q", s)
		}
		if strings.HasPrefix(v, "@") { // a package's name, which YAML would refuse
			v = fmt.Sprintf("%q", v)
		}
		text = fmt.Appendf(text, "%s: %s\n", k, v)
	}
	e, err := homes.NewEntry(id, kind, dir, text)
	if err != nil && len(files) > 0 {
		return e, fmt.Errorf("%s: %w", files[0], err)
	}
	return e, err
}

// teller prints what a source tells of its work.
func teller(w io.Writer) func(string) {
	return func(line string) { fmt.Fprintln(w, line) }
}

// inCatalogue is a source as list and show have it.
type inCatalogue struct {
	homes.Entry
	Copies int64     `json:"copies"` // taken over all time
	Bytes  int64     `json:"bytes"`
	Last   time.Time `json:"last,omitzero"` // taking
}

func newSourceList() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List the sources of the catalogue",
		Args:  args(0, 0, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error {
			all, err := homes.Find().Sources()
			if err != nil {
				return err
			}
			l, err := ledgerIfAny()
			if err != nil {
				return err
			}
			if l != nil {
				defer l.Close()
			}
			out := []inCatalogue{}
			for _, e := range all {
				x, err := takenFrom(c.Context(), l, e)
				if err != nil {
					return err
				}
				out = append(out, x)
			}
			if asJSON {
				return writeJSON(c.OutOrStdout(), out)
			}
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "source\tkind\ttaken\tbytes\tlast taking")
			for _, x := range out {
				last := "never"
				if !x.Last.IsZero() {
					last = x.Last.Format(time.DateTime)
				}
				fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%s\n", x.ID, x.Kind, x.Copies, x.Bytes, last)
			}
			return w.Flush()
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return c
}

func takenFrom(ctx context.Context, l *ledger.Ledger, e homes.Entry) (inCatalogue, error) {
	x := inCatalogue{Entry: e}
	if l == nil {
		return x, nil
	}
	t, err := l.Extracted(ctx, e.ID, time.Time{}, time.Time{})
	if err != nil {
		return x, err
	}
	x.Copies, x.Bytes = t.Copies, t.Bytes
	q := ledger.Query{Subject: ledger.Ref(ledger.KindSource, e.ID), Kinds: []ledger.Kind{ledger.KindExtraction}, Newest: true, Limit: 1}
	for ev, err := range l.Events(ctx, q) {
		if err != nil {
			return x, err
		}
		x.Last = ev.Time
	}
	return x, nil
}

func newSourceShow() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "show SOURCE",
		Short: "Show what a source says about itself and its rights",
		Args:  args(1, 1, "the name of a source"),
		RunE: func(c *cobra.Command, args []string) error {
			e, err := homes.Find().Source(args[0])
			if err != nil {
				return err
			}
			src, err := homes.Find().Open(c.Context(), e, teller(c.ErrOrStderr()))
			if err != nil {
				return err
			}
			about, err := src.About(c.Context())
			if err != nil {
				return err
			}
			for i := range about.Statements {
				about.Statements[i].Evidence = nil // bytes
			}
			if about.Agreement != nil {
				about.Agreement.Document = nil
			}
			l, err := ledgerIfAny()
			if err != nil {
				return err
			}
			if l != nil {
				defer l.Close()
			}
			x, err := takenFrom(c.Context(), l, e)
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(c.OutOrStdout(), struct {
					inCatalogue
					About source.About `json:"about"`
				}{x, about})
			}
			return printAbout(c.OutOrStdout(), x, about)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return c
}

func printAbout(out io.Writer, x inCatalogue, a source.About) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, row := range [][2]string{{"source", x.ID}, {"kind", x.Kind}, {"type", string(a.Type)}, {"name", a.Name}, {"location", a.Location},
		{"version", a.Version}, {"access by", a.Basis}, {"maker", a.Maker}, {"taken", fmt.Sprintf("%d files, %d bytes", x.Copies, x.Bytes)}} {
		if row[1] != "" {
			fmt.Fprintf(w, "%s\t%s\n", row[0], row[1])
		}
	}
	if g := a.Agreement; g != nil {
		fmt.Fprintf(w, "agreement\t%s: %s, for %s\n", g.ID, strings.Join(g.Parties, " and "), strings.Join(g.Purposes, ", "))
	}
	for _, s := range a.Statements {
		words := strings.Join(strings.Fields(s.Written), " ")
		if r := []rune(words); len(r) > 80 {
			words = string(r[:80]) + "…"
		}
		fmt.Fprintf(w, "%s\t%s: %s\n", s.Form, s.Where, words)
	}
	return w.Flush()
}
