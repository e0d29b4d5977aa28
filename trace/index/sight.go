package index

import (
	"context"
	"fmt"
	"image"
	"math"

	ximage "golang.org/x/image/draw"

	"github.com/limner-ai/limner/dataset/frozen"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/evaluate/feature"
)

// sight is what a network sees in the pictures of an index: its features, rounded to
// multiples of one step.
type sight struct {
	network string // digest of its file
	dim     int
	scale   float32 // the step
	rows    []int8  // [n dim]
}

// Network is the digest of the network whose features of the pictures the index
// holds, "" if it holds none.
func (x *Index) Network() string {
	if x.sight == nil {
		return ""
	}
	return x.sight.network
}

func (s *sight) header(bytes int) *features {
	return &features{Network: s.network, Dim: s.dim, Scale: s.scale, Bytes: bytes}
}

// describe adds what the network sees in the pictures of a split, which follow those
// that it has seen before.
func (x *Index) describe(ctx context.Context, set *frozen.Set, space *feature.Space) error {
	h, w, c := set.Shape()
	if space == nil || space.Pictures.Height != h || space.Pictures.Width != w || space.Pictures.Channels != c {
		return nil
	}
	d, err := space.DescribeSet(ctx, set, nil)
	if err != nil {
		return err
	}
	if x.sight == nil {
		most := float32(0)
		for _, v := range d.Features.Data {
			most = max(most, v, -v)
		}
		if most == 0 {
			most = 1
		}
		x.sight = &sight{network: space.Digest, dim: space.Dim, scale: most / 127}
	}
	s := x.sight
	for _, v := range d.Features.Data {
		s.rows = append(s.rows, int8(min(max(math.Round(float64(v/s.scale)), -127), 127)))
	}
	return nil
}

// row gives the features of picture i.
func (s *sight) row(i int) []float32 {
	out := make([]float32, s.dim)
	for k, v := range s.rows[i*s.dim:][:s.dim] {
		out[k] = s.scale * float32(v)
	}
	return out
}

// nearest gives the k pictures whose features are nearest to these, the nearest first.
func (s *sight) nearest(features []float32, k int) []int {
	far := make([]int32, len(s.rows)/s.dim)
	q := make([]int32, s.dim)
	for k, v := range features {
		q[k] = int32(math.Round(float64(min(max(v/s.scale, -1000), 1000))))
	}
	for i := range far {
		for k, v := range s.rows[i*s.dim:][:s.dim] {
			d := q[k] - int32(v)
			far[i] += d * d
		}
	}
	return least(far, k)
}

// Look gives what a network sees in a picture: its features.
type Look func(m *image.NRGBA) ([]float32, error)

// LookWith gives what a network sees in a picture of any extent.
func LookWith(space *feature.Space, m *image.NRGBA) ([]float32, error) {
	p := space.Pictures
	if p.Channels != 4 {
		return nil, fmt.Errorf("index: the network %s sees pictures of %d channels, not of 4", space.Name, p.Channels)
	}
	if w, h := m.Rect.Dx(), m.Rect.Dy(); w != p.Width || h != p.Height {
		by := ximage.Interpolator(ximage.CatmullRom)
		if p.Width%w == 0 && p.Height%h == 0 { // as limner evaluate enlarges
			by = ximage.NearestNeighbor
		}
		scaled := image.NewNRGBA(image.Rect(0, 0, p.Width, p.Height))
		by.Scale(scaled, scaled.Rect, m, m.Rect, ximage.Src, nil)
		m = scaled
	}
	x := tensor.New(1, p.Height, p.Width, 4)
	for y := range p.Height {
		row := m.Pix[m.PixOffset(m.Rect.Min.X, m.Rect.Min.Y+y):]
		for i, v := range row[:4*p.Width] {
			x.Data[y*4*p.Width+i] = float32(v) / 255
		}
	}
	d, err := space.Describe(x, nil)
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	return d.Features.Data, nil
}
