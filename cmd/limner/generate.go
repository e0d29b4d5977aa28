package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/limner-ai/limner/dataset/folder"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/internal/basis"
	"github.com/limner-ai/limner/model/family"
)

// generateFlags are those of the command line.
type generateFlags struct {
	model, class, out, single    string
	seed                         uint64
	first, n, steps, scale       int
	threads                      int
	truncation, strength         float64
	images, interpolate          []string
	reconstruct, nGiven, seeding bool
}

func newGenerate() *cobra.Command {
	var o generateFlags
	c := &cobra.Command{
		Use:   "generate --model MODEL",
		Short: "Make pictures with a trained model",
		Long: `Make pictures with a trained model.

A picture depends on the model, the seed, its number and its class alone.
Without --class, a model with classes makes pictures of all of them. A model
with an encoder (a VAE) takes pictures as prompts too.`,
		Example: `  limner generate --model runs/fashion-gan --class "ankle boot" --seed 7 -n 64 -o grid.png
  limner generate --model runs/fashion-vae --image boot.png --strength 0.4 -o variations.png
  limner generate --model runs/fashion-vae --interpolate boot.png bag.png --steps 10
  limner generate --model runs/fashion-vae --interpolate 3 4
  limner generate --model runs/fashion-vae --reconstruct --image boot.png --image bag.png`,
		Args: func(c *cobra.Command, given []string) error {
			if len(given) > 0 && len(o.interpolate) == 0 {
				return usagef("unexpected %q: prompts are given by flags; see limner generate --help", given[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, given []string) error {
			o.interpolate = append(o.interpolate, given...)
			o.nGiven, o.seeding = c.Flags().Changed("n"), c.Flags().Changed("seed")
			if err := o.check(c); err != nil {
				return err
			}
			return o.run(c)
		},
	}
	f := c.Flags()
	f.StringVar(&o.model, "model", "", "model file, folder of a run, or name of a model")
	f.StringVar(&o.class, "class", "", "class by name; without it, all classes")
	f.Uint64Var(&o.seed, "seed", 1, "seed of the pictures")
	f.IntVarP(&o.n, "n", "n", 0, "number of pictures, of each class (default 64, or 8 of each class)")
	f.IntVar(&o.first, "first", 0, "number of the first picture of the seed")
	f.Float64Var(&o.truncation, "truncation", 1, "share of the prior's width: less is more typical and less varied")
	f.StringArrayVar(&o.images, "image", nil, "picture to vary, or with --reconstruct to pass through the model")
	f.Float64Var(&o.strength, "strength", .4, "how far variations go from --image: 0 not at all, 1 all the way")
	f.BoolVar(&o.reconstruct, "reconstruct", false, "show what the model makes of each --image")
	f.StringArrayVar(&o.interpolate, "interpolate", nil, "go between two pictures, or between two seeds")
	f.IntVar(&o.steps, "steps", 8, "pictures of an interpolation")
	f.StringVarP(&o.out, "output", "o", "", "PNG with all pictures (default NAME.png here)")
	f.StringVar(&o.single, "single", "", "folder for a PNG of each picture, instead of one with all")
	f.IntVar(&o.scale, "scale", 0, "side of a pixel in the PNG (default 1, in a grid more for small pictures)")
	f.IntVar(&o.threads, "threads", 0, "threads to use; 0: one a processor")
	c.MarkFlagsMutuallyExclusive("output", "single")
	c.MarkFlagsMutuallyExclusive("image", "interpolate")
	return c
}

func (o *generateFlags) check(c *cobra.Command) error {
	changed := c.Flags().Changed
	switch {
	case o.model == "":
		return usagef("--model is missing: name a model file or the folder of a run")
	case o.nGiven && o.n < 1:
		return usagef("-n %d: want at least 1 picture", o.n)
	case o.scale < 0 || o.threads < 0:
		return usagef("--scale and --threads are not negative")
	case o.reconstruct && len(o.images) == 0:
		return usagef("--reconstruct wants pictures: give --image")
	case !o.reconstruct && len(o.images) > 1:
		return usagef("only --reconstruct takes more than one --image")
	case len(o.interpolate) > 0 && len(o.interpolate) != 2:
		return usagef("--interpolate wants two pictures or two seeds, not %d", len(o.interpolate))
	case changed("strength") && (len(o.images) == 0 || o.reconstruct):
		return usagef("--strength is for variations of an --image")
	case changed("steps") && len(o.interpolate) == 0:
		return usagef("--steps is for --interpolate")
	case changed("truncation") && (len(o.images) > 0 || len(o.interpolate) > 0):
		return usagef("--truncation is for pictures from the prior, without --image or --interpolate")
	}
	return nil
}

func (o *generateFlags) run(c *cobra.Command) error {
	g, err := generate.Open(findModel(o.model), family.All(), o.threads)
	if err != nil {
		return err
	}
	defer g.Close()
	p, err := o.pictures(c, g)
	if err != nil {
		return err
	}
	if b := g.Manifest.Data.Basis; b.Status != basis.Recorded && b.Status != basis.Drawn {
		fmt.Fprintf(c.ErrOrStderr(), "rights in the training pictures: %v\n", b)
	}
	if o.single != "" {
		paths, err := g.WriteSingle(o.single, p, o.scale)
		for _, path := range paths {
			fmt.Fprintln(c.OutOrStdout(), path)
		}
		return err
	}
	if o.out == "" {
		o.out = g.Manifest.Name + ".png"
	}
	if err := g.WriteGrid(o.out, p, o.scale); err != nil {
		return err
	}
	fmt.Fprintln(c.OutOrStdout(), o.out)
	return nil
}

// pictures makes what was asked for.
func (o *generateFlags) pictures(c *cobra.Command, g *generate.Generator) (*generate.Pictures, error) {
	if len(o.interpolate) == 2 {
		return o.between(c, g)
	}
	images, err := read(g, o.images)
	if err != nil {
		return nil, err
	}
	if o.reconstruct {
		return g.Reconstructions(c.Context(), images, o.class)
	}
	q := generate.Request{Class: o.class, Seed: o.seed, First: o.first, N: o.n, Truncation: o.truncation}
	if !o.nGiven {
		classes, err := g.Classes(o.class)
		if err != nil {
			return nil, err
		}
		q.N = 64
		if len(classes) > 1 && images == nil {
			q.N = 8
		}
	}
	q.Image, q.Strength = images, o.strength
	return g.Make(c.Context(), q)
}

func (o *generateFlags) between(c *cobra.Command, g *generate.Generator) (*generate.Pictures, error) {
	var seeds []uint64
	for _, s := range o.interpolate {
		if _, err := os.Stat(s); err == nil {
			continue
		}
		if seed, err := strconv.ParseUint(s, 10, 64); err == nil {
			seeds = append(seeds, seed)
		}
	}
	if len(seeds) == 2 {
		return g.BetweenSeeds(seeds[0], seeds[1], o.class, o.steps)
	}
	var ends [2]generate.End
	for i, path := range o.interpolate {
		var err error
		if ends[i].Image, err = read(g, []string{path}); err != nil {
			return nil, err
		}
	}
	return g.Make(c.Context(), generate.Request{Class: o.class, N: o.steps, From: &ends[0], To: &ends[1]})
}

// read decodes pictures to the extent of the model's; nil for none.
func read(g *generate.Generator, paths []string) (*tensor.Tensor, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	want := g.Manifest.Pictures
	if want.Height != want.Width {
		return nil, fmt.Errorf("the model makes pictures of %d×%d; only square ones can be read", want.Width, want.Height)
	}
	all := tensor.New(len(paths), want.Height, want.Width, want.Channels)
	for i, path := range paths {
		pixels, err := folder.Decode(filepath.Clean(path), want.Height, want.Channels)
		if err != nil {
			return nil, err
		}
		copy(all.Row(i), pixels)
	}
	return all, nil
}
