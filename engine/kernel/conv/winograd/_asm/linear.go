package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
)

type op = operand.Op

// gen writes instructions for vectors of one width.
type gen struct {
	suffix string
	lanes  int
	held   map[float32]op // constants that the current text keeps in registers
}

func (g gen) wide() bool { return g.lanes == 16 }
func (g gen) size() int  { return 4 * g.lanes }

func (g gen) vector() op {
	if g.wide() {
		return ZMM()
	}
	return YMM()
}

func (g gen) load(m operand.Mem) op {
	d := g.vector()
	VMOVUPS(m, d)
	return d
}

func (g gen) copy(x op) op {
	d := g.vector()
	VMOVAPS(x, d)
	return d
}

var constants = map[uint32]operand.Mem{}

// constant holds eight copies of f, of which AVX-512 broadcasts the first.
func constant(f float64) operand.Mem {
	b := math.Float32bits(float32(f))
	m, ok := constants[b]
	if !ok {
		m = GLOBL(fmt.Sprintf("c%08x", b), attr.RODATA|attr.NOPTR)
		for i := range 4 {
			DATA(8*i, operand.U64(uint64(b)<<32|uint64(b)))
		}
		constants[b] = m
	}
	return m
}

// hold keeps constants of a plan in registers, as many as are free while the
// elements that it transforms are in others.
func (g *gen) hold(p plan, elements int) {
	g.held = map[float32]op{}
	free := 2*g.lanes - elements - 3
	for _, f := range p.constants() {
		if len(g.held) < free {
			c := g.vector()
			VBROADCASTSS(constant(f), c)
			g.held[float32(f)] = c
		}
	}
}

func (g gen) add(a, b op) op { d := g.vector(); VADDPS(b, a, d); return d }
func (g gen) sub(a, b op) op { d := g.vector(); VSUBPS(b, a, d); return d }

// scaled is f·x.
func (g gen) scaled(f float64, x op) op {
	d := g.vector()
	switch c, ok := g.held[float32(f)]; {
	case ok:
		VMULPS(c, x, d)
	case g.wide():
		VMULPS_BCST(constant(f), x, d)
	default:
		VMULPS(constant(f), x, d)
	}
	return d
}

// accumulate adds f·x to d, which is lost.
func (g gen) accumulate(d op, f float64, x op) {
	c, ok := g.held[float32(math.Abs(f))]
	switch {
	case f == 1:
		VADDPS(x, d, d)
	case f == -1:
		VSUBPS(x, d, d)
	case ok && f < 0:
		VFNMADD231PS(c, x, d)
	case ok:
		VFMADD231PS(c, x, d)
	case g.wide():
		VFMADD231PS_BCST(constant(f), x, d)
	default:
		VFMADD231PS(constant(f), x, d)
	}
}

// sum is Σ c·x, and whether it lies in a register of its own, not in one of x.
func (g gen) sum(c []float64, x []op) (d op, own bool) {
	var plain, rest []int
	for i, v := range c {
		switch v {
		case 0:
		case 1:
			plain = append(plain, i)
		default:
			rest = append(rest, i)
		}
	}
	terms := append(plain, rest...)
	first := terms[0]
	if len(terms) == 1 {
		if c[first] == 1 {
			return x[first], false
		}
		return g.scaled(c[first], x[first]), true
	}
	second := terms[1]
	switch {
	case c[first] != 1:
		d = g.scaled(c[first], x[first])
		g.accumulate(d, c[second], x[second])
	case c[second] == 1:
		d = g.add(x[first], x[second])
	case c[second] == -1:
		d = g.sub(x[first], x[second])
	default:
		d = g.copy(x[first])
		g.accumulate(d, c[second], x[second])
	}
	for _, i := range terms[2:] {
		g.accumulate(d, c[i], x[i])
	}
	return d, true
}

// apply computes what p plans for x and gives each element to out.
func (g gen) apply(p plan, x []op, out func(i int, v op)) {
	x = append([]op(nil), x...)
	for _, f := range p.folds {
		x[f.sum], x[f.difference] = g.add(x[f.sum], x[f.difference]), g.sub(x[f.sum], x[f.difference])
	}
	for _, r := range p.rows {
		even, own := g.sum(r.even, x)
		if r.mirror < 0 {
			out(r.i, even)
			continue
		}
		odd, _ := g.sum(r.odd, x)
		if r.scale == 1 {
			out(r.i, g.add(even, odd))
			out(r.mirror, g.sub(even, odd))
			continue
		}
		plus, minus := g.copy(even), even
		if !own {
			minus = g.copy(even)
		}
		g.accumulate(plus, r.scale, odd)
		g.accumulate(minus, -r.scale, odd)
		out(r.i, plus)
		out(r.mirror, minus)
	}
}
