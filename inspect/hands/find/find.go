// Package find finds hands in pictures and the 21 points of each: a palm
// detector proposes squares, and a second network says where the points lie in
// a square and how sure it is that a hand is there.
//
// Zhang and others, "MediaPipe Hands: On-device Real-time Hand Tracking" (2020).
package find

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/limner-ai/limner/model/trained"
)

// Points of a hand, as the network numbers them: the wrist, then four a finger
// from its root to its tip, the thumb first.
const (
	Points     = 21
	Wrist      = 0
	Fingers    = 5
	FirstJoint = 1 // of finger f: FirstJoint + 4·f
	indexRoot  = 5
	middleRoot = 9
	littleRoot = 17
)

// Hand is a hand that was found.
type Hand struct {
	Presence float64 // how sure the network is, from 0 to 1
	Points   [Points]Point
	// Depth of each point before the wrist, in pixels; less is nearer.
	Depth [Points]float64
}

// Finder runs the networks. It may be used by several goroutines, one of which
// runs at a time.
type Finder struct {
	mutex    sync.Mutex
	palm     *net
	landmark *net
}

// New compiles the networks for an engine, on which they run.
func New(engine trained.Engine) (*Finder, error) {
	f := &Finder{}
	var err error
	if f.palm, err = load(engine, palmFile, palmSide); err != nil {
		return nil, fmt.Errorf("the palm detector: %w", err)
	}
	if f.landmark, err = load(engine, landmarkFile, landmarkSide); err != nil {
		return nil, fmt.Errorf("the hand's landmarks: %w", err)
	}
	return f, nil
}

const (
	mostHands   = 4
	leastPalm   = .5   // score from which a palm is looked at
	leastHand   = .5   // presence from which a hand is one
	leastRefine = .1   // presence from which its square is drawn anew
	leastTurned = .003 // presence from which the picture is looked at on its sides
	leastSide   = 12   // pixels; in less no one can count fingers
	margin      = 1.3  // a picture that a hand fills is seen with room around it
)

// Hands finds hands, the surest first. Errors are the context's, or the engine's.
func (f *Finder) Hands(ctx context.Context, p *Picture) ([]Hand, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if min(p.W, p.H) < leastSide {
		return nil, ctx.Err()
	}
	all := Square{X: float64(p.W) / 2, Y: float64(p.H) / 2, Side: float64(max(p.W, p.H)) * margin}
	var found []Hand
	presence := 0. // in the square that was looked at last
	look := func(s Square) (err error) {
		if err = ctx.Err(); err != nil {
			return err
		}
		found, presence, err = f.look(p, s, found)
		return err
	}
	p.Crop(f.palm.pixels(), palmSide, all)
	if err := f.palm.run(); err != nil {
		return nil, err
	}
	for _, palm := range palms(f.palm.output(0), f.palm.output(1), leastPalm, mostHands) {
		if err := look(palm.hand(all)); err != nil {
			return nil, err
		}
	}
	straight := 0.
	// Drawn hands that fill a picture often have no palm that the detector
	// knows: the picture as a whole is looked at too, upright and on its sides.
	for _, angle := range []float64{0, math.Pi / 2, -math.Pi / 2} {
		if len(found) > 0 || angle != 0 && straight < leastTurned {
			break
		}
		s := all
		s.Angle = angle
		if err := look(s); err != nil {
			return nil, err
		}
		if angle == 0 {
			straight = presence
		}
	}
	slices.SortStableFunc(found, func(a, b Hand) int { return cmp.Compare(b.Presence, a.Presence) })
	return found, nil
}

// look adds the hand in a square, if there is one that was not found yet, and
// says how sure the network is of one there.
func (f *Finder) look(p *Picture, s Square, found []Hand) (_ []Hand, presence float64, _ error) {
	h, err := f.points(p, s)
	presence = h.Presence
	if err != nil || presence < leastRefine {
		return found, presence, err
	}
	again, err := f.points(p, h.square())
	if err != nil {
		return found, presence, err
	}
	if again.Presence > h.Presence {
		h = again
	}
	if h.Presence < leastHand || h.Crop(1).Side < leastSide ||
		slices.ContainsFunc(found, func(o Hand) bool { return same(o, h) }) {
		return found, presence, nil
	}
	return append(found, h), presence, nil
}

