package generate

import (
	"fmt"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"strings"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/internal/grid"
)

// Look says how pictures are written.
type Look struct {
	Scale int // side of a pixel; 0: 1, in a grid of small pictures more
	// Background is laid behind transparent pictures. Without one a picture of
	// its own stays transparent, and a grid shows a chessboard.
	Background *color.NRGBA
	// Encode gives the file of an image of pictures from up to to, with what is to
	// prove where it comes from; nil: EncodePNG, which only says so.
	Encode func(img image.Image, o Origin, from, to int) ([]byte, error)
}

// Write writes a PNG: the picture if there is one, else a grid of all.
func (g *Generator) Write(path string, p *Pictures, l Look) error {
	if dir := filepath.Dir(path); dir != "" {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("cannot write %s: %w", path, err)
		}
	}
	if len(p.Items) == 1 {
		return g.writeOne(path, p, 0, l)
	}
	scale := l.Scale
	if scale == 0 {
		scale = max(1, 64/p.Images.Shape[1])
	}
	img, err := grid.Draw(l.over(p.Images), grid.Options{Columns: p.Columns, Labels: p.Labels, Scale: scale})
	if err != nil {
		return err
	}
	return l.write(path, img, g.Origin(p.Request, p.Items), 0, len(p.Items))
}

// WriteSingle writes each picture into a PNG of its own in a folder, named by
// seed, index and class, and returns the paths.
func (g *Generator) WriteSingle(dir string, p *Pictures, l Look) ([]string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("cannot make the folder of the pictures: %w", err)
	}
	var paths []string
	for i, item := range p.Items {
		path := filepath.Join(dir, item.fileName(i))
		if err := g.writeOne(path, p, i, l); err != nil {
			return paths, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

func (g *Generator) writeOne(path string, p *Pictures, i int, l Look) error {
	img, err := p.Image(i, l)
	if err != nil {
		return err
	}
	return l.write(path, img, g.Origin(p.Request, p.Items[i:i+1]), i, i+1)
}

// Image is picture i: an *image.NRGBA if it is transparent.
func (p *Pictures) Image(i int, l Look) (image.Image, error) {
	return l.Image(tensor.From(p.Images.Row(i), append(tensor.S(1), p.Images.Shape[1:]...)...))
}

// Image is the picture of a tensor [1 h w c] in [0, 1].
func (l Look) Image(picture *tensor.Tensor) (image.Image, error) {
	one := l.over(picture)
	if one.Shape[3] == 4 {
		return transparent(one, max(1, l.Scale)), nil
	}
	return grid.Draw(one, grid.Options{Scale: max(1, l.Scale), Margin: -1})
}

// transparent is the picture [1 h w 4] of a tensor.
func transparent(t *tensor.Tensor, scale int) *image.NRGBA {
	h, w := t.Shape[1], t.Shape[2]
	out := image.NewNRGBA(image.Rect(0, 0, w*scale, h*scale))
	for y := range h * scale {
		for x := range w * scale {
			from, to := t.Data[4*(y/scale*w+x/scale):][:4], out.Pix[out.PixOffset(x, y):][:4]
			for k, v := range from {
				to[k] = uint8(max(0, min(v, 1))*255 + .5)
			}
		}
	}
	return out
}

// over lays pictures with alpha over the background, if there is one, on the
// levels of sRGB as browsers do.
func (l Look) over(t *tensor.Tensor) *tensor.Tensor {
	if l.Background == nil || t.Shape[3] != 4 {
		return t
	}
	under := [3]float32{float32(l.Background.R) / 255, float32(l.Background.G) / 255, float32(l.Background.B) / 255}
	out := tensor.New(t.Shape[0], t.Shape[1], t.Shape[2], 3)
	for i := range len(t.Data) / 4 {
		px := t.Data[4*i:][:4]
		alpha := max(0, min(px[3], 1))
		for k := range under {
			out.Data[3*i+k] = px[k]*alpha + under[k]*(1-alpha)
		}
	}
	return out
}

func (it Item) fileName(at int) string {
	name := fmt.Sprintf("%d-%04d", it.Seed, it.Index)
	if it.Number > 0 {
		name = fmt.Sprintf("%04d-%s", it.Number, name)
	}
	if it.How != "" {
		name = fmt.Sprintf("%s-%04d", it.How, at)
	}
	if it.ClassName != "" {
		name += "-" + strings.ReplaceAll(plain(it.ClassName), " ", "-")
	}
	return name + ".png"
}
