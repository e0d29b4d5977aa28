package generate

import (
	"fmt"
	"math"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
)

// Picture wraps h·w·c values in [0, 1] as the one picture of a tensor.
func (g *Generator) Picture(pixels []float32) (*tensor.Tensor, error) {
	p := g.Manifest.Pictures
	if len(pixels) != p.Height*p.Width*p.Channels {
		return nil, fmt.Errorf("the model takes pictures of %d×%d×%d, not %d values", p.Height, p.Width, p.Channels, len(pixels))
	}
	return tensor.From(pixels, 1, p.Height, p.Width, p.Channels), nil
}

// classesOf are the classes for pictures that come as prompts: the named one,
// or for each picture the one under which the model finds it likeliest.
func (g *Generator) classesOf(images *tensor.Tensor, name string) ([]int, error) {
	classes, err := g.Classes(name)
	if err != nil {
		return nil, err
	}
	n := images.Shape[0]
	out := make([]int, n)
	for i := range out {
		out[i] = classes[0]
	}
	if len(classes) == 1 {
		return out, nil
	}
	best := make([]float32, n)
	for k, class := range classes {
		bound, err := g.Bound(images, repeat(class, n))
		if err != nil {
			return nil, err
		}
		for i, v := range bound {
			if k == 0 || v > best[i] {
				best[i], out[i] = v, class
			}
		}
	}
	return out, nil
}

func repeat(class, n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = max(0, class)
	}
	return out
}

// Vary makes variations of one picture [1 h w c]: z = √(1−s²) μ + s ε with μ
// its mean under the encoder, ε ~ N(0, 1) and s the strength. A strength of 0
// gives its reconstruction, one of 1 leaves nothing of it but the class.
func (g *Generator) Vary(image *tensor.Tensor, q Request, strength float64) (*Pictures, error) {
	if err := g.encoder(); err != nil {
		return nil, err
	}
	switch {
	case !(strength >= 0 && strength <= 1):
		return nil, fmt.Errorf("strength %v: want a number from 0 (the picture itself) to 1 (nothing of it)", strength)
	case q.N < 1 || q.First < 0:
		return nil, fmt.Errorf("cannot make %d variations from number %d on: want at least 1, from 0 on", q.N, q.First)
	}
	classes, err := g.classesOf(image, q.Class)
	if err != nil {
		return nil, err
	}
	mean, _, err := g.Encode(image, repeat(classes[0], 1))
	if err != nil {
		return nil, err
	}
	z := len(mean.Data)
	rows := trained.Latents(q.Seed, q.First, q.N, z)
	keep := math.Sqrt(1 - strength*strength)
	for i := range rows.Data {
		rows.Data[i] = float32(keep*float64(mean.Data[i%z]) + strength*float64(rows.Data[i]))
	}
	p, err := g.decode(rows, classes, 1)
	if err != nil {
		return nil, err
	}
	for i := range p.Items {
		p.Items[i].Seed, p.Items[i].Index, p.Items[i].How = q.Seed, q.First+i, "variation"
	}
	return p, nil
}

// Reconstructions passes pictures [n h w c] through the latents and back. The
// result has two lines of up to eight in turn: the pictures, and what became
// of them.
func (g *Generator) Reconstructions(images *tensor.Tensor, class string) (*Pictures, error) {
	if !g.Has(model.UseReconstruct) {
		return nil, fmt.Errorf("the model %s (%s) cannot reconstruct: %w", g.Manifest.Name, g.Manifest.Family, errNoEncoder)
	}
	classes, err := g.classesOf(images, class)
	if err != nil {
		return nil, err
	}
	labels := make([]int, len(classes))
	for i, c := range classes {
		labels[i] = max(0, c)
	}
	made, err := g.Model.Reconstruct(images, labels)
	if err != nil {
		return nil, err
	}
	n := images.Shape[0]
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

// Between goes in so many steps from one picture [1 h w c] to another.
func (g *Generator) Between(from, to *tensor.Tensor, class string, steps int) (*Pictures, error) {
	if err := g.encoder(); err != nil {
		return nil, err
	}
	classes, err := g.classesOf(from, class)
	if err != nil {
		return nil, err
	}
	var ends [2]*tensor.Tensor
	for i, image := range []*tensor.Tensor{from, to} {
		if ends[i], _, err = g.Encode(image, repeat(classes[0], 1)); err != nil {
			return nil, err
		}
	}
	return g.between(ends[0].Data, ends[1].Data, classes, steps)
}

// BetweenSeeds goes in so many steps from the first picture of one seed to
// that of another, for each class.
func (g *Generator) BetweenSeeds(from, to uint64, class string, steps int) (*Pictures, error) {
	classes, err := g.Classes(class)
	if err != nil {
		return nil, err
	}
	z, err := g.Latent()
	if err != nil {
		return nil, err
	}
	return g.between(trained.Latents(from, 0, 1, z).Data, trained.Latents(to, 0, 1, z).Data, classes, steps)
}

func (g *Generator) between(from, to []float32, classes []int, steps int) (*Pictures, error) {
	if steps < 2 {
		return nil, fmt.Errorf("an interpolation has at least 2 steps, not %d", steps)
	}
	rows := tensor.New(steps, len(from))
	for i := range steps {
		slerp(rows.Row(i), from, to, float64(i)/float64(steps-1))
	}
	p, err := g.decode(rows, classes, 1)
	if err != nil {
		return nil, err
	}
	p.Columns = steps
	for i := range p.Items {
		p.Items[i].Index, p.Items[i].How = i%steps, "interpolation"
	}
	return p, nil
}

// slerp goes the share t of the way from a to b along the great circle, with
// the lengths interpolated linearly: Shoemake, "Animating Rotation with
// Quaternion Curves" (1985), section 3.3; for latents White, "Sampling
// Generative Networks" (2016), section 2.1. It goes straight where the
// directions are equal, opposite or none.
func slerp(dst, a, b []float32, t float64) {
	var aa, bb, ab float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		aa, bb, ab = aa+x*x, bb+y*y, ab+x*y
	}
	wa, wb := 1-t, t
	la, lb := math.Sqrt(aa), math.Sqrt(bb)
	if la > 0 && lb > 0 {
		angle := math.Acos(max(-1, min(1, ab/(la*lb))))
		if sin := math.Sin(angle); sin > 1e-6 {
			length := (1-t)*la + t*lb
			wa = math.Sin((1-t)*angle) / sin * length / la
			wb = math.Sin(t*angle) / sin * length / lb
		}
	}
	for i := range dst {
		dst[i] = float32(wa*float64(a[i]) + wb*float64(b[i]))
	}
}