// points runs the second network on a square.
func (f *Finder) points(p *Picture, s Square) (Hand, error) {
	p.Crop(f.landmark.pixels(), landmarkSide, s)
	if err := f.landmark.run(); err != nil {
		return Hand{}, err
	}
	at := f.landmark.output(0)
	h := Hand{Presence: float64(f.landmark.output(1)[0])}
	for i := range h.Points {
		h.Points[i] = s.At(float64(at[3*i])/landmarkSide, float64(at[3*i+1])/landmarkSide)
		h.Depth[i] = float64(at[3*i+2]) / landmarkSide * s.Side
	}
	return h, nil
}

// same reports whether two hands are one: their points lie nearer to each
// other, on average, than a quarter of the hand's extent.
func same(a, b Hand) bool {
	sum := 0.
	for i := range a.Points {
		sum += math.Hypot(a.Points[i].X-b.Points[i].X, a.Points[i].Y-b.Points[i].Y)
	}
	return sum/Points < .25*max(a.Crop(1).Side, b.Crop(1).Side)
}

// square is the square around the hand that the network wants to see: twice
// the extent of the palm and the fingers' first halves, a little above them
// (mediapipe/modules/hand_landmark, hand_landmark_landmarks_to_roi).
func (h Hand) square() Square {
	var near []Point
	for i, p := range h.Points {
		if i == Wrist || i <= 3 || (i-FirstJoint)%4 < 2 {
			near = append(near, p)
		}
	}
	s := around(near, h.Angle())
	m := s.At(.5, .4)
	return Square{m.X, m.Y, 2 * s.Side, s.Angle}
}

// Angle is that of a square in which the hand points upwards.
func (h Hand) Angle() float64 {
	a, b := h.Points[indexRoot], h.Points[littleRoot]
	m := h.Points[middleRoot]
	return upright(h.Points[Wrist], Point{(a.X + b.X + 2*m.X) / 4, (a.Y + b.Y + 2*m.Y) / 4})
}

// Crop is the square around all points, fingers upwards, of so many times
// their extent.
func (h Hand) Crop(times float64) Square {
	s := around(h.Points[:], h.Angle())
	s.Side *= times
	return s
}

// around is the least square at an angle that holds points.
func around(ps []Point, angle float64) Square {
	turned := Square{Side: 1, Angle: angle}
	u0, v0, u1, v1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, p := range ps {
		u, v := turned.Place(p)
		u0, v0, u1, v1 = min(u0, u), min(v0, v), max(u1, u), max(v1, v)
	}
	m := turned.At((u0+u1)/2, (v0+v1)/2)
	return Square{m.X, m.Y, max(u1-u0, v1-v0, 1e-6), angle}
}

// Stretched is how many fingers are stretched, by the angles at their joints.
func (h Hand) Stretched() int {
	n := 0
	for f := range Fingers {
		if h.stretched(f) {
			n++
		}
	}
	return n
}

func (h Hand) stretched(f int) bool {
	root := FirstJoint + 4*f
	if f == 0 {
		// The thumb lies at the palm or it does not: its tip is then farther from
		// the little finger's root than its own middle joint.
		far := func(i int) float64 {
			a, b := h.Points[i], h.Points[littleRoot]
			return math.Hypot(a.X-b.X, a.Y-b.Y)
		}
		return h.bend(root+1, root+2, root+3) < 50 && far(root+3) > 1.1*far(root+1)
	}
	return h.bend(Wrist, root, root+1) < 70 && h.bend(root, root+1, root+3) < 60
}

// bend is the angle in degrees by which the way from a to c turns at b.
func (h Hand) bend(a, b, c int) float64 {
	ux, uy, uz := h.Points[b].X-h.Points[a].X, h.Points[b].Y-h.Points[a].Y, h.Depth[b]-h.Depth[a]
	vx, vy, vz := h.Points[c].X-h.Points[b].X, h.Points[c].Y-h.Points[b].Y, h.Depth[c]-h.Depth[b]
	dot := ux*vx + uy*vy + uz*vz
	l := math.Sqrt((ux*ux+uy*uy+uz*uz)*(vx*vx+vy*vy+vz*vz)) + 1e-12
	return math.Acos(max(-1, min(1, dot/l))) * 180 / math.Pi
}
