package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/limner-ai/limner/evaluate"
	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/internal/basis"
	"github.com/limner-ai/limner/release"
)

// generateFlags are those of the command line.
type generateFlags struct {
	promptFlags
	carefulFlags
	pressFlags
	model, class, out, single string
	seed                      uint64
	first, n, scale, threads  int
	truncation                float64
	reconstruct, asJSON       bool
}

func newGenerate() *cobra.Command {
	var o generateFlags
	c := &cobra.Command{
		Use:   `generate ["WORDS"]`,
		Short: "Make pictures with a trained model from words, pictures, classes and seeds",
		Long: `Make pictures with a trained model from words, pictures, classes and seeds.

A picture depends on the model, what is asked for, the seed, its number and its
class alone. Without --class, a model with classes makes pictures of all of
them. Pictures as prompts may have any size, mode and orientation. In a --mask,
white is what is painted anew and black is what stays, to the bit.`,
		Example: `  limner generate "a red apple, 3d" -o apple.png
  limner generate --model runs/fashion-gan --class "ankle boot" --seed 7 -n 64 -o grid.png
  limner generate --model runs/fashion-vae --image boot.png --strength 0.4 -n 16 -o variations.png
  limner generate --model runs/fashion-vae --image boot.png --mask heel.png -o heel-again.png
  limner generate --model runs/fashion-vae --image boot.png --outpaint 25%,0,0,0
  limner generate --model runs/fashion-vae --interpolate boot.png bag.png --frames 10
  limner generate --model runs/fashion-vae --interpolate 3 4
  limner generate --model runs/fashion-vae --image boot.png --style Bag
  limner generate --model runs/vae --image face.png --toward smile --amount 1.5
  limner generate --model runs/fashion-vae --reconstruct --image boot.png --image bag.png`,
		RunE: func(c *cobra.Command, given []string) error {
			o.changed = c.Flags().Changed
			if err := o.take(given); err != nil {
				return err
			}
			if err := o.check(); err != nil {
				return err
			}
			return o.run(c)
		},
	}
	f := c.Flags()
	f.StringVar(&o.model, "model", "", "model file, folder of a run, or name of a model (default: the one that comes with Limner)")
	f.StringVar(&o.class, "class", "", "class by name; without it, all classes")
	f.Uint64Var(&o.seed, "seed", 1, "seed of the pictures")
	f.IntVarP(&o.n, "n", "n", 0, "number of pictures, of each class (default 1 with a prompt, else 64, or 8 of each class)")
	f.IntVar(&o.first, "first", 0, "number of the first picture of the seed")
	f.Float64Var(&o.truncation, "truncation", 1, "share of the prior's width: less is more typical and less varied")
	f.BoolVar(&o.reconstruct, "reconstruct", false, "show what the model makes of each --image")
	o.promptFlags.register(f)
	o.carefulFlags.register(f)
	o.pressFlags.register(f)
	f.StringVarP(&o.out, "output", "o", "", "PNG with the picture, or a grid of all (default NAME.png here)")
	f.StringVar(&o.single, "single", "", "folder for a PNG of each picture, instead of one with all")
	f.IntVar(&o.scale, "scale", 0, "side of a pixel in the PNG (default 1, in a grid more for small pictures)")
	f.BoolVar(&o.asJSON, "json", false, "print what was made as JSON")
	f.IntVar(&o.threads, "threads", 0, "threads to use; 0: one a processor")
	c.MarkFlagsMutuallyExclusive("output", "single")
	c.MarkFlagsMutuallyExclusive("image", "interpolate")
	c.MarkFlagsMutuallyExclusive("transparent", "background")
	return c
}

func (o *generateFlags) check() error {
	switch {
	case o.model == "" && !o.told && o.list == "" && len(o.images) == 0 && len(o.interpolate) == 0:
		return usagef(`say what to make, as in limner generate "a red apple, 3d"; see limner generate --help`)
	case o.changed("n") && o.n < 1:
		return usagef("-n %d: want at least 1 picture", o.n)
	case o.scale < 0 || o.threads < 0:
		return usagef("--scale and --threads are not negative")
	case o.reconstruct && len(o.images) == 0:
		return usagef("--reconstruct wants pictures: give --image")
	case !o.reconstruct && len(o.images) > 1:
		return usagef("only --reconstruct takes more than one --image")
	case o.changed("truncation") && !(o.truncation > 0):
		return usagef("--truncation %v: want a number above 0; 1 is the whole prior", o.truncation)
	case o.changed("truncation") && (len(o.images) > 0 || len(o.interpolate) > 0):
		return usagef("--truncation is for pictures from the prior, without --image or --interpolate")
	}
	if o.best > 1 && (o.reconstruct || o.list != "" || len(o.interpolate) > 0) {
		return usagef("--best-of does not go with --prompts, --interpolate or --reconstruct")
	}
	if err := o.carefulFlags.check(o.best > 1); err != nil {
		return err
	}
	return o.promptFlags.check(o.reconstruct)
}

