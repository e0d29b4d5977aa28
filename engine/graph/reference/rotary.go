package reference

import (
	"math"

	"github.com/limner-ai/limner/engine/graph"
)

// pairOf says which channel is the partner of channel i of a head, whose
// groups have the given half, which angle turns the two, and whether i is the
// first of them.
func pairOf(i, half int) (partner, angle int, first bool) {
	group, at := i/(2*half), i%(2*half)
	if at < half {
		return i + half, group*half + at, true
	}
	return i - half, group*half + at - half, false
}

// rotary computes the rotary primitives: operands x, scale, cos, sin and, for
// gradients, the cotangent.
func rotary(op graph.Op, in []Array, a graph.RotaryAttr) Array {
	x, scale, cos, sin := in[0], in[1], in[2], in[3]
	tokens, c := x.Shape[1], x.Shape[2]
	d := c / a.Heads
	half := d / a.Groups / 2
	out := New(in[0].Shape...)
	if op == graph.OpRotaryGradScale {
		out = New(d)
	}
	for at := 0; at < len(x.Data); at += d {
		row, place := x.Data[at:at+d], at/c%tokens*d/2
		square := 0.
		for _, v := range row {
			square += v * v
		}
		r := 1 / math.Sqrt(square/float64(d)+float64(a.Eps))
		if op == graph.OpRotary {
			for i := range d {
				j, p, first := pairOf(i, half)
				s := sin.Data[place+p]
				if first {
					s = -s
				}
				out.Data[at+i] = r * (row[i]*scale.Data[i]*cos.Data[place+p] + row[j]*scale.Data[j]*s)
			}
			continue
		}
		// The cotangent turned back, u, is that of r·x∘scale.
		ct := in[4].Data[at : at+d]
		u, mean := make([]float64, d), 0.
		for i := range d {
			j, p, first := pairOf(i, half)
			s := sin.Data[place+p]
			if !first {
				s = -s
			}
			u[i] = ct[i]*cos.Data[place+p] + ct[j]*s
			mean += u[i] * scale.Data[i] * row[i] * r / float64(d)
		}
		for i := range d {
			if op == graph.OpRotaryGradScale {
				out.Data[i] += u[i] * row[i] * r
			} else {
				out.Data[at+i] = r * (u[i]*scale.Data[i] - row[i]*r*mean)
			}
		}
	}
	return out
}
