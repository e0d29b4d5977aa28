package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/limner-ai/limner/rights/ledger"
)

func newRightsVerify() *cobra.Command {
	var checkpoints []string
	var key string
	var asJSON bool
	c := &cobra.Command{
		Use:   "verify",
		Short: "Prove that nothing in the ledger was altered or dropped",
		Long: `Compute the whole ledger anew: every entry's hash and place, the tree, every
signature, and the bytes of all evidence. The first bad entry is named. That the
log was not cut short or written anew is proven against a checkpoint that was
given away before, with --checkpoint.`,
		Example: "  limner rights verify\n  limner rights verify --checkpoint sets/emoji-64/checkpoint",
		Args:    args(0, 0, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error {
			trust := ledger.Trust{Key: key}
			for _, path := range checkpoints {
				note, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				trust.Checkpoints = append(trust.Checkpoints, note)
			}
			l, err := readLedger()
			if err != nil {
				return err
			}
			defer l.Close()
			r, err := l.Verify(c.Context(), trust)
			var fault *ledger.Fault
			switch {
			case errors.As(err, &fault):
				return fmt.Errorf("the ledger does not verify: %w", err)
			case err != nil:
				return err
			}
			if asJSON {
				return writeJSON(c.OutOrStdout(), map[string]any{"entries": r.Size, "root": r.Root.String(), "checkpoints": r.Checkpoints,
					"evidence": r.Evidence, "erased": r.Erased, "outside": len(checkpoints), "key": l.Key()})
			}
			fmt.Fprintf(c.OutOrStdout(), "verified: %d entries, %d checkpoints of its own and %d from outside, %d pieces of evidence, %d erased as recorded\n%s\n",
				r.Size, r.Checkpoints, len(checkpoints), r.Evidence, r.Erased, r.Root)
			return nil
		},
	}
	f := c.Flags()
	f.StringArrayVar(&checkpoints, "checkpoint", nil, "file of a signed checkpoint that the log must begin with (may be repeated)")
	f.StringVar(&key, "key", "", "the ledger's public key, if it is known from elsewhere")
	f.BoolVar(&asJSON, "json", false, "as JSON")
	return c
}

func newRightsCheckpoint() *cobra.Command {
	var key bool
	c := &cobra.Command{
		Use:   "checkpoint",
		Short: "Print the ledger's signed checkpoint, to be kept by others",
		Long: `Print the ledger's newest signed checkpoint. Whoever keeps it can later prove that
the log still begins with the same entries: see verify --checkpoint.`,
		Example: "  limner rights checkpoint > checkpoint\n  limner rights checkpoint --key",
		Args:    args(0, 0, "no arguments"),
		RunE: func(c *cobra.Command, _ []string) error {
			l, err := readLedger()
			if err != nil {
				return err
			}
			defer l.Close()
			if key {
				fmt.Fprintln(c.OutOrStdout(), l.Key())
				return nil
			}
			cp, err := l.Checkpoint(c.Context(), -1)
			if err != nil {
				return err
			}
			_, err = c.OutOrStdout().Write(cp.Note)
			return err
		},
	}
	c.Flags().BoolVar(&key, "key", false, "print the public key by which checkpoints are checked instead")
	return c
}
