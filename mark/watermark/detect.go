package watermark

import (
	"errors"
	"image"
)

// workside is the longer side, in pixels, of the pictures that are looked at;
// larger ones are reduced first. The mark has at most maxUnits units a side, so
// that a unit keeps at least two pixels.
const workside = 1024

// Detect looks for a mark made with the key.
func Detect(m *image.NRGBA, k Key) (Reading, error) {
	if m == nil || m.Rect.Empty() {
		return Reading{P: 1}, errors.New("watermark: the picture is empty")
	}
	work := reduced(m, workside)
	s := newSearch(work, newFinder(newCarrier(k)))
	s.frames()
	if s.found.p > early {
		s.cuts()
	}
	r := Reading{P: s.found.p}
	if r.Found = s.found.p <= Certain; !r.Found {
		return r, nil
	}
	at := s.refine(s.found)
	factor := float64(m.Rect.Dx()) / float64(work.Rect.Dx())
	r.Unit, r.X, r.Y = at.unit*factor, at.x*factor, at.y*factor
	r.Mirrored = at.orientation&mirrored != 0
	cell := s.read(at)
	direction := s.score(cell, at.dx, at.dy)
	if id, chance := s.readID(cell, at.dx, at.dy, direction); chance <= Certain {
		r.ID, r.HasID, r.IDError = id, true, chance
	}
	return r, nil
}
