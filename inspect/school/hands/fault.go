package hands

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/spatial/r3"
)

// Kinds of hands, sorted, as the folders of the training set are.
const (
	bentKind = iota
	extraKind
	fusedKind
	missingKind
	rightKind
	kinds
)

// mesh is a hand to be drawn. Faces with a mark are its fault.
type mesh struct {
	points []r3.Vec
	joints []r3.Vec
	faces  [][3]int
	part   []int  // of a face
	mark   []bool // of a face
}

// hand is a right or wrong hand in a pose. Gone is the same hand without its
// fault, where the fault is that something is missing: what the mask is made of.
type hand struct {
	mesh
	gone     *mesh
	finger   int // that is missing
	kind     int
	straight [fingers]bool
}

func (r *rig) mesh(p *pose) mesh {
	m := mesh{faces: append([][3]int{}, r.faces...)}
	m.points, m.joints = r.bent(p)
	for _, f := range r.faces {
		part := r.part[f[0]]
		if r.part[f[1]] == r.part[f[2]] {
			part = r.part[f[1]]
		}
		m.part, m.mark = append(m.part, part), append(m.mark, false)
	}
	return m
}

// add puts the faces of one finger of another mesh to this one, as its fault.
func (m *mesh) add(o mesh, finger int) {
	base := len(m.points)
	m.points = append(m.points, o.points...)
	for i, f := range o.faces {
		if o.part[i] == finger {
			m.faces = append(m.faces, [3]int{base + f[0], base + f[1], base + f[2]})
			m.part, m.mark = append(m.part, finger), append(m.mark, true)
		}
	}
}

// made makes a hand of a kind from a pose. Faults are put where they can be
// seen: at fingers that are stretched, as far as there are any.
func (r *rig) made(p pose, kind int, rnd *rand.Rand) hand {
	h := hand{kind: kind}
	var straight []int
	for f := range p {
		if f == thumb && p[f][2].flex < 25 || f != thumb && p[f][1].flex < 35 {
			h.straight[f] = true
			straight = append(straight, f)
		}
	}
	one := func() int {
		if len(straight) == 0 {
			return rnd.IntN(fingers)
		}
		return straight[rnd.IntN(len(straight))]
	}
	switch kind {
	case rightKind:
		h.mesh = r.mesh(&p)
	case missingKind:
		whole := r.mesh(&p)
		h.gone, h.finger = &whole, one()
		k := 1
		if rnd.IntN(3) == 0 {
			k = 2 // a stump is left
		}
		p[h.finger][k] = joint{along: .02, across: .25}
		if k == 1 {
			p[h.finger][k].across = .5
		}
		h.mesh = r.mesh(&p)
	case extraKind:
		h.mesh = r.mesh(&p)
		f := one()
		q := p
		by := (16 + 14*rnd.Float64()) * float64(1-2*rnd.IntN(2))
		if f == thumb {
			by = 28 + 22*rnd.Float64()
			if rnd.IntN(2) == 0 {
				by = -by
			}
			q[f][0].spread += by
		}
		q[f][1].spread += by
		q[f][1].along = .8 + .3*rnd.Float64()
		other := r.mesh(&q)
		// Beside the finger, not inside of it.
		side := r3.Vec{X: .035 * math.Copysign(1, by) * r.thumbX}
		for i := range other.points {
			other.points[i] = r3.Add(other.points[i], side)
		}
		h.add(other, f)
	case bentKind:
		f := one()
		k := 2
		if f == thumb || rnd.IntN(4) == 0 {
			k = 1 + rnd.IntN(2)
		}
		switch rnd.IntN(3) {
		case 0: // backwards
			p[f][k].flex = -55 - 45*rnd.Float64()
		case 1: // sideways
			p[f][k].spread = (45 + 45*rnd.Float64()) * float64(1-2*rnd.IntN(2))
			p[f][k].flex = 0
		default: // there and back
			s := (40 + 30*rnd.Float64()) * float64(1-2*rnd.IntN(2))
			p[f][1].spread += s * .7
			p[f][2].spread = -1.6 * s
		}
		h.mesh = r.mesh(&p)
		h.markFinger(f)
	case fusedKind:
		r.fuse(&h, p, rnd)
	}
	return h
}

func (m *mesh) markFinger(f int) {
	for i, part := range m.part {
		if part == f {
			m.mark[i] = true
		}
	}
}

// fuse joins two or three neighbouring fingers by what fills the space between
// them, as far as their middle joints or their tips.
func (r *rig) fuse(h *hand, p pose, rnd *rand.Rand) {
	first := index + rnd.IntN(3)
	last := min(little, first+1+rnd.IntN(4)/3)
	for f := first; f <= last; f++ {
		spread := p[f][1].spread
		p[f] = p[first]
		p[f][1].spread = spread*.3 + p[first][1].spread*.7*.3
		h.straight[f] = h.straight[first]
	}
	h.mesh = r.mesh(&p)
	reach := 3 + rnd.IntN(2) // joints from the knuckle on
	thick := .03 + .012*rnd.Float64()
	for f := first; f < last; f++ {
		a, b := r.chain[f][1:reach+1], r.chain[f+1][1:reach+1]
		h.web(a, b, thick)
	}
	for f := first; f <= last; f++ {
		h.markFinger(f)
	}
}

// web fills what lies between two rows of joints with a slab.
func (h *hand) web(a, b []int, thick float64) {
	base := len(h.points)
	at := h.joints
	for k := range a {
		across := r3.Sub(at[b[k]], at[a[k]])
		along := r3.Sub(at[a[min(k+1, len(a)-1)]], at[a[max(k-1, 0)]])
		n := r3.Scale(thick, r3.Unit(r3.Cross(across, along)))
		if k == len(a)-1 {
			n = r3.Scale(.6, n) // flatter where fingers end
		}
		for _, p := range []r3.Vec{at[a[k]], at[b[k]]} {
			h.points = append(h.points, r3.Add(p, n), r3.Sub(p, n))
		}
	}
	face := func(i, j, k int) {
		h.faces = append(h.faces, [3]int{base + i, base + j, base + k})
		h.part, h.mark = append(h.part, index), append(h.mark, true)
	}
	quad := func(i, j, k, l int) { face(i, j, k); face(i, k, l) }
	for k := range len(a) - 1 {
		i := 4 * k
		quad(i, i+2, i+6, i+4)   // the front
		quad(i+1, i+3, i+7, i+5) // the back
	}
	end := 4 * (len(a) - 1)
	quad(end, end+2, end+3, end+1)
}
