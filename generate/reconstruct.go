package generate

import (
	"context"
	"fmt"

	"github.com/limner-ai/limner/engine/tensor"
)

// Picture wraps h·w·c values in [0, 1] as the one picture of a tensor.
func (g *Generator) Picture(pixels []float32) (*tensor.Tensor, error) {
	p := g.Manifest.Pictures
	if len(pixels) != p.Height*p.Width*p.Channels {
		return nil, fmt.Errorf("the model takes pictures of %d×%d×%d, not %d values", p.Height, p.Width, p.Channels, len(pixels))
	}
	return tensor.From(pixels, 1, p.Height, p.Width, p.Channels), nil
}

// Reconstructions passes pictures [n h w c] through the model and back. The
// result has two lines of up to eight in turn: the pictures, and what became
// of them.
func (g *Generator) Reconstructions(ctx context.Context, images *tensor.Tensor, class string) (*Pictures, error) {
	r, ok := g.painter.(Reconstructor)
	if !ok {
		return nil, g.cannot("reconstruct a picture", "a VAE or a GAN")
	}
	n := images.Shape[0]
	classes, err := g.Classes(class)
	if err != nil {
		return nil, err
	}
	if recogniser, ok := g.painter.(Recogniser); ok && len(classes) > 1 {
		if classes, err = recogniser.Recognise(ctx, images); err != nil {
			return nil, err
		}
	} else {
		classes = times(classes[0], n)
	}
	made, err := r.Reconstruct(ctx, images, classes)
	if err != nil {
		return nil, err
	}
	p := &Pictures{Images: tensor.New(append(tensor.S(2*n), images.Shape[1:]...)...), Columns: min(n, 8)}
	for line := 0; line < n; line += p.Columns {
		for k, src := range []*tensor.Tensor{images, made} {
			for i := line; i < min(line+p.Columns, n); i++ {
				copy(p.Images.Row(len(p.Items)), src.Row(i))
				p.Items = append(p.Items, Item{
					Index: i, Class: classes[i], ClassName: g.className(classes[i]), Truncation: 1,
					How: [...]string{"original", "reconstruction"}[k],
				})
			}
		}
	}
	return p, nil
}

func times(class, n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = class
	}
	return out
}
