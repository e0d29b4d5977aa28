package conv

import (
	"unsafe"

	"github.com/limner-ai/limner/engine/kernel/conv/winograd"
	"github.com/limner-ai/limner/engine/kernel/isa"
)

// lattice is how Winograd's tiles lie on the two pictures of a correlation of
// stride 1, or on their phases.
type lattice struct {
	kernel       winograd.Kernel
	images       int
	down, across int // tiles of an image
	src, dst     side
	stride       int      // from one tap of a phase of the filter to the next
	taps         []origin // the first tap of each phase
}

// side is a picture that tiles lie on. Element i of tile t of a phase is at row
// y + (t·m+i)·stride, where y is the phase's origin, and so for columns.
type side struct {
	h, w, c int
	stride  int
	phases  []origin
}

type origin struct{ y, x int }

// phasesOf lists the origins of the phases of a picture or filter.
func phasesOf(stride, top, left int) (all []origin) {
	for p := range stride * stride {
		all = append(all, origin{top + p/stride, left + p%stride})
	}
	return all
}

// forwardLattice lies on x and y: phase p of x meets phase p of the filter.
func forwardLattice(level isa.Level, s Shape, m int) lattice {
	l := lattice{kernel: kernelFor(level, s, m), images: s.N, stride: s.StrideH, taps: phasesOf(s.StrideH, 0, 0),
		src: side{s.H, s.W, s.C, s.StrideH, phasesOf(s.StrideH, -s.PadTop, -s.PadLeft)},
		dst: side{s.OutH(), s.OutW(), s.K, 1, phasesOf(1, 0, 0)}}
	l.cover()
	return l
}

// inputGradLattice lies on dy and dx. Row s·i + q of dx, of phase q, takes part
// in the rows e, e−1, … of dy with the taps p, p+s, …, where e = i + ⌊(q+pad)/s⌋
// and p = (q+pad) mod s.
func inputGradLattice(level isa.Level, s Shape, m int) lattice {
	k, stride := kernelFor(level, s, m), s.StrideH
	l := lattice{kernel: k, images: s.N, stride: stride,
		src: side{s.OutH(), s.OutW(), s.K, 1, nil},
		dst: side{s.H, s.W, s.C, stride, phasesOf(stride, 0, 0)}}
	for _, q := range l.dst.phases {
		y, x := q.y+s.PadTop, q.x+s.PadLeft
		l.src.phases = append(l.src.phases, origin{y/stride - k.R() + 1, x/stride - k.R() + 1})
		l.taps = append(l.taps, origin{y % stride, x % stride})
	}
	l.cover()
	return l
}

func kernelFor(level isa.Level, s Shape, m int) winograd.Kernel {
	return winograd.New(level, m, s.KH/s.StrideH, gcd(s.C, s.K))
}

// cover lays out tiles until they cover the result.
func (l *lattice) cover() {
	step := l.kernel.M() * l.dst.stride
	l.down, l.across = ceil(l.dst.h, step), ceil(l.dst.w, step)
}

// rows is the number of rows of tiles in all images.
func (l *lattice) rows() int { return l.images * l.down }

// tiles is the number of tiles in all images.
func (l *lattice) tiles() int { return l.rows() * l.across }

// begins is where in the result a row of tiles begins.
func (l *lattice) begins(row int) int {
	return (row/l.down*l.dst.h + row%l.down*l.kernel.M()*l.dst.stride) * l.dst.w * l.dst.c
}

// tablePoints is the number of points of the largest tile.
const tablePoints = 36

// locate finds channel c of the size×size elements of a tile of a phase of a
// picture, or outside if they are not in it.
func (l *lattice) locate(points *[tablePoints]unsafe.Pointer, s *side, size int, picture []float32, outside unsafe.Pointer, t, phase, c int) {
	row, step := t/l.across, l.kernel.M()*s.stride
	top := s.phases[phase].y + row%l.down*step
	left := s.phases[phase].x + t%l.across*step
	image := picture[row/l.down*s.h*s.w*s.c:][:s.h*s.w*s.c]
	k := 0
	if top >= 0 && left >= 0 && top+(size-1)*s.stride < s.h && left+(size-1)*s.stride < s.w {
		for i := range size {
			at := unsafe.Pointer(&image[((top+i*s.stride)*s.w+left)*s.c+c])
			for j := range size {
				points[k] = unsafe.Add(at, 4*j*s.stride*s.c)
				k++
			}
		}
		return
	}
	for i := range size {
		y := top + i*s.stride
		for j := range size {
			x := left + j*s.stride
			points[k] = outside
			if y >= 0 && y < s.h && x >= 0 && x < s.w {
				points[k] = unsafe.Pointer(&image[(y*s.w+x)*s.c+c])
			}
			k++
		}
	}
}
