package conv

import (
	"github.com/limner-ai/limner/engine/kernel/gemm/tile"
	"github.com/limner-ai/limner/engine/kernel/isa"
)

// strip is where a task's share of a picture lies: rows of several images,
// with the padding, group after group.
type strip struct {
	h, w, c    int // of the source, per image
	groups     int
	rows, cols int // of the strip, per image
	images     int // at most
	left       int // column of the source that the strip begins with
	width      int // floats per pixel of a group, at least c/groups, or words for as many
	form       tile.Form

	kn                  tile.Kernel // copies pixels as wide as its tiles
	direct              bool        // read the source in place
	sorts               bool        // a group is as wide as a tile of kn, and all are copied at once
	pitch, image, group int         // floats from one row, image and group to the next
}

// narrow is the kernel with the widest tiles that divide so many channels.
func narrow(level isa.Level, channels int) tile.Kernel {
	for _, n := range []int{32, 16} {
		if kn := tile.New(level, n); channels%kn.NR() == 0 {
			return kn
		}
	}
	return tile.New(level, 8)
}

// layout computes the distances. inside says that the strip never leaves the
// picture; then it need not be copied, unless the groups must be sorted.
func (s *strip) layout(inside bool) {
	s.direct = inside && s.groups == 1 && s.width == s.c && s.form == tile.Float32
	if s.direct {
		s.pitch, s.image = s.w*s.c, s.h*s.w*s.c
		return
	}
	s.sorts = s.groups > 1 && s.width == s.kn.NR() && s.c == s.groups*s.width && s.form == tile.Float32
	s.pitch = s.cols * s.width
	s.image = s.rows * s.pitch
	s.group = s.image * s.images
}

// size is the number of floats of scratch.
func (s *strip) size() int { return s.group * s.groups }

// at is where a pixel of the strip begins.
func (s *strip) at(image, row, col int) int {
	if s.direct {
		col += s.left
	}
	return image*s.image + row*s.pitch + col*s.width
}

// fill copies groups g0 to g1 of the rows from top on (negative ones are
// padding) of images n0 to n1, and returns the floats that at counts from.
func (s *strip) fill(dst, src []float32, n0, n1, top, g0, g1 int) []float32 {
	if s.direct {
		return src[(n0*s.h+top)*s.w*s.c:]
	}
	pad := min(max(-s.left, 0), s.cols)        // columns of zeros on the left
	from := max(s.left, 0)                     // first column of the source
	count := max(min(s.cols-pad, s.w-from), 0) // columns that it fills
	for n := n0; n < n1; n++ {
		for r := range s.rows {
			y := top + r
			if s.sorts && y >= 0 && y < s.h && count > 0 {
				at := (n-n0)*s.image + r*s.pitch
				for g := g0; g < g1; g++ {
					row := dst[g*s.group+at:][:s.pitch]
					clear(row[:pad*s.width])
					clear(row[(pad+count)*s.width:])
				}
				s.kn.Copy(dst[g0*s.group+at+pad*s.width:], src[((n*s.h+y)*s.w+from)*s.c+g0*s.width:], count, (g1-g0)*s.width, s.c, s.group)
				continue
			}
			for g := g0; g < g1; g++ {
				row := dst[g*s.group+(n-n0)*s.image+r*s.pitch:][:s.pitch]
				if y < 0 || y >= s.h || count == 0 {
					clear(row)
					continue
				}
				clear(row[:pad*s.width])
				s.line(row[pad*s.width:(pad+count)*s.width], src[((n*s.h+y)*s.w+from)*s.c:][:count*s.c], g)
				clear(row[(pad+count)*s.width:])
			}
		}
	}
	return dst
}

// line copies the channels of one group of a row of pixels. Floats of a pixel
// beyond them are never used.
func (s *strip) line(dst, src []float32, g int) {
	channels := s.c / s.groups
	if s.form != tile.Float32 {
		s.round(dst, src, g)
		return
	}
	if channels == s.c && s.width == s.c {
		copy(dst, src)
		return
	}
	s.kn.Move(dst, src[g*channels:], len(dst)/s.width, channels, s.width, s.c)
}
