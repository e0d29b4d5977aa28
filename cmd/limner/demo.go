package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/limner-ai/limner/internal/demo"
	"github.com/limner-ai/limner/model/family"
)

func newDemo() *cobra.Command {
	o := demo.Options{Out: "runs/demo"}
	c := &cobra.Command{
		Use:   "demo",
		Short: "Train a small VAE and a small GAN on drawn pictures, and show what they make",
		Long: `Draw a set of pictures, train a small VAE and a small GAN on it, and leave a
page with curves, samples, reconstructions and interpolations of both. Takes
a few minutes on two cores and needs no data and no network.`,
		Args: args(0, 0, "nothing"),
		RunE: func(c *cobra.Command, _ []string) error {
			o.Families, o.Progress, o.Terminal = family.All(), c.ErrOrStderr(), isTerminal(c.ErrOrStderr())
			ctx, stop := interruptible(c.Context(), func() { fmt.Fprintln(c.ErrOrStderr(), "\nstopping") })
			defer stop()
			page, err := demo.Run(ctx, o)
			if err != nil {
				return err
			}
			fmt.Fprintln(c.OutOrStdout(), page)
			return nil
		},
	}
	c.Flags().StringVar(&o.Out, "out", o.Out, "folder for the page and both runs")
	return c
}
