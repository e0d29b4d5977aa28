package hands

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/num/quat"
	"gonum.org/v1/gonum/spatial/r3"

	"github.com/limner-ai/limner/inspect/hands/find"
)

// Scene is a drawn hand with what is known of it.
type Scene struct {
	Image *image.NRGBA
	Kind  int
	Style string
	Pose  string
	// Mask is where the fault is, a value a pixel, 0 or 1.
	Mask []float32
	// Hand are the 21 points as the networks number them.
	Hand     find.Hand
	Straight int // fingers that are stretched
}

// Styles of drawing; the last is kept for tests.
var styles = []string{"solid", "flat", "outlined", "yellow", "toon"}

// Range says which hands are drawn: those to learn from, or those that the
// judge must not know.
type Range struct {
	Unseen bool // other poses, light from below, another style, stronger perspective
	Kinds  []int
	Size   [2]int // pixels of the picture, from and below
}

const oversample = 2

// Draw draws a hand. The same numbers give the same scene.
func (r *rig) Draw(g Range, rnd *rand.Rand) Scene {
	for {
		if s, ok := r.try(g, rnd); ok {
			return s
		}
	}
}

func (r *rig) try(g Range, rnd *rand.Rand) (Scene, bool) {
	s := Scene{Kind: g.Kinds[rnd.IntN(len(g.Kinds))], Style: styles[rnd.IntN(len(styles)-1)]}
	from := poses
	if g.Unseen {
		from = held
		if rnd.IntN(2) == 0 {
			s.Style = styles[len(styles)-1]
		}
	}
	names := make([]string, 0, len(from))
	for n := range from {
		names = append(names, n)
	}
	slices.Sort(names)
	s.Pose = names[rnd.IntN(len(names))]
	// Faults show on stretched fingers: those hands come up more often for all kinds.
	if !g.Unseen && rnd.IntN(5) < 2 {
		s.Pose = []string{"open", "flat", "four"}[rnd.IntN(3)]
	}
	// Who curls a finger or two cannot be told from who lacks them.
	if s.Kind == missingKind {
		s.Pose = map[bool]string{false: []string{"open", "flat", "four", "relaxed"}[rnd.IntN(4)], true: "salute"}[g.Unseen]
	}
	h := r.made(posed(from[s.Pose], rnd.Float64()*1.3, rnd), s.Kind, rnd)
	for _, up := range h.straight {
		if up {
			s.Straight++
		}
	}

	side := g.Size[0] + rnd.IntN(max(1, g.Size[1]-g.Size[0]))
	big := side * oversample
	v := r.camera(big, g.Unseen, rnd)
	t := newRaster(big, big)
	t.draw(&h.mesh, v)
	mask := make([]bool, big*big)
	for k := range mask {
		mask[k] = t.mark[k] && t.seen(k)
	}
	if h.gone != nil {
		whole := newRaster(big, big)
		whole.draw(h.gone, v)
		for k := range mask {
			mask[k] = int(whole.part[k]) == h.finger && (!t.seen(k) || t.part[k] == int8(h.finger))
		}
	}
	area, all := 0, 0
	for k := range mask {
		if mask[k] {
			area++
		}
		if t.seen(k) {
			all++
		}
	}
	if s.Kind != rightKind && area*100 < all*5 || all*12 < big*big {
		return s, false // what cannot be seen cannot be judged
	}
	s.Image, s.Mask = r.paint(t, s.Style, g.Unseen, side, rnd), shrunk(mask, side)
	s.Hand = h.landmarks(r, v)
	return s, true
}

// camera looks at the palm, the back or anything between, the hand mostly upright.
func (r *rig) camera(side int, unseen bool, rnd *rand.Rand) view {
	yaw := 30 * rnd.NormFloat64()
	if rnd.IntN(2) == 0 {
		yaw += 180
	}
	turn := func(degrees float64, axis r3.Vec) quat.Number {
		return quat.Number(r3.NewRotation(degrees*math.Pi/180, axis))
	}
	a, b, c := turn(yaw, r3.Vec{Y: 1}), turn(15*rnd.NormFloat64(), r3.Vec{X: 1}), turn(25*rnd.NormFloat64(), r3.Vec{Z: 1})
	v := view{scale: float64(side) * (.5 + .4*rnd.Float64()), mirror: rnd.IntN(2) == 0}
	v.turn = r3.Rotation(quat.Mul(c, quat.Mul(b, a)))
	v.x, v.y = float64(side)*(.5+.07*rnd.NormFloat64()), float64(side)*(.5+.07*rnd.NormFloat64())
	v.near = .3 * rnd.Float64()
	if unseen {
		v.near = .3 + .2*rnd.Float64()
	}
	return v
}

