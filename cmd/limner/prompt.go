package main

import (
	"context"
	"image/color"

	"github.com/spf13/pflag"

	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/generate/canvas"
)

// promptFlags are those that say what to make from words and pictures.
type promptFlags struct {
	words, negative, sampler   string
	list                       string
	steps, frames              int
	guidance, strength, amount float64
	images, interpolate        []string
	mask, style, fit, outpaint string
	toward, away, set          string
	maskAlpha, transparent     bool
	told                       bool // there are words, if only empty ones
	background                 string
	ground                     color.NRGBA
	margins                    *canvas.Margins
	changed                    func(flag string) bool
}

func (o *promptFlags) register(f *pflag.FlagSet) {
	f.StringVar(&o.list, "prompts", "", "file with a prompt a line, each of which gets its pictures; - is the standard input")
	f.StringVar(&o.negative, "negative", "", "words for what is not wanted")
	f.IntVar(&o.steps, "steps", 0, "steps of the sampler (default: the model's own)")
	f.Float64Var(&o.guidance, "guidance", 0, "weight of the prompt (default: the model's own)")
	f.StringVar(&o.sampler, "sampler", "", "euler or heun (default: the model's own)")
	f.StringArrayVar(&o.images, "image", nil, "picture to start from: to vary, to paint on, or with --reconstruct to pass through the model")
	f.Float64Var(&o.strength, "strength", 0, "how far to go from --image: 0 not at all, 1 all the way (default 0.4, with words 0.6, inside a mask 1)")
	f.StringVar(&o.mask, "mask", "", "picture of what to paint anew of --image: white is painted, black stays")
	f.BoolVar(&o.maskAlpha, "mask-alpha", false, "paint what is transparent in --mask, or without it in --image")
	f.StringVar(&o.outpaint, "outpaint", "", "paint around --image: left,right,top,bottom or one number, in its pixels or with % of its sides")
	f.StringVar(&o.fit, "fit", "", "how pictures of other proportions are fitted: crop, pad or stretch (default crop, pad if the model makes transparent pictures)")
	f.StringVar(&o.style, "style", "", "picture or class whose class --image is to take")
	f.StringVar(&o.toward, "toward", "", "move --image toward what pictures of this class, or with these words, have")
	f.StringVar(&o.away, "away", "", "away from this class or these words (default: all without --toward)")
	f.Float64Var(&o.amount, "amount", 1, "how far: 1 is as far as the two are apart")
	f.StringVar(&o.set, "set", "", "labelled set for --toward and --away (default: the one that the model was trained on)")
	f.StringArrayVar(&o.interpolate, "interpolate", nil, "go between two pictures, prompts or seeds")
	f.IntVar(&o.frames, "frames", 8, "pictures of an interpolation")
	f.BoolVar(&o.transparent, "transparent", false, "insist on a transparent picture")
	f.StringVar(&o.background, "background", "white", "colour under transparent pictures, white, black or #rrggbb: given, of those that are made too")
}

// take sorts the arguments: ends of an interpolation, then the prompt.
func (o *promptFlags) take(given []string) error {
	o.told = len(given) > 0
	for _, s := range given {
		switch {
		case len(o.interpolate) == 1:
			o.interpolate = append(o.interpolate, s)
		case o.words == "":
			o.words = s
		default:
			return usagef("unexpected %q: put the words of a prompt between quotes", s)
		}
	}
	return nil
}

func (o *promptFlags) check(reconstruct bool) (err error) {
	image := len(o.images) > 0 && !reconstruct
	switch {
	case o.list != "" && (o.words != "" || len(o.interpolate) > 0 || reconstruct):
		return usagef("--prompts takes the place of words, and does not go with --interpolate or --reconstruct")
	case len(o.interpolate) > 0 && len(o.interpolate) != 2:
		return usagef("--interpolate wants two pictures, prompts or seeds, not %d", len(o.interpolate))
	case o.changed("strength") && !image:
		return usagef("--strength is for an --image to start from")
	case o.changed("frames") && len(o.interpolate) == 0:
		return usagef("--frames is for --interpolate")
	case (o.mask != "" || o.maskAlpha || o.outpaint != "" || o.style != "" || o.toward != "") && !image:
		return usagef("--mask, --mask-alpha, --outpaint, --style and --toward are for an --image")
	case o.toward == "" && (o.away != "" || o.set != "" || o.changed("amount")):
		return usagef("--away, --amount and --set are for --toward")
	case o.style != "" && o.toward != "" || (o.style != "" || o.toward != "") && o.masked():
		return usagef("--style, --toward and a mask cannot go together")
	case o.changed("steps") && o.steps < 1:
		return usagef("--steps %d: want at least 1", o.steps)
	}
	if o.ground, err = colour(o.background); err != nil {
		return err
	}
	if o.outpaint != "" {
		m, err := canvas.ParseMargins(o.outpaint)
		if err != nil {
			return usagef("--outpaint: %w", err)
		}
		o.margins = &m
	}
	switch canvas.Fit(o.fit) {
	case "", canvas.Crop, canvas.Pad, canvas.Stretch:
		return nil
	}
	return usagef("--fit %q: want crop, pad or stretch", o.fit)
}

func (o *promptFlags) masked() bool { return o.mask != "" || o.maskAlpha || o.margins != nil }

// prompt fills in what is asked for.
func (o *promptFlags) prompt(ctx context.Context, g *generate.Generator, q *generate.Request) (err error) {
	q.Prompt, q.Negative, q.Steps, q.Guidance, q.Sampler = o.words, o.negative, o.steps, o.guidance, o.sampler
	if len(o.interpolate) == 2 {
		if q.N = o.frames; q.Steps > 0 && !g.Takes().Sampling {
			return usagef("--steps is for models with a sampler; --frames is how many pictures an interpolation has")
		}
		if q.From, err = o.end(ctx, g, o.interpolate[0], q.Seed); err != nil {
			return err
		}
		q.To, err = o.end(ctx, g, o.interpolate[1], q.Seed)
		return err
	}
	if len(o.images) == 0 {
		return nil
	}
	if err := o.picture(ctx, g, q); err != nil {
		return err
	}
	switch {
	case o.changed("strength"):
		q.Strength = o.strength
	case q.Mask != nil:
		q.Strength = 1
	case q.Prompt != "":
		q.Strength = .6
	default:
		q.Strength = .4
	}
	return nil
}
