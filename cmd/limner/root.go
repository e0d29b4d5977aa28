package main

import (
	"encoding/json"
	"io"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/limner-ai/limner/internal/nearest"
	"github.com/limner-ai/limner/model/trained"
)

func newRoot() *cobra.Command {
	root := group("limner", "Train generators of pictures from scratch, and make pictures with them")
	root.Version = trained.CodeVersion()
	root.SetVersionTemplate("limner {{.Version}}\n")
	root.SilenceUsage, root.SilenceErrors = true, true
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usagef("%w; see %s --help", err, c.CommandPath())
	})
	root.AddCommand(newDemo(), newBench(), newTrain(), newGenerate(), newEvaluate(), newDataset(), newModel(), newSource(), newRights(), newCurate(), newRepair(), newInspect(), newServe(), newKeys(), newMarks(), newTrace())
	return root
}

// group is a command that only has others below it.
func group(use, short string) *cobra.Command {
	return &cobra.Command{
		Use:                use,
		Short:              short,
		DisableSuggestions: true,
		Args:               cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.Help()
			}
			var names []string
			for _, sub := range c.Commands() {
				names = append(names, sub.Name())
			}
			return usagef("unknown command %q%s; see %s --help", args[0], nearest.Hint(args[0], names), c.CommandPath())
		},
	}
}

// args checks the number of arguments and says what they are.
func args(least, most int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, given []string) error {
		switch {
		case len(given) < least:
			return usagef("%s wants %s; see %s --help", c.CommandPath(), what, c.CommandPath())
		case len(given) > most:
			return usagef("%s wants %s, and no %q; see %s --help", c.CommandPath(), what, given[most], c.CommandPath())
		}
		return nil
	}
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// sorted lists the keys of a map in order.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
