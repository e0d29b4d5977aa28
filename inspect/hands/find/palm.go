package find

import (
	"cmp"
	"math"
	"slices"
)

// The anchors of the palm detector: two at each of 24×24 places, then six at
// each of 12×12, all of extent 1 (mediapipe/modules/palm_detection,
// SsdAnchorsCalculator with strides 8, 16, 16, 16).
var anchors = func() (all []Point) {
	for _, grid := range []struct{ side, each int }{{24, 2}, {12, 6}} {
		for y := range grid.side {
			for x := range grid.side {
				for range grid.each {
					all = append(all, Point{(float64(x) + .5) / float64(grid.side), (float64(y) + .5) / float64(grid.side)})
				}
			}
		}
	}
	return all
}()

// palm is what the detector says at one anchor, in parts of its square.
type palm struct {
	score         float64
	middle        Point
	side          float64 // the longer side of the box
	wrist, finger Point   // the wrist's middle and the root of the middle finger
}

const (
	palmNumbers = 18  // of an anchor: a box and seven points
	overlapping = .3  // intersection over union from which two boxes are one palm
	wristAt     = 4   // numbers of the first point
	fingerAt    = 8   // of the third
	handLength  = 2.6 // sides of a palm's box in the square around the hand
	handShift   = .5  // the square's middle lies that many sides above the palm's
)

// palms are the boxes that score at least a threshold, best first, each the
// best of those that it overlaps.
func palms(boxes, scores []float32, least float64, most int) []palm {
	var all []palm
	for i, a := range anchors {
		score := 1 / (1 + math.Exp(-float64(scores[i])))
		if !(score >= least) {
			continue
		}
		at := func(k int) Point {
			b := boxes[i*palmNumbers+k:]
			return Point{float64(b[0])/palmSide + a.X, float64(b[1])/palmSide + a.Y}
		}
		b := boxes[i*palmNumbers:]
		p := palm{score, at(0), float64(max(b[2], b[3])) / palmSide, at(wristAt), at(fingerAt)}
		if p.side > 0 {
			all = append(all, p)
		}
	}
	slices.SortStableFunc(all, func(a, b palm) int { return cmp.Compare(b.score, a.score) })
	var kept []palm
	for _, p := range all {
		if len(kept) < most && !slices.ContainsFunc(kept, func(k palm) bool { return overlap(k, p) > overlapping }) {
			kept = append(kept, p)
		}
	}
	return kept
}

// overlap is the intersection over union of two palms' squares.
func overlap(a, b palm) float64 {
	along := func(a, sa, b, sb float64) float64 {
		return max(0, min(a+sa/2, b+sb/2)-max(a-sa/2, b-sb/2))
	}
	both := along(a.middle.X, a.side, b.middle.X, b.side) * along(a.middle.Y, a.side, b.middle.Y, b.side)
	return both / (a.side*a.side + b.side*b.side - both)
}

// hand is the square around the hand of a palm that was seen in a square of the
// picture, its fingers upwards.
func (p palm) hand(in Square) Square {
	wrist, finger := in.At(p.wrist.X, p.wrist.Y), in.At(p.finger.X, p.finger.Y)
	s := Square{Side: p.side * in.Side, Angle: upright(wrist, finger)}
	s.X, s.Y = in.At(p.middle.X, p.middle.Y).X, in.At(p.middle.X, p.middle.Y).Y
	m := s.At(.5, .5-handShift)
	return Square{m.X, m.Y, s.Side * handLength, s.Angle}
}

// upright is the angle of a square in which the way from a to b goes up.
func upright(a, b Point) float64 { return math.Atan2(b.X-a.X, a.Y-b.Y) }
