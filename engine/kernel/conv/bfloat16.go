package conv

import "github.com/limner-ai/limner/engine/kernel/gemm/tile"

// A convolution of operands that are rounded to bfloat16 copies its source into
// strips, rounded, and packs its filter, rounded. Where the processor
// multiplies bfloat16, both hold pairs of channels, so that a pixel is half as
// many words; an odd channel is paired with zeros. Products channel by channel
// and those with few output channels are left to the kernels on floats.

// formOf is a variable for tests alone.
var formOf = tile.BFloat16

// round chooses the form of a correlation's operands.
func (c *correlation) round(bfloat16 bool) {
	c.channels = c.in
	if !bfloat16 {
		return
	}
	c.form = formOf(c.filter.level)
	if c.depthwise || c.out <= tile.DotsMax {
		c.form = tile.Rounded
	}
	if c.form == tile.Paired {
		c.in = ceil(c.in, 2)
	}
}

func (c *correlation) kernel() tile.Kernel {
	if c.form == tile.Paired {
		return tile.NewPaired(c.filter.level, c.out)
	}
	return tile.New(c.filter.level, c.out)
}

func (c *correlation) rows(args *tile.Args) {
	if c.form == tile.Paired {
		c.kn.RowsPaired(args)
	} else {
		c.kn.Rows(args)
	}
}

// Channels that are packed as floats before they become pairs, and the room for
// them.
const (
	foldChannels = 32
	foldRoom     = foldChannels * widestPanel
)

// packPairs is packPanel, in pairs of channels.
func (c *correlation) packPairs(p *phase, dst, w []float32, u int) {
	var room [foldRoom]float32
	nr := c.kn.NR()
	g, j := u/c.kn.Panels(c.out), u%c.kn.Panels(c.out)*nr
	cols, f := min(nr, c.out-j), c.filter
	for _, kh := range p.rows.taps {
		for _, kw := range p.cols.taps {
			tap := w[(kh*f.kw+kw)*f.c*f.k:]
			for i := 0; i < c.channels; i += foldChannels {
				n := min(foldChannels, c.channels-i)
				if c.flipped {
					c.kn.Transpose(room[:], tap[j*f.k+g*c.channels+i:], n, cols, f.k, nr)
				} else {
					c.kn.Copy(room[:], tap[i*f.k+g*c.out+j:], n, cols, f.k, 0)
				}
				c.kn.Fold(dst[i/2*nr:], room[:], n, nr, nr)
			}
			dst = dst[c.in*nr:]
		}
	}
}

// round copies the channels of one group of a row of pixels, rounded.
func (s *strip) round(dst, src []float32, g int) {
	channels := s.c / s.groups
	switch {
	case s.form == tile.Rounded && s.width == s.c && channels == s.c:
		copy(dst, src)
		s.kn.Round(dst)
	case s.form == tile.Rounded:
		s.kn.Move(dst, src[g*channels:], len(dst)/s.width, channels, s.width, s.c)
		s.kn.Round(dst)
	case channels == s.c && channels%2 == 0:
		s.kn.FoldLine(dst, src)
	default:
		for i := range len(dst) / s.width {
			s.kn.FoldLine(dst[i*s.width:], src[i*s.c+g*channels:][:channels])
		}
	}
}

// round rounds count panels or tiles of pixels, size floats apart, or makes
// pairs of their pixels.
func (v *visit) round(dst []float32, count, width, size int) {
	for i := range count {
		part := dst[i*size:][:v.pixels*width]
		switch v.form {
		case tile.Rounded:
			v.kn.Round(part)
		case tile.Paired:
			v.kn.Fold(part, part, v.pixels, width, width)
		}
	}
}

// steps is the length of a sum over pixels.
func (v *visit) steps() int {
	if v.form == tile.Paired {
		return ceil(v.pixels, 2)
	}
	return v.pixels
}
