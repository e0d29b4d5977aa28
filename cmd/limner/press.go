package main

import (
	"context"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/mark"
	"github.com/limner-ai/limner/release"
)

// pressFlags say what is done to pictures before they leave.
type pressFlags struct {
	marks  []string
	copies string
}

// markNames are what --marks takes.
var markNames = []string{"credentials", "xmp", "watermark"}

func (o *pressFlags) register(f *pflag.FlagSet) {
	f.StringSliceVar(&o.marks, "marks", []string{"all"}, "marks that say where a picture comes from: all, none, or some of "+strings.Join(markNames, ","))
	f.StringVar(&o.copies, "copies", string(release.Replace), "what becomes of a picture that is too near to a training picture: replace it by another, else flag it; or flag, withhold or allow")
}

// press opens what lets pictures go.
func (o *pressFlags) press() (*release.Press, error) {
	p := &release.Press{Policy: release.Policy(o.copies)}
	switch p.Policy {
	case release.Allow:
	case release.Flag, release.Replace, release.Withhold:
		p.Guard = guard()
	default:
		return nil, usagef("--copies %q: want replace, flag, withhold or allow", o.copies)
	}
	marks, err := o.wanted()
	if err != nil || marks == nil {
		return p, err
	}
	p.Marker, err = mark.Open(*marks)
	if err != nil {
		return nil, fmt.Errorf("%w; --marks none goes without", err)
	}
	return p, nil
}

// wanted are the marks that were asked for, nil for none.
func (o *pressFlags) wanted() (*mark.Options, error) {
	switch {
	case slices.Equal(o.marks, []string{"none"}) || len(o.marks) == 0:
		return nil, nil
	case slices.Equal(o.marks, []string{"all"}):
		all := markOptions()
		return &all, nil
	}
	for _, name := range o.marks {
		if !slices.Contains(markNames, name) {
			return nil, usagef("--marks %q: want all, none, or some of %s", name, strings.Join(markNames, ","))
		}
	}
	has := func(name string) bool { return slices.Contains(o.marks, name) }
	some := markOptions()
	some.NoCredentials, some.NoXMP, some.NoWatermark = !has("credentials"), !has("xmp"), !has("watermark")
	return &some, nil
}

// given are pictures that a picture is made from.
func given(paths ...string) (out []mark.Ingredient, err error) {
	for _, path := range paths {
		file, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		out = append(out, mark.Ingredient{Title: filepath.Base(path), File: file})
	}
	return out, nil
}

// issue gives pictures their files as they leave; seen is what is known of each.
func (o *generateFlags) issue(ctx context.Context, press *release.Press, g *generate.Generator, p *generate.Pictures, seen []release.Near) (func(image.Image, generate.Origin, int, int) ([]byte, error), error) {
	from := slices.Clone(o.images)
	if o.style != "" && pictureName(o.style) {
		from = append(from, o.style)
	}
	for _, end := range o.interpolate {
		if _, err := os.Stat(end); err == nil {
			from = append(from, end)
		}
	}
	inputs, err := given(from...)
	if err != nil {
		return nil, err
	}
	return func(img image.Image, origin generate.Origin, first, next int) ([]byte, error) {
		pic := release.Picture{
			Image: img, Origin: origin, Given: inputs, Edited: len(o.images) > 0,
			// What a mask keeps, and a picture that nothing was done to, stays to the bit.
			Still: p.Request.Mask != nil || p.Request.Image != nil && p.Request.Style == nil && p.Request.Shift == nil && p.Request.Strength == 0,
		}
		for i := first; i < next && press.Guard != nil; i++ {
			made, err := release.Made(p, i)
			if err != nil {
				return nil, err
			}
			pic.Made = append(pic.Made, made)
			if i < len(seen) {
				pic.Seen = append(pic.Seen, seen[i])
			}
		}
		return press.Issue(ctx, &g.Manifest, pic)
	}, nil
}
