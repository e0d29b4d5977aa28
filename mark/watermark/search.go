package watermark

import (
	"image"
	"math/cmplx"
)

// The longer side of a picture has firstUnits units, doubled at most
// maxDoublings times: see doublings.
const (
	firstUnits   = 24
	maxDoublings = 3
	maxUnits     = firstUnits << maxDoublings
)

// doublings is how often the number of units along the longer side of a picture
// is doubled, so that a unit keeps about three to five pixels where it may.
func doublings(longer int) int {
	d := 0
	for longer > 128<<d && d < maxDoublings {
		d++
	}
	return d
}

// The chance of a false alarm is shared out among the ways to look, more to
// those that are likelier: if the shares add up to one, the least of p/share is
// at most a with chance at most a (Bonferroni's inequality, weighted).
const (
	shareFrame       = 0.25 // the whole picture, as it was made
	shareFrameTones  = 0.15 // the same, with other tones
	shareFrameMirror = 0.05
	shareFrameTurned = 0.05 // by a right angle, mirrored or not
	shareScaled      = 0.25 // a part, at its first size
	shareAny         = 0.25 // a part, at any size
)

// early is the chance from which on no more places are looked at.
const early = 1e-9

// Orientations are numbered by three bits.
const (
	mirrored     = 1 // left and right are exchanged
	flipped      = 2 // top and bottom
	transposed   = 4 // rows and columns, after the others
	orientations = 8
)

// place is one place where the mark was looked for.
type place struct {
	pose
	orientation int
	tone        tone
	dx, dy      int // of the pilot in the cell
	extent      int // units a side that are read
	p           float64
}

// view is a picture in one orientation.
type view struct{ luma, visible *table } // visible is nil if all is

type search struct {
	*finder
	luma, alpha plane
	opaque      bool
	views       [orientations]*view
	found       place
}

func newSearch(m *image.NRGBA, f *finder) *search {
	s := &search{finder: f, luma: luma(m, meanGround), alpha: alpha(m), opaque: true, found: place{p: 1}}
	for _, a := range s.alpha.y {
		s.opaque = s.opaque && a == 255*level
	}
	return s
}

// view is the picture in an orientation.
func (s *search) view(o int) *view {
	if s.views[o] == nil {
		s.views[o] = &view{luma: newTable(s.luma.oriented(o))}
		if !s.opaque {
			s.views[o].visible = newTable(s.alpha.oriented(o))
		}
	}
	return s.views[o]
}

// sample takes the units of a pose and how much each counts.
func (v *view) sample(p pose, extent int) (f field, weight []float64) {
	f = sample(v.luma, p, extent)
	if len(f.v) == 0 {
		return f, nil
	}
	var visible field
	if v.visible != nil {
		visible = sample(v.visible, p, extent)
	}
	return f, weigh(f, visible)
}

// read is the whole way from a place to a cell.
func (s *search) read(at place) *[area]complex128 {
	f, weight := s.view(at.orientation).sample(at.pose, at.extent)
	return fold(at.tone.undo(f), weight)
}

// try takes a place if it is less likely by chance than the best so far.
func (s *search) try(at place, tail, share float64) {
	if at.p = min(1, tail/share); at.p < s.found.p {
		s.found = at
	}
}

// frames looks for the lattice where it was made: fixed to the frame.
func (s *search) frames() {
	longer := max(s.luma.w, s.luma.h)
	for o := range orientations {
		share := shareFrameTurned / (orientations - 2)
		switch o {
		case 0:
			share = shareFrame
		case mirrored:
			share = shareFrameMirror
		}
		for d := range maxDoublings + 1 {
			at := place{pose: frame(longer, d), orientation: o, extent: maxUnits, tone: same}
			if at.unit < 0.9 {
				break
			}
			part := 0.5 / maxDoublings // of the share
			if d == doublings(longer) {
				part = 0.5
			}
			f, weight := s.view(o).sample(at.pose, at.extent)
			s.try(at, turnTail(real(s.score(fold(f, weight), 0, 0))), share*part)
			if o != 0 || s.found.p <= early {
				continue
			}
			for _, at.tone = range tones {
				t := s.score(fold(at.tone.undo(f), weight), 0, 0)
				s.try(at, modulusTail(cmplx.Abs(t)), shareFrameTones*part/float64(len(tones)))
			}
		}
	}
}

