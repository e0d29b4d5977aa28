package main

import (
	"fmt"
	"image"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/inspect/plane"
	"github.com/limner-ai/limner/inspect/school/corrupt"
	"github.com/limner-ai/limner/inspect/school/gallery"
	"github.com/limner-ai/limner/inspect/school/lesson"
	"github.com/limner-ai/limner/internal/atomicfile"
	"github.com/limner-ai/limner/internal/grid"
)

// sheet draws spoilt pictures, so that one sees what is learnt from.
func sheet(d *lesson.Desk) *cobra.Command {
	out := ""
	c := &cobra.Command{Use: "sheet [KIND,…]", Short: "Draw spoilt pictures above their masks", Args: cobra.MaximumNArgs(1), RunE: func(_ *cobra.Command, given []string) error {
		var names []string
		if len(given) > 0 {
			names = strings.Split(given[0], ",")
		}
		kinds, err := corrupt.Named(names...)
		if err != nil {
			return err
		}
		rows, err := spoilt(d, kinds)
		if err != nil {
			return err
		}
		return atomicfile.Write(out, 0o644, func(w io.Writer) error {
			return grid.EncodeSheet(w, "Spoilt on purpose", rows, grid.Options{Columns: 16})
		})
	}}
	c.Flags().StringVarP(&out, "output", "o", "sheet.png", "PNG to write")
	return c
}

const shown = 16

func spoilt(d *lesson.Desk, kinds []corrupt.Kind) ([]grid.Row, error) {
	g, err := d.Open(gallery.Fit)
	if err != nil {
		return nil, err
	}
	defer g.Close()
	var rows []grid.Row
	for _, k := range kinds {
		var pictures, masks []*image.NRGBA
		for n, i := range g.Some(shown) {
			m, err := g.Image(i)
			if err != nil {
				return nil, err
			}
			strength := float64(n%4) / 3
			r, ok := k.Apply(m, strength, d.Seed+uint64(i))
			if !ok {
				fmt.Fprintf(os.Stderr, "%s leaves %s as it is\n", k.Name, g.Name(i))
				r = corrupt.Result{Image: m, Mask: plane.New(m.Rect.Dx(), m.Rect.Dy())}
			}
			pictures = append(pictures, r.Image)
			masks = append(masks, r.Mask.Image())
		}
		rows = append(rows,
			grid.Row{Title: k.Name, Note: k.Summary + "; strengths 0, 1/3, 2/3, 1 in turn", Pictures: tensors(pictures)},
			grid.Row{Pictures: tensors(masks)})
	}
	return rows, nil
}

// tensors are pictures of one size as [n h w 4] from 0 to 1.
func tensors(list []*image.NRGBA) *tensor.Tensor {
	b := list[0].Rect
	t := tensor.New(len(list), b.Dy(), b.Dx(), 4)
	for i, m := range list {
		for j, v := range m.Pix {
			t.Row(i)[j] = float32(v) / 255
		}
	}
	return t
}
