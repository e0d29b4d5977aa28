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
}

// side is a picture that tiles lie on. Element i of tile t of a phase is at row
// top + (t·m+i)·stride + phase, and so for columns.
type side struct {
	h, w, c   int
	stride    int // from one row of a phase to the next; there are as many phases in each direction
	top, left int
}

func (s *side) phases() int { return s.stride * s.stride }

// forwardLattice lies on x and y.
func forwardLattice(level isa.Level, s Shape, m int) lattice {
	l := lattice{kernel: kernelFor(level, s, m), images: s.N,
		src: side{s.H, s.W, s.C, s.StrideH, -s.PadTop, -s.PadLeft},
		dst: side{s.OutH(), s.OutW(), s.K, 1, 0, 0}}
	l.cover()
	return l
}

// inputGradLattice lies on dy and dx. Row d of dx takes part in the rows e, e−1,
// … of dy with taps p, p+s, …, where d = s·e + p − pad; the first tile begins
// with the first e for which there is such a row.
func inputGradLattice(level isa.Level, s Shape, m int) lattice {
	first, left := s.PadTop/s.StrideH, s.PadLeft/s.StrideW
	k := kernelFor(level, s, m)
	l := lattice{kernel: k, images: s.N,
		src: side{s.OutH(), s.OutW(), s.K, 1, first - k.R() + 1, left - k.R() + 1},
		dst: side{s.H, s.W, s.C, s.StrideH, first*s.StrideH - s.PadTop, left*s.StrideW - s.PadLeft}}
	l.cover()
	return l
}

func kernelFor(level isa.Level, s Shape, m int) winograd.Kernel {
	return winograd.New(level, m, s.KH/s.StrideH, gcd(s.C, s.K))
}

// cover lays out tiles until they cover the result.
func (l *lattice) cover() {
	step := l.kernel.M() * l.dst.stride
	l.down, l.across = ceil(l.dst.h-l.dst.top, step), ceil(l.dst.w-l.dst.left, step)
}

// rows is the number of rows of tiles in all images.
func (l *lattice) rows() int { return l.images * l.down }

// tiles is the number of tiles in all images.
func (l *lattice) tiles() int { return l.rows() * l.across }

// begins is where in the result a row of tiles begins.
func (l *lattice) begins(row int) int {
	y := l.dst.top + row%l.down*l.kernel.M()*l.dst.stride
	return (row/l.down*l.dst.h + max(y, 0)) * l.dst.w * l.dst.c
}

// tablePoints is the number of points of the largest tile.
const tablePoints = 36

// locate finds channel c of the size×size elements of a tile in a picture, or
// outside if they are not in it.
func (l *lattice) locate(points *[tablePoints]unsafe.Pointer, s *side, size int, picture []float32, outside unsafe.Pointer, t, phase, c int) {
	row, step := t/l.across, l.kernel.M()*s.stride
	top := s.top + row%l.down*step + phase/s.stride
	left := s.left + t%l.across*step + phase%s.stride
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
