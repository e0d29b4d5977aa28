package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/limner-ai/limner/dataset/clearance"
	"github.com/limner-ai/limner/dataset/frozen"
	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/rights"
	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/train"
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
	l, err := ledger.Open(filepath.Join(home(), "ledger"))
	if errors.Is(err, fs.ErrNotExist) {
		err = errNoLedger
	}
	if err != nil {
		return err
	}
	defer l.Close()
	desk, err := openDesk(ctx, l, o.purpose, o.territory)
	if err != nil {
		return err
	}
	in := frozen.Input{
		Name: o.name, Curated: curated, Purpose: o.purpose, Territory: o.territory, Picture: objects.Open(filepath.Join(home(), "objects")).Get,
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

// openDesk decides by the policy of the home folder, or the built-in one.
func openDesk(ctx context.Context, l *ledger.Ledger, purpose, territory string) (*clearance.Desk, error) {
	p, err := policy()
	if err != nil {
		return nil, err
	}
	ask := rights.Request{Purpose: purpose, Territory: territory, At: time.Now().UTC()}
	return clearance.Open(ctx, l, p, ask, actor())
}

// policy reads policy.yaml of the home folder, if there is one.
func policy() (*rights.Policy, error) {
	path := filepath.Join(home(), "policy.yaml")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return rights.DefaultPolicy(), nil
	}
	if err != nil {
		return nil, err
	}
	p, err := rights.ReadPolicy(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

// recheck asks, before a training on a frozen set, whether all of its pictures
// may still be used, as far as this machine's ledger knows.
func recheck(ctx context.Context, dir string, progress func(stage string, done, total int)) (note string, err error) {
	m, err := frozen.ReadManifest(dir)
	if err != nil {
		return "", err
	}
	if m.Purpose != "train" {
		return "", fmt.Errorf("data: the set was frozen for the purpose %q, not for training: freeze it anew", m.Purpose)
	}
	l, err := ledgerIfAny()
	if err != nil {
		return "", err
	}
	if l == nil {
		return "no ledger here: whether a claim has come since the freeze is not known", nil
	}
	defer l.Close()
	desk, err := openDesk(ctx, l, m.Purpose, m.Territory)
	if err != nil {
		return "", err
	}
	if err := desk.Recheck(ctx, dir, func(done int) { progress("asking again", done, m.Pictures) }); err != nil {
		return "", fmt.Errorf("data: %w", err)
	}
	return "all pictures of the set may still be used", nil
}

// recordModel enters a model that was trained on a frozen set into this
// machine's ledger, if there is one.
func recordModel(ctx context.Context, cfg train.Config, path string) error {
	if l, err := ledgerIfAny(); l == nil || err != nil {
		return err
	} else if err := l.Close(); err != nil {
		return err
	}
	m, text, err := trained.ReadManifest(path)
	if err != nil {
		return err
	}
	var weights digest.SHA256
	if err := weights.UnmarshalText([]byte(text)); err != nil {
		return err
	}
	l, err := ledger.Open(filepath.Join(home(), "ledger"))
	if err != nil {
		return err
	}
	defer l.Close()
	t := clearance.Trained{Name: m.Name, Weights: weights, Place: m.Made.Place, Code: m.Made.Code}
	return clearance.RecordModel(ctx, l, cfg.Data.Path, t, actor())
}

// actor is who records in the ledger.
func actor() string { return "limner " + trained.CodeVersion() }
