package conv

import (
	"github.com/limner-ai/limner/engine/kernel/gemm/tile"
	"github.com/limner-ai/limner/engine/kernel/isa"
)

// filter is the layout of w: [kh][kw][c/groups][k].
type filter struct {
	level    isa.Level
	kw, c, k int // c is the input channels of a group, k all output channels
}

func filterOf(level isa.Level, s Shape) filter {
	return filter{level: level, kw: s.KW, c: s.C / s.Groups, k: s.K}
}

// Pack lays out a share of the filter w the way the kernels read it.
func (c *correlation) Pack(task int, packed, w []float32) {
	tasks := c.PackTasks()
	lo, hi := task*c.units/tasks, (task+1)*c.units/tasks
	unit := 0
	for i := range c.phases {
		p := &c.phases[i]
		n := c.groups
		switch {
		case c.depthwise:
			n = 1
		case !c.few:
			n *= c.kn.Panels(c.out)
		}
		for u := max(lo, unit); u < min(hi, unit+n); u++ {
			size := p.depth * c.width()
			dst := packed[p.packed+(u-unit)*size:][:size]
			switch {
			case c.depthwise:
				c.packTaps(p, dst, w)
			case c.few:
				c.packColumns(p, dst, w, u-unit)
			case c.form == tile.Paired:
				c.packPairs(p, dst, w, u-unit)
			default:
				c.packPanel(p, dst, w, u-unit)
			}
			if c.form == tile.Rounded {
				c.kn.Round(dst)
			}
		}
		unit += n
	}
}

// width is the number of columns that are packed together.
func (c *correlation) width() int {
	switch {
	case c.depthwise:
		return c.src.width
	case c.few:
		return c.out
	}
	return c.kn.NR()
}

// packPanel packs one panel of B, [tap][channel in][NR].
func (c *correlation) packPanel(p *phase, dst, w []float32, u int) {
	nr := c.kn.NR()
	g, j := u/c.kn.Panels(c.out), u%c.kn.Panels(c.out)*nr
	cols, f := min(nr, c.out-j), c.filter
	for _, kh := range p.rows.taps {
		for _, kw := range p.cols.taps {
			tap := w[(kh*f.kw+kw)*f.c*f.k:]
			if c.flipped {
				c.kn.Transpose(dst, tap[j*f.k+g*c.in:], c.in, cols, f.k, nr)
			} else {
				c.kn.Copy(dst, tap[g*c.out+j:], c.in, cols, f.k, 0)
			}
			dst = dst[c.in*nr:]
		}
	}
}

// packColumns packs the B of a group whose columns are contiguous,
// [channel out][tap][channel in].
func (c *correlation) packColumns(p *phase, dst, w []float32, g int) {
	f := c.filter
	for n := range c.out {
		for _, kh := range p.rows.taps {
			for _, kw := range p.cols.taps {
				tap := w[(kh*f.kw+kw)*f.c*f.k:]
				if c.flipped {
					copy(dst[:c.in], tap[n*f.k+g*c.in:])
				} else {
					for i := range c.in {
						dst[i] = tap[i*f.k+g*c.out+n]
					}
				}
				dst = dst[c.in:]
			}
		}
	}
}

// packTaps packs a filter with one weight a channel, [tap][width].
func (c *correlation) packTaps(p *phase, dst, w []float32) {
	for _, kh := range p.rows.taps {
		for _, kw := range p.cols.taps {
			row := dst[:c.src.width]
			clear(row[copy(row, w[(kh*c.filter.kw+kw)*c.out:][:c.out]):])
			dst = dst[c.src.width:]
		}
	}
}
