package main

import (
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/limner-ai/limner/studio/gate"
	"github.com/limner-ai/limner/studio/server"
)

func newKeys() *cobra.Command {
	c := group("keys", "Make and remove the API keys by which others may use the studio")
	c.AddCommand(newKeysAdd(), newKeysList(), newKeysRemove())
	return c
}

func keys() *gate.Keys { return gate.OpenKeys(server.KeysFolder(home())) }

func newKeysAdd() *cobra.Command {
	var limit string
	var limits gate.Key
	c := &cobra.Command{
		Use:   "add NAME",
		Short: "Make an API key and print it, once",
		Long: `Make an API key and print it, once: only its SHA-256 is kept. The name owns what
is made with the key; nobody else sees it.`,
		Example: "  limner keys add ann\n  limner keys add bot --rate 60/min --daily 1000",
		Args:    args(1, 1, "a name for the key"),
		RunE: func(c *cobra.Command, names []string) error {
			if limit != "" {
				var err error
				if limits.Rate, err = gate.ParseRate(limit); err != nil {
					return usagef("--rate: %w", err)
				}
			}
			secret, err := keys().Add(names[0], limits)
			if err != nil {
				return err
			}
			fmt.Fprintln(c.ErrOrStderr(), "this is the only time that the key is shown:")
			fmt.Fprintln(c.OutOrStdout(), secret)
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&limit, "rate", "", "requests for work in a time, as 60/min (default: no limit)")
	f.IntVar(&limits.Daily, "daily", 0, "pictures a day (default: no limit)")
	f.StringSliceVar(&limits.Work, "work", []string{"paint"}, "what may be asked for: paint, train, curate, refresh")
	return c
}

func newKeysList() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "list",
		Short: "List the API keys",
		Args:  args(0, 0, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error {
			list, err := keys().List()
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(c.OutOrStdout(), append([]gate.Key{}, list...))
			}
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "name\trate\tpictures a day\twork\tmade")
			for _, k := range list {
				daily := "any"
				if k.Daily > 0 {
					daily = strconv.Itoa(k.Daily)
				}
				rate := "any"
				if !k.Rate.IsZero() {
					rate = k.Rate.String()
				}
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", k.Name, rate, daily, strings.Join(k.Work, ","), k.Created.Format(time.DateOnly))
			}
			return w.Flush()
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return c
}

func newKeysRemove() *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove an API key; a server that runs heeds it at once",
		Args:  args(1, 1, "the name of a key"),
		RunE:  func(_ *cobra.Command, names []string) error { return keys().Remove(names[0]) },
	}
}
