package hands

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/spatial/r3"
)

// joint says how a joint is bent, in degrees, and how what it carries is scaled.
type joint struct {
	flex   float64 // towards the palm
	spread float64 // away from the middle finger's line, towards the thumb
	twist  float64 // about the finger itself
	along  float64 // scale along the finger; 0: 1
	across float64
}

// pose is how each finger is bent, joint by joint from the metacarpal on.
type pose [fingers][4]joint

// bend of a finger's shape: stretched, rolled in, or half.
func curl(flex, spread float64) [4]joint {
	return [4]joint{1: {flex: flex, spread: spread}, 2: {flex: flex * 1.15}, 3: {flex: flex * .7}}
}

// poses by name: for each finger how far it is rolled in, from 0 (stretched) to
// 1 (at the palm). Those of held are kept for tests.
var (
	poses = map[string][fingers]float64{
		"open": {}, "flat": {}, "fist": {1, 1, 1, 1, 1}, "point": {1, 0, 1, 1, 1}, "victory": {1, 0, 0, 1, 1},
		"thumb": {0, 1, 1, 1, 1}, "four": {1, 0, 0, 0, 0}, "call": {0, 1, 1, 1, 0}, "relaxed": {.3, .3, .35, .4, .45},
		"any": {-1, -1, -1, -1, -1},
	}
	held = map[string][fingers]float64{
		"horns": {.8, 0, 1, 1, 0}, "three": {1, 0, 0, 0, 1}, "gun": {0, 0, 1, 1, 1}, "claw": {.3, .5, .5, .5, .5}, "salute": {.4, 0, 0, 0, 0},
	}
)

// posed is a pose of such a shape, with what differs from hand to hand.
func posed(rolled [fingers]float64, wide float64, r *rand.Rand) pose {
	var p pose
	for f := range p {
		c := rolled[f]
		if c < 0 {
			c = []float64{0, 0, 1, r.Float64()}[r.IntN(4)]
		}
		c = max(0, min(1, c+.06*r.NormFloat64()))
		flex := -6 + 88*c + 4*r.NormFloat64()
		spread := 0.
		if f != thumb {
			spread = (1 - c) * wide * [fingers]float64{0, 10, 1, -8, -16}[f]
			spread += 1.5 * r.NormFloat64() * (1 - c)
			p[f] = curl(flex, spread)
		} else {
			p[f] = [4]joint{0: {flex: 24 * c, spread: 12*wide*(1-c) + 4*r.NormFloat64()}, 1: {flex: 30 * c}, 2: {flex: -8 + 58*c}}
		}
		// Lengths and breadths differ between people.
		p[f][1].along, p[f][1].across = 1+.06*r.NormFloat64(), 1+.06*r.NormFloat64()
	}
	return p
}

// axes of a finger: the one about which it bends, and its direction.
func (r *rig) axes(f int) (bend, along r3.Vec) {
	c := r.chain[f]
	along = r3.Unit(r3.Sub(r.at[c[2]], r.at[c[1]]))
	front := r3.Vec{Z: 1}
	if f == thumb {
		// The thumb closes across the palm, in front of the fingers.
		front = r3.Unit(r3.Vec{X: -r.thumbX, Z: .75})
	}
	return r3.Unit(r3.Cross(along, front)), along
}

// turn is what a joint does to a point that it carries, about its place.
func (r *rig) turn(v r3.Vec, f int, at r3.Vec, j joint) r3.Vec {
	if j == (joint{}) {
		return v
	}
	bend, along := r.axes(f)
	d := r3.Sub(v, at)
	if j.along != 0 || j.across != 0 {
		line := r3.Scale(r3.Dot(d, along), along)
		d = r3.Add(r3.Scale(orOne(j.along), line), r3.Scale(orOne(j.across), r3.Sub(d, line)))
	}
	rotate := func(degrees float64, axis r3.Vec) {
		if degrees != 0 {
			d = r3.NewRotation(degrees*math.Pi/180, axis).Rotate(d)
		}
	}
	rotate(j.twist, along)
	rotate(j.flex, bend)
	rotate(-j.spread*r.thumbX, r3.Vec{Z: 1})
	return r3.Add(at, d)
}

func orOne(x float64) float64 {
	if x == 0 {
		return 1
	}
	return x
}

// carried is where a point goes that finger f's joint number k carries.
func (r *rig) carried(v r3.Vec, p *pose, f, k int) r3.Vec {
	for k = min(k, len(r.chain[f])-2); k >= 0; k-- {
		v = r.turn(v, f, r.at[r.chain[f][k]], p[f][k])
	}
	return v
}

// bent is the mesh in a pose (linear blend skinning), and its joints.
func (r *rig) bent(p *pose) (points, joints []r3.Vec) {
	type owner struct{ f, k int }
	of := make([]owner, len(r.at))
	for j := range of {
		of[j] = owner{-1, 0}
	}
	joints = append(joints, r.at...)
	for f, chain := range r.chain {
		for k, j := range chain {
			of[j] = owner{f, k}
			if k > 0 {
				joints[j] = r.carried(r.at[j], p, f, k-1)
			}
		}
	}
	points = make([]r3.Vec, len(r.points))
	for i, v := range r.points {
		for n, j := range r.joints[i] {
			w := r.weights[i][n]
			if w == 0 {
				continue
			}
			q := v
			if o := of[j]; o.f >= 0 {
				q = r.carried(v, p, o.f, o.k)
			}
			points[i] = r3.Add(points[i], r3.Scale(w, q))
		}
	}
	return points, joints
}