// landmarks are the drawn hand's, in the pixels of the picture.
func (h *hand) landmarks(r *rig, v view) find.Hand {
	var out find.Hand
	put := func(i, j int) {
		x, y, _ := v.project(h.joints[j])
		out.Points[i] = find.Point{X: x / oversample, Y: y / oversample}
	}
	put(find.Wrist, r.parent[r.chain[thumb][0]])
	for f, chain := range r.chain {
		for k, j := range chain[len(chain)-4:] {
			put(find.FirstJoint+4*f+k, j)
		}
	}
	out.Presence = 1
	return out
}

// paint colours what is seen, over a ground, at side×side pixels.
func (r *rig) paint(t *raster, style string, unseen bool, side int, rnd *rand.Rand) *image.NRGBA {
	skin := skins[rnd.IntN(len(skins))]
	if style == "yellow" {
		skin = [3]float64{1, .78 + .08*rnd.Float64(), .15 + .2*rnd.Float64()}
	}
	for c := range skin {
		skin[c] = max(0, min(1, skin[c]+.04*rnd.NormFloat64()))
	}
	light := r3.Unit(r3.Vec{X: rnd.NormFloat64(), Y: 1 + rnd.Float64(), Z: .5 + rnd.Float64()})
	if unseen {
		light.Y = -light.Y
	}
	ambient, gloss := .35+.3*rnd.Float64(), .25*rnd.Float64()
	ground := newGround(side, rnd)
	line := 1 + rnd.IntN(2)
	dark := .25 + .4*rnd.Float64()
	m := image.NewNRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			var sum [3]float64
			behind := ground.at(x, y)
			for i := range oversample * oversample {
				u, w := x*oversample+i%oversample, y*oversample+i/oversample
				k := w*t.w + u
				c := behind
				if t.seen(k) {
					c = shade(skin, t.normal[k], light, style, ambient, gloss)
					drawn := style == "flat" || style == "outlined" || style == "yellow" || style == "toon"
					if drawn && t.crease(u, w, line, .05) {
						for i := range c {
							if style == "outlined" {
								c[i] = .12
							} else {
								c[i] = skin[i] * (1 - dark)
							}
						}
					}
				}
				for i := range sum {
					sum[i] += c[i]
				}
			}
			b := func(v float64) uint8 { return uint8(255*max(0, min(1, v/(oversample*oversample))) + .5) }
			m.SetNRGBA(x, y, color.NRGBA{b(sum[0]), b(sum[1]), b(sum[2]), 255})
		}
	}
	return m
}

// skins of people and of what is drawn, as sRGB levels.
var skins = [][3]float64{
	{.98, .86, .75}, {.93, .75, .6}, {.88, .68, .5}, {.75, .54, .38}, {.6, .4, .27}, {.42, .27, .18}, {.3, .19, .13},
	{1, .8, .3}, {.97, .87, .8}, {.85, .6, .5}, {.95, .95, .95}, {.55, .6, .7},
}

func shade(skin [3]float64, n, light r3.Vec, style string, ambient, gloss float64) [3]float64 {
	if l := r3.Norm(n); l > 0 {
		n = r3.Scale(1/l, n)
	}
	lambert := max(0, r3.Dot(n, light))
	level := 1.
	switch style {
	case "solid":
		level = ambient + (1.1-ambient)*lambert
	case "toon":
		level = .7
		if lambert > .45 {
			level = 1
		}
	case "yellow":
		level = .85 + .15*lambert
	}
	var c [3]float64
	for i := range c {
		c[i] = skin[i] * level
		if style == "solid" || style == "yellow" {
			half := r3.Unit(r3.Add(light, r3.Vec{Z: 1}))
			c[i] += gloss * math.Pow(max(0, r3.Dot(n, half)), 20)
		}
	}
	return c
}
