package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/limner-ai/limner/dataset/frozen"
	homes "github.com/limner-ai/limner/internal/home"
	"github.com/limner-ai/limner/model/trained"
)

// freezeFlags are those of the command line.
type freezeFlags struct {
	out, name, replaces, purpose, territory, publisher, url string
}

func newDatasetFreeze() *cobra.Command {
	var o freezeFlags
	c := &cobra.Command{
		Use:   "freeze CURATED -o FOLDER",
		Short: "Freeze a curated set: decide on every picture anew, and write what does not change",
		Long: `Freeze a curated set: decide on every picture anew, and write what does not
change any more: shards, index, contents, attribution and description, and the
Merkle root that names the set. The decisions and the set enter the ledger.

A freezing that was killed is taken up by the same command. To take out pictures
whose claim was upheld, freeze the same curated folder again, into a new folder,
with --replaces: the old set stays as it is, for audit.`,
		Example: "  limner dataset freeze curated/emoji-64 -o sets/emoji-64\n" +
			"  limner dataset freeze curated/emoji-64 -o sets/emoji-64-b --replaces sets/emoji-64",
		Args: args(1, 1, "the folder of a curated set"),
		RunE: func(c *cobra.Command, args []string) error {
			if o.out == "" {
				return usagef("-o is missing: the folder of the new set")
			}
			return o.run(c, args[0])
		},
	}
	f := c.Flags()
	f.StringVarP(&o.out, "output", "o", "", "folder of the new set")
	f.StringVar(&o.name, "name", "", "name of the set (default: that of the folder)")
	f.StringVar(&o.replaces, "replaces", "", "folder of the set that this one replaces")
	f.StringVar(&o.purpose, "purpose", "train", "purpose to decide for")
	f.StringVar(&o.territory, "territory", "", "ISO 3166 code of the place of use (default: everywhere)")
	f.StringVar(&o.publisher, "publisher", "", "who publishes the set, for its description")
	f.StringVar(&o.url, "url", "", "where it is published, for its description")
	return c
}

func (o *freezeFlags) run(c *cobra.Command, curated string) error {
	ctx, stop := interruptible(c.Context(), func() {
		fmt.Fprintln(c.ErrOrStderr(), "\nstopping; run the same command to go on")
	})
	defer stop()
	l, err := homes.Find().WriteLedger()
	if err != nil {
		return err
	}
	defer l.Close()
	desk, err := homes.Find().Desk(ctx, l, o.purpose, o.territory)
	if err != nil {
		return err
	}
	in := frozen.Input{
		Name: o.name, Curated: curated, Purpose: o.purpose, Territory: o.territory, Picture: homes.Find().Objects().Get,
		Decide: desk.Decide, Record: desk.Record, Code: trained.CodeVersion(), Publisher: o.publisher, URL: o.url,
		Progress: stageLine(c.ErrOrStderr(), isTerminal(c.ErrOrStderr())),
	}
	if o.replaces != "" {
		old, err := frozen.ReadManifest(o.replaces)
		if err != nil {
			return err
		}
		in.Replaces = old.Root
		if in.Name == "" {
			in.Name = old.Name
		}
	}
	m, err := frozen.Run(ctx, in, filepath.Clean(o.out))
	if err != nil {
		return err
	}
	for _, why := range sorted(m.LeftOut) {
		fmt.Fprintf(c.ErrOrStderr(), "left out: %s %d\n", why, m.LeftOut[why])
	}
	fmt.Fprintf(c.ErrOrStderr(), "%d pictures to train on, %d held out; name of the set:\n", m.Splits["train"], m.Splits["test"])
	fmt.Fprintln(c.OutOrStdout(), m.Root)
	return nil
}
