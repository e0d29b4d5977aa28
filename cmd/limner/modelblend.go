package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/limner-ai/limner/model/family"
)

func newModelBlend() *cobra.Command {
	var with, out string
	var share float64
	c := &cobra.Command{
		Use:   "blend MODEL --with EARLIER -o FILE",
		Short: "Make a model between one and what it began with",
		Long: `Make a model between one and what it began with.

What was trained on from an earlier model (train.from) has learnt something and
forgotten something. Weights that lie between both often know almost all that is
new and more of what was known before. --share says how much of the way they go
from the earlier model; EARLIER may also contain the one that MODEL began with.`,
		Example: `  limner model blend runs/tuned --with emoji --share .6 -o tuned.safetensors`,
		Args:    args(1, 1, "a model file, the folder of a run, or the name of a model"),
		RunE: func(c *cobra.Command, given []string) error {
			switch {
			case out == "":
				return usagef("-o is missing: name the file to write")
			case with == "":
				return usagef("--with is missing: name the model that %s began with", given[0])
			case !(share >= 0 && share <= 1):
				return usagef("--share %v: want a number from 0 to 1", share)
			}
			m, err := openModel(given[0], nil)
			if err != nil {
				return err
			}
			earlier, err := openModel(with, nil)
			if err != nil {
				return err
			}
			if earlier, err = earlier.Of(m.Manifest.Family, family.All()); err != nil {
				return err
			}
			blended, err := m.Blend(earlier, share)
			if err != nil {
				return err
			}
			if err := blended.Save(out); err != nil {
				return err
			}
			fmt.Fprintln(c.OutOrStdout(), out)
			return nil
		},
	}
	c.Flags().StringVar(&with, "with", "", "the earlier model")
	c.Flags().Float64Var(&share, "share", .5, "how much of the way from the earlier model to go")
	c.Flags().StringVarP(&out, "output", "o", "", "file to write")
	return c
}
