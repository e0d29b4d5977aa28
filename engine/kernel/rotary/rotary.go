// Package rotary normalises the heads of queries and keys by their root mean
// square, scales their channels, and turns pairs of them by angles that grow
// with the token's position, all in one pass over memory; and the gradients.
// It exists in portable Go, AVX2 and AVX-512.
package rotary

import (
	"fmt"

	"github.com/limner-ai/limner/engine/kernel/isa"
)

// Shape describes x [B N H·D]. The D channels of a head are Groups runs, each
// of two halves whose channels i are a pair. Angles are given by their
// cosines and sines [N D/2], those of a group after those of another.
type Shape struct {
	B, N, H, D, Groups int
	Eps                float32
}

// Plan splits the tokens among tasks, by the shape alone.
type Plan struct {
	Shape
	set   *set
	per   int // tokens of a task
	parts int
}

// set is one implementation of the kernels for one token.
type set struct {
	turn     func(dst, x, scale, cos, sin []float32, heads, groups, half int, inverse, eps float32)
	turnGrad func(dx, dscale, grad, x, scale, cos, sin []float32, heads, groups, half int, inverse, eps float32)
	lanes    int // a half is a multiple of them
}

var generic = set{turnGeneric, turnGradGeneric, 1}

const (
	taskSize = 1 << 15 // floats
	maxTasks = 64
)

// New plans the work on the active instruction set.
func New(s Shape) *Plan { return newAt(isa.Active(), s) }

func newAt(level isa.Level, s Shape) *Plan {
	if min(s.B, s.N) < 0 || min(s.H, s.D, s.Groups) < 1 || s.D%(2*s.Groups) != 0 {
		panic(fmt.Sprintf("rotary: impossible shape %+v", s))
	}
	p := &Plan{Shape: s, set: implementations[level]}
	// The widest set whose vectors fill the halves.
	for half := p.half(); half%p.set.lanes != 0; {
		if level == isa.AVX512 {
			level = isa.AVX2
		} else {
			level = isa.Generic
		}
		p.set = implementations[level]
	}
	tokens := s.B * s.N
	p.per = max(1, taskSize/(s.H*s.D), (tokens+maxTasks-1)/maxTasks)
	p.parts = (tokens + p.per - 1) / p.per
	return p
}

// Size is the number of floats in x.
func (p *Plan) Size() int64 { return int64(p.B*p.N) * int64(p.H*p.D) }

func (p *Plan) half() int { return p.D / p.Groups / 2 }

// Tasks is the number of calls to Turn or Grad, in any order.
func (p *Plan) Tasks() int { return p.parts }

// Turn computes a task's share of
//
//	y = turn(x/√(mean(x²) + Eps) ∘ scale),
//
// the mean over each head and scale [D]; a pair (a, b) turns to
// (a·cos − b·sin, b·cos + a·sin).
func (p *Plan) Turn(task int, y, x, scale, cos, sin []float32) {
	c := p.H * p.D
	for t := task * p.per; t < min((task+1)*p.per, p.B*p.N); t++ {
		at, place := t*c, t%p.N*p.D/2
		p.set.turn(y[at:at+c], x[at:at+c], scale[:p.D], cos[place:place+p.D/2], sin[place:place+p.D/2],
			p.H, p.Groups, p.half(), 1/float32(p.D), p.Eps)
	}
}

// PartSize is the number of floats that Grad leaves for Finish.
func (p *Plan) PartSize() int { return p.parts * p.D }

// Grad computes a task's share of the gradient dx in x of ⟨grad, y⟩, and its
// part of the gradient in scale.
func (p *Plan) Grad(task int, dx, parts, grad, x, scale, cos, sin []float32) {
	c := p.H * p.D
	part := parts[task*p.D : (task+1)*p.D]
	clear(part)
	for t := task * p.per; t < min((task+1)*p.per, p.B*p.N); t++ {
		at, place := t*c, t%p.N*p.D/2
		p.set.turnGrad(dx[at:at+c], part, grad[at:at+c], x[at:at+c], scale[:p.D], cos[place:place+p.D/2], sin[place:place+p.D/2],
			p.H, p.Groups, p.half(), 1/float32(p.D), p.Eps)
	}
}

// Finish adds the parts up to the gradient in scale, in order.
func (p *Plan) Finish(dscale, parts []float32) {
	clear(dscale[:p.D])
	for t := range p.parts {
		for i, v := range parts[t*p.D : (t+1)*p.D] {
			dscale[i] += v
		}
	}
}
