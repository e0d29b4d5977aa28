package watermark

import (
	"errors"
	"image"
)

// Embed returns a copy of m with a mark that carries id. Alpha and what is
// fully transparent stay as they are. A picture of square pixels, each k×k
// points, is marked as the small picture that it is. If there is no room for a
// mark that Detect would find, it returns a copy of m as it is, and ErrNoRoom.
// The same input gives the same bits on every machine.
func Embed(m *image.NRGBA, k Key, id uint32) (*image.NRGBA, error) {
	if m == nil || m.Rect.Empty() {
		return m, errors.New("watermark: the picture is empty")
	}
	whole := image.NewNRGBA(image.Rect(0, 0, m.Rect.Dx(), m.Rect.Dy()))
	for y := range whole.Rect.Dy() {
		copy(whole.Pix[y*whole.Stride:(y+1)*whole.Stride], m.Pix[y*m.Stride:])
	}
	if f := squares(whole); f > 1 {
		small, err := embed(shrunk(whole, f), k, id)
		if err != nil {
			return whole, err
		}
		return grown(small, f), nil
	}
	return embed(whole, k, id)
}

func embed(m *image.NRGBA, k Key, id uint32) (*image.NRGBA, error) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	if max(w, h) < leastSide {
		return m, ErrNoRoom
	}
	work := reduced(m, workside)
	c := newCarrier(k)
	f := newFinder(c)
	first := doublings(max(w, h))
	// Where little is visible, smaller units make room, but not for attacks.
	for d := first; d <= min(first+1, maxDoublings); d++ {
		o := newOptimiser(work, d, c.wanted(id))
		if o.flat() {
			break
		}
		if o.room() < leastRoom {
			continue
		}
		v := o.run()
		for i := range v {
			v[i] *= strength[first]
		}
		out := render(m, newSpread(w, h, o.nx, o.ny, frame(max(w, h), d).unit), v)
		s := newSearch(reduced(out, workside), f)
		s.frames()
		if s.found.p <= Certain {
			return out, nil
		}
	}
	return m, ErrNoRoom
}

// strength is the share of the way that units are moved to where they are
// wanted, by how often their number is doubled: the more there are, the less
// each need say, and the less is seen (the compensation of Chen and Wornell).
var strength = [maxDoublings + 1]float64{1, 0.8, 0.65, 0.5}

const (
	leastSide = 16 // pixels
	leastRoom = 40 // visible units
)

// squares is the largest k so that the picture is made of k×k squares of one
// colour each, at most 64.
func squares(m *image.NRGBA) int {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	for k := min(64, w/leastSide, h/leastSide); k > 1; k-- {
		if w%k == 0 && h%k == 0 && square(m, k) {
			return k
		}
	}
	return 1
}

func square(m *image.NRGBA, k int) bool {
	for y := range m.Rect.Dy() {
		row, first := m.Pix[y*m.Stride:], m.Pix[y/k*k*m.Stride:]
		for x := range m.Rect.Dx() {
			if [4]uint8(row[4*x:]) != [4]uint8(first[4*(x/k*k):]) {
				return false
			}
		}
	}
	return true
}

func shrunk(m *image.NRGBA, k int) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, m.Rect.Dx()/k, m.Rect.Dy()/k))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			copy(out.Pix[y*out.Stride+4*x:][:4], m.Pix[y*k*m.Stride+4*x*k:])
		}
	}
	return out
}

func grown(m *image.NRGBA, k int) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, m.Rect.Dx()*k, m.Rect.Dy()*k))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			copy(out.Pix[y*out.Stride+4*x:][:4], m.Pix[y/k*m.Stride+4*(x/k):])
		}
	}
	return out
}
