package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/limner-ai/limner/dataset/report"
	"github.com/limner-ai/limner/internal/atomicfile"
	"github.com/limner-ai/limner/internal/nearest"
)

func newDatasetReport() *cobra.Command {
	var provider, out string
	var asJSON bool
	var names []string
	var lines []string
	for _, k := range report.Kinds() {
		names = append(names, k.Name)
		lines = append(lines, fmt.Sprintf("  %-7s %s", k.Name, k.Summary))
	}
	c := &cobra.Command{
		Use:   "report SET KIND",
		Short: "Render what the law asks to be published about a frozen set",
		Long: `Render what the law asks to be published about a frozen set, from the set and
the ledger. Kinds:

` + strings.Join(lines, "\n") + `

What only the provider knows is read from a YAML file (--provider); what is not
said there is listed as missing. The attribution and the Croissant description
lie in the set's folder.`,
		Example: "  limner dataset report sets/emoji ai-act --provider provider.yaml -o summary.html",
		Args:    args(2, 2, "a frozen set and a kind of report: "+strings.Join(names, " or ")),
		RunE: func(c *cobra.Command, args []string) error {
			make, err := reportKind(args[1], names)
			if err != nil {
				return err
			}
			var p report.Provider
			if provider != "" {
				if p, err = report.ReadProvider(provider); err != nil {
					return err
				}
			}
			l, err := ledgerIfAny()
			if err != nil {
				return err
			}
			if l != nil {
				defer l.Close()
			}
			facts, err := report.Gather(c.Context(), args[0], l)
			if err != nil {
				return err
			}
			d := make(facts, p, time.Now().UTC().Truncate(time.Second))
			if len(d.Missing) > 0 {
				fmt.Fprintf(c.ErrOrStderr(), "not complete: --provider's file should say %s\n", strings.Join(d.Missing, ", "))
			}
			if asJSON {
				return writeJSON(c.OutOrStdout(), d)
			}
			if out == "" {
				return d.HTML(c.OutOrStdout())
			}
			if err := atomicfile.Write(out, 0o644, func(w io.Writer) error { return d.HTML(w) }); err != nil {
				return err
			}
			fmt.Fprintln(c.OutOrStdout(), out)
			return nil
		},
	}
	c.Flags().StringVar(&provider, "provider", "", "YAML file of what only the provider knows")
	c.Flags().StringVarP(&out, "output", "o", "", "HTML file (default: standard output)")
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return c
}

func reportKind(name string, names []string) (func(report.Facts, report.Provider, time.Time) report.Document, error) {
	for _, k := range report.Kinds() {
		if k.Name == name {
			return k.Make, nil
		}
	}
	return nil, usagef("unknown report %q%s", name, nearest.Hint(name, names))
}
