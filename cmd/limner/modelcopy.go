package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/limner-ai/limner/internal/atomicfile"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/family"
	"github.com/limner-ai/limner/model/safetensors"
	"github.com/limner-ai/limner/model/trained"
)

// types are the forms of weights that can be asked for.
var types = map[string]safetensors.Dtype{"float32": safetensors.F32, "bfloat16": safetensors.BF16}

func newModelExport() *cobra.Command {
	var out, as string
	var way model.Sampling
	c := &cobra.Command{
		Use:   "export MODEL -o FILE",
		Short: "Write a model to a file of its own",
		Long: `Write a model to a file of its own, with all that it says about itself and
only the weights that using it takes. As bfloat16 it takes half the space, and
its pictures differ from those of the original by less than one can see.
--steps, --guidance and --sampler say how a flow model is sampled by those who do
not choose.`,
		Example: `  limner model export runs/emoji-flow --as bfloat16 -o emoji.safetensors`,
		Args:    args(1, 1, "a model file, the folder of a run, or the name of a model"),
		RunE: func(c *cobra.Command, given []string) error {
			dtype, ok := types[as]
			switch {
			case out == "":
				return usagef("-o is missing: name the file to write")
			case !ok:
				return usagef("--as %s: want float32 or bfloat16", as)
			}
			m, err := openModel(given[0], nil)
			if err != nil {
				return err
			}
			if way != (model.Sampling{}) {
				if m, err = m.Sampled(way, family.All()); err != nil {
					return usagef("%w", err)
				}
			}
			if err := m.SaveAs(out, dtype); err != nil {
				return err
			}
			fmt.Fprintln(c.OutOrStdout(), out)
			return nil
		},
	}
	c.Flags().StringVarP(&out, "output", "o", "", "file to write")
	c.Flags().StringVar(&as, "as", "float32", "type of the weights: float32 or bfloat16")
	c.Flags().IntVar(&way.Steps, "steps", 0, "steps of the sampler (default: as the model has it)")
	c.Flags().Float64Var(&way.Guidance, "guidance", 0, "weight of the prompt (default: as the model has it)")
	c.Flags().StringVar(&way.Sampler, "sampler", "", "euler or heun (default: as the model has it)")
	return c
}

func newModelImport() *cobra.Command {
	var name string
	var overwrite bool
	c := &cobra.Command{
		Use:     "import FILE",
		Short:   "Verify a model file and keep it under a name",
		Long:    "Verify a model file and keep it in LIMNER_HOME/models, where --model finds it\nby name.",
		Example: `  limner model import ~/Downloads/emoji.safetensors --name emoji-2`,
		Args:    args(1, 1, "a model file or the folder of a run"),
		RunE: func(c *cobra.Command, given []string) error {
			m, err := trained.Open(given[0], family.All(), nil)
			if err != nil {
				return err
			}
			if name == "" {
				name = m.Manifest.Name
			}
			if name == "" || strings.ContainsAny(name, `/\`) || strings.HasPrefix(name, ".") {
				return usagef("%q cannot name a model: give another with --name", name)
			}
			dir := filepath.Join(home(), "models")
			path := filepath.Join(dir, name+".safetensors")
			if _, err := os.Stat(path); err == nil && !overwrite {
				return fmt.Errorf("there is a model %s already, %s: give another --name, or --overwrite it", name, path)
			}
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return fmt.Errorf("cannot make the folder of models: %w", err)
			}
			if err := copyModel(path, given[0]); err != nil {
				return err
			}
			fmt.Fprintln(c.OutOrStdout(), path)
			return nil
		},
	}
	c.Flags().StringVar(&name, "name", "", "name to keep it under (default its own)")
	c.Flags().BoolVar(&overwrite, "overwrite", false, "replace a model of that name")
	return c
}

// copyModel copies a model file byte for byte, so that its digest stays.
func copyModel(to, from string) error {
	if st, err := os.Stat(from); err == nil && st.IsDir() {
		from = filepath.Join(from, trained.FileName)
	}
	file, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("cannot read the model: %w", err)
	}
	defer file.Close()
	return atomicfile.Write(to, 0o644, func(w io.Writer) error {
		_, err := io.Copy(w, file)
		return err
	})
}
