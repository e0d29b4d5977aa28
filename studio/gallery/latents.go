package gallery

import (
	"context"
	"fmt"
	"image"
	"math"
	"time"

	"github.com/limner-ai/limner/curate/decode"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/generate/canvas"
	"github.com/limner-ai/limner/model/sampler"
	"github.com/limner-ai/limner/studio/paint"
)

// Latents tells what pictures look like by the latents that the autoencoder of
// the model that comes with Limner finds for them, averaged over a coarse grid:
// pictures are alike whose shapes and colours lie alike. Their words play no
// part.
type Latents struct{ Shelf *paint.Shelf }

// coarse is the side of the grid.
const coarse = 4

var pictureLimits = decode.Limits{Bytes: paint.MaxUpload, Pixels: 40 << 20, Ratio: 64, Memory: 1 << 30, Time: 20 * time.Second, Vector: 1024}

// Way implements Looker.
func (l Latents) Way(ctx context.Context) (string, error) {
	m, err := l.Shelf.Model(ctx, "")
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("the latents of the autoencoder of %s (%.14s…)", m.Name, m.Digest), nil
}

// Look implements Looker.
func (l Latents) Look(ctx context.Context, pictures [][]byte) ([][]float32, error) {
	out := make([][]float32, len(pictures))
	err := l.Shelf.Use(ctx, "", func(g *generate.Generator) error {
		s, err := sampler.New(g.Model)
		if err != nil {
			return err
		}
		for i, data := range pictures {
			if err := ctx.Err(); err != nil {
				return err
			}
			t, err := tensorOf(ctx, data, g)
			if err != nil {
				continue // it cannot be read, so it looks like nothing
			}
			z, err := s.Encode(t)
			if err != nil {
				return err
			}
			out[i] = unit(z)
		}
		return nil
	})
	return out, err
}

// tensorOf brings a picture onto the model's canvas.
func tensorOf(ctx context.Context, data []byte, g *generate.Generator) (*tensor.Tensor, error) {
	p, err := decode.Bytes(ctx, data, pictureLimits)
	if err != nil {
		return nil, err
	}
	size := g.Manifest.Pictures
	place, err := canvas.Place(p.Image.Rect.Size(), image.Pt(size.Width, size.Height), canvas.Pad, nil)
	if err != nil {
		return nil, err
	}
	return canvas.Tensor(place.Draw(p.Image, nil), size.Channels)
}

// unit averages latents [1 h w c] over a coarse grid and gives them unit length.
func unit(z *tensor.Tensor) []float32 {
	h, w, c := z.Shape[1], z.Shape[2], z.Shape[3]
	gh, gw := min(coarse, h), min(coarse, w)
	v := make([]float32, gh*gw*c)
	for y := range h {
		for x := range w {
			for k := range c {
				v[((y*gh/h)*gw+x*gw/w)*c+k] += z.Data[(y*w+x)*c+k]
			}
		}
	}
	length := 0.
	for _, x := range v {
		length += float64(x) * float64(x)
	}
	if length = math.Sqrt(length); length > 0 {
		for i := range v {
			v[i] = float32(float64(v[i]) / length)
		}
	}
	return v
}
