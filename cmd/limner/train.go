package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	homes "github.com/limner-ai/limner/internal/home"
	"github.com/limner-ai/limner/model/family"
	"github.com/limner-ai/limner/train"
)

func newTrain() *cobra.Command {
	var out string
	var threads int
	var resume, overwrite, print bool
	c := &cobra.Command{
		Use:   "train RUN.yaml",
		Short: "Train a model as a run file says",
		Long: `Train a model as a run file says.

The run leaves in its folder (out) the model, checkpoints, loss curves, sample
grids, and metrics as JSON lines and for TensorBoard. Ctrl-C saves and stops;
--resume continues as if nothing had happened.`,
		Example: "  limner train examples/shapes-vae.yaml\n  limner train examples/shapes-vae.yaml --resume",
		Args:    args(1, 1, "a run file"),
		RunE: func(c *cobra.Command, args []string) error {
			cfg, err := train.ReadConfig(args[0])
			if err != nil {
				return err
			}
			if out != "" {
				cfg.Out = filepath.Clean(out)
			}
			if c.Flags().Changed("threads") {
				cfg.Train.Threads = threads
			}
			if print {
				if cfg, err = train.Resolve(cfg, train.Options{Families: family.All(), Open: openPart}); err != nil {
					return fmt.Errorf("%s: %w", args[0], err)
				}
				text, err := cfg.YAML()
				if err != nil {
					return err
				}
				_, err = c.OutOrStdout().Write(text)
				return err
			}
			ctx, stop := interruptible(c.Context(), func() {
				fmt.Fprintln(c.ErrOrStderr(), "\nstopping after this iteration; Ctrl-C again to abort without saving")
			})
			defer stop()
			if cfg.Data.Kind == "frozen" {
				line := stageLine(c.ErrOrStderr(), isTerminal(c.ErrOrStderr()))
				note, err := homes.Find().Recheck(ctx, cfg.Data.Path, func(done, total int) { line("asking again", done, total) })
				if err != nil {
					return fmt.Errorf("%s: %w", args[0], err)
				}
				fmt.Fprintln(c.ErrOrStderr(), note)
			}
			res, err := train.Run(ctx, cfg, train.Options{
				Families: family.All(), Open: openPart, Resume: resume, Overwrite: overwrite,
				Progress: c.ErrOrStderr(), Terminal: isTerminal(c.ErrOrStderr()),
			})
			var stopped *train.InterruptedError
			switch {
			case errors.As(err, &stopped):
				return fmt.Errorf("%w; continue with: limner train %s --resume", err, again(args[0], out))
			case err != nil:
				return fmt.Errorf("%s: %w", args[0], err)
			}
			fmt.Fprintf(c.ErrOrStderr(), "finished %d steps in %s; %.0f%% of the time went into waiting for pictures\n",
				res.Iterations, time.Duration(res.Seconds*float64(time.Second)).Round(time.Second), 100*res.Waiting)
			if res.Skipped > 0 {
				fmt.Fprintf(c.ErrOrStderr(), "%d pictures could not be read\n", res.Skipped)
			}
			if err := homes.Find().RecordModel(c.Context(), res.Model); err != nil {
				return fmt.Errorf("%s is trained, but not recorded in the ledger: %w", res.Model, err)
			}
			fmt.Fprintln(c.OutOrStdout(), res.Model)
			return nil
		},
	}
	f := c.Flags()
	f.BoolVar(&resume, "resume", false, "continue from the newest checkpoint")
	f.BoolVar(&overwrite, "overwrite", false, "begin anew where an earlier run has been saved")
	f.BoolVar(&print, "print-config", false, "print the run file with everything filled in, and do nothing")
	f.StringVar(&out, "out", "", "folder of the run, instead of the run file's")
	f.IntVar(&threads, "threads", 0, "threads to use, instead of the run file's; 0: one a processor")
	c.MarkFlagsMutuallyExclusive("resume", "overwrite")
	return c
}

// again is how to name the run once more on the command line.
func again(file, out string) string {
	if out == "" {
		return file
	}
	return file + " --out " + out
}