func (o *generateFlags) run(c *cobra.Command) error {
	start := time.Now()
	press, err := o.press()
	if err != nil {
		return err
	}
	defer enter(press, warner(c)).close()
	g, err := openGenerator(o.model, o.threads)
	if err != nil {
		return err
	}
	defer g.Close()
	p, err := o.pictures(c, g)
	if err != nil {
		return err
	}
	var seen []release.Near
	if !o.reconstruct {
		var replaced int
		seen, replaced, err = press.Replace(c.Context(), g, &g.Manifest, p)
		if err != nil {
			return err
		}
		if replaced > 0 {
			fmt.Fprintf(c.ErrOrStderr(), "%d of %d pictures lay too near to training pictures; others of the seed, which heed the prompt less, stand in their place; --copies flag keeps the first\n", replaced, len(p.Items))
		}
	}
	if b := g.Manifest.Data.Basis; b.Status != basis.Recorded && b.Status != basis.Drawn {
		fmt.Fprintf(c.ErrOrStderr(), "rights in the training pictures: %v\n", b)
	}
	files, err := o.write(c.Context(), press, g, p, seen)
	if o.asJSON && err == nil {
		return writeJSON(c.OutOrStdout(), made{g.Origin(p.Request, p.Items), files, time.Since(start).Seconds()})
	}
	for _, path := range files {
		fmt.Fprintln(c.OutOrStdout(), path)
	}
	return err
}

// made is what --json prints.
type made struct {
	generate.Origin
	Files   []string `json:"files"`
	Seconds float64  `json:"seconds"` // from the start of the command
}

func (o *generateFlags) write(ctx context.Context, press *release.Press, g *generate.Generator, p *generate.Pictures, seen []release.Near) ([]string, error) {
	look := generate.Look{Scale: o.scale}
	if o.changed("background") {
		look.Background = &o.ground
	}
	if o.transparent && (g.Manifest.Pictures.Channels != 4 || o.single == "" && len(p.Items) > 1) {
		return nil, fmt.Errorf("--transparent is for one picture, or for --single, of a model that makes transparent ones; %s makes %d channels", g.Manifest.Name, g.Manifest.Pictures.Channels)
	}
	var err error
	if look.Encode, err = o.issue(ctx, press, g, p, seen); err != nil {
		return nil, err
	}
	if o.single != "" {
		return g.WriteSingle(o.single, p, look)
	}
	if o.out == "" {
		o.out = g.Manifest.Name + ".png"
	}
	if err := g.Write(o.out, p, look); err != nil {
		return nil, err
	}
	return []string{o.out}, nil
}

// pictures makes what was asked for.
func (o *generateFlags) pictures(c *cobra.Command, g *generate.Generator) (*generate.Pictures, error) {
	if o.reconstruct {
		images, err := o.all(c.Context(), g)
		if err != nil {
			return nil, err
		}
		return g.Reconstructions(c.Context(), images, o.class)
	}
	q := generate.Request{Class: o.class, Seed: o.seed, First: o.first, N: o.n, Truncation: o.truncation}
	if err := o.prompt(c.Context(), g, &q); err != nil {
		return nil, err
	}
	if q.N == 0 {
		n, err := howMany(g, &q)
		if err != nil {
			return nil, err
		}
		q.N = n
	}
	line := &meter{w: c.ErrOrStderr(), terminal: isTerminal(c.ErrOrStderr())}
	defer line.end()
	if o.best > 1 {
		return o.carefulFlags.make(c.Context(), g, q, o.threads, line.show)
	}
	if o.list != "" {
		prompts, err := readPrompts(o.list, c.InOrStdin())
		if err != nil {
			return nil, err
		}
		return g.MakeEach(c.Context(), q, prompts, func(done, of int) {
			line.show(evaluate.Progress{Stage: "painting", Done: done, Total: of})
		})
	}
	return g.Make(c.Context(), q)
}

// howMany pictures a request without a number gets.
func howMany(g *generate.Generator, q *generate.Request) (int, error) {
	if q.Prompt != "" || q.Image != nil || g.Takes().Words {
		return 1, nil
	}
	classes, err := g.Classes(q.Class)
	if len(classes) > 1 {
		return 8, err
	}
	return 64, err
}