// frame is the pose of a whole picture.
func frame(longer, doublings int) pose {
	return pose{unit: float64(longer) / float64(int(firstUnits)<<doublings)}
}

// sides are the longer sides of pictures as they are often made: parts of them
// that keep their size are looked for first.
var sides = []int{32, 64, 1024}

// cuts looks for parts of pictures: the lattice may lie anywhere.
func (s *search) cuts() {
	longer := float64(max(s.luma.w, s.luma.h))
	for _, side := range sides {
		unit := frame(side, doublings(side)).unit
		if longer/unit <= maxUnits+1 && longer/unit >= 6 {
			for o, part := range [2]float64{0.8, 0.2} {
				s.cut(unit, o, maxUnits, 8, shareScaled*part/float64(len(sides)))
			}
		}
	}
	if s.found.p <= early || longer < fineSide {
		return // so few units are not found at a size that is not known
	}
	var list []float64
	for unit := max(1, longer/maxUnits); unit < longer/8; {
		list = append(list, unit)
		unit *= 1 + 0.5/min(longer/unit, window)
	}
	for _, unit := range list {
		s.cut(unit, 0, window, 3, shareAny/float64(len(list)))
	}
}

// window is how many units a side are read where the size is not known: more
// would want sizes that lie nearer to each other.
const window = 48

// cut looks for the lattice with one size of units wherever it may lie, in
// steps of a part of a unit.
func (s *search) cut(unit float64, orientation, extent, parts int, share float64) {
	v := s.view(orientation)
	for j := range parts {
		for i := range parts {
			x, y := float64(i)*unit/float64(parts), float64(j)*unit/float64(parts)
			at := place{pose: pose{unit, x, y}, orientation: orientation, extent: extent, tone: same}
			f, weight := v.sample(at.pose, extent)
			var t float64
			t, at.dx, at.dy = s.best(fold(f, weight))
			s.try(at, turnTail(t), share/float64(parts*parts*area))
		}
	}
}

// refine moves a place that was found by parts of a unit to where the pilot is
// strongest, so that the id is read well. What it returns is no evidence of the
// mark; the id's own places are not looked at.
func (s *search) refine(at place) place {
	v := s.view(at.orientation)
	best := cmplx.Abs(s.score(s.read(at), at.dx, at.dy))
	cx, cy := float64(v.luma.w)/v.luma.fine/2, float64(v.luma.h)/v.luma.fine/2
	across := 2 * max(cx, cy) / at.unit
	for _, step := range []float64{0.12, 0.06} {
		for range 4 {
			moved := false
			for _, d := range [][3]float64{{1, 0, 0}, {-1, 0, 0}, {0, 1, 0}, {0, -1, 0}, {0, 0, 1}, {0, 0, -1}} {
				next := at
				grow := 1 + 2*step*d[2]/across
				next.unit *= grow
				next.x = cx + (at.x-cx)*grow + d[0]*step*at.unit
				next.y = cy + (at.y-cy)*grow + d[1]*step*at.unit
				if t := cmplx.Abs(s.score(s.read(next), at.dx, at.dy)); t > best {
					at, best, moved = next, t, true
				}
			}
			if !moved {
				break
			}
		}
	}
	return at
}

// oriented is the plane with its sides exchanged.
func (p plane) oriented(o int) plane {
	if o == 0 {
		return p
	}
	out := plane{p.w, p.h, make([]int32, len(p.y))}
	if o&transposed != 0 {
		out.w, out.h = p.h, p.w
	}
	for y := range p.h {
		for x := range p.w {
			i, j := x, y
			if o&mirrored != 0 {
				i = p.w - 1 - x
			}
			if o&flipped != 0 {
				j = p.h - 1 - y
			}
			if o&transposed != 0 {
				i, j = j, i
			}
			out.y[j*out.w+i] = p.y[y*p.w+x]
		}
	}
	return out
}
