package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Byte offsets of the fields of winograd.Args.
const (
	argPoints    = 0
	argBase      = 8
	argPlane     = 16
	argPointStep = 24
	argBaseStep  = 32
	argCount     = 40
	argNext      = 48
)

// frame is what a text keeps in registers.
type frame struct {
	gen
	points, next, base             reg.GPVirtual
	at                             reg.GPVirtual // bytes from where the points are
	plane, plane3, plane5, current reg.GPVirtual
	spill                          reg.GPVirtual // one vector for each element between the passes
}

func (g gen) begin(tile string, transform int, spilled int) *frame {
	name := transforms[transform].name + tile + g.suffix
	TEXT(name, 0, "func(a *byte)")
	Doc(name + " is " + transforms[transform].doc + ".")
	f := &frame{gen: g, points: GP64(), next: GP64(), base: GP64(), at: GP64(), plane: GP64(), plane3: GP64(), plane5: GP64(), current: GP64(), spill: GP64()}
	// Too much for a function that does not check its stack.
	local := AllocLocal(spilled*g.size() + 64)
	LEAQ(local.Offset(63), f.spill)
	ANDQ(operand.I8(-64), f.spill)
	args := GP64()
	Load(Param("a"), args)
	MOVQ(operand.Mem{Base: args, Disp: argPoints}, f.points)
	MOVQ(operand.Mem{Base: args, Disp: argNext}, f.next)
	MOVQ(operand.Mem{Base: args, Disp: argBase}, f.base)
	MOVQ(operand.Mem{Base: args, Disp: argPlane}, f.plane)
	SHLQ(operand.U8(2), f.plane)
	LEAQ(operand.Mem{Base: f.plane, Index: f.plane, Scale: 2}, f.plane3)
	LEAQ(operand.Mem{Base: f.plane, Index: f.plane, Scale: 4}, f.plane5)
	XORQ(f.at, f.at)
	return f
}

// each repeats body for all vectors.
func (f *frame) each(body func()) {
	args, count, pointStep, baseStep := GP64(), GP64(), GP64(), GP64()
	Load(Param("a"), args)
	MOVQ(operand.Mem{Base: args, Disp: argPointStep}, pointStep)
	SHLQ(operand.U8(2), pointStep)
	MOVQ(operand.Mem{Base: args, Disp: argBaseStep}, baseStep)
	SHLQ(operand.U8(2), baseStep)
	MOVQ(operand.Mem{Base: args, Disp: argCount}, count)
	Label("vector")
	MOVQ(f.base, f.current)
	body()
	ADDQ(pointStep, f.at)
	ADDQ(baseStep, f.base)
	DECQ(count)
	JNZ(operand.LabelRef("vector"))
	VZEROUPPER()
	RET()
}

// point is element k of those that the table points at.
func (f *frame) point(k int) operand.Mem {
	p := GP64()
	MOVQ(operand.Mem{Base: f.points, Disp: 8 * k}, p)
	return operand.Mem{Base: p, Index: f.at, Scale: 1}
}

// fetch brings element k of the next call closer.
func (f *frame) fetch(k int) {
	p := GP64()
	MOVQ(operand.Mem{Base: f.next, Disp: 8 * k}, p)
	PREFETCHT0(operand.Mem{Base: p, Index: f.at, Scale: 1})
}

// inPlane is element j of the current row of planes.
func (f *frame) inPlane(j int) operand.Mem {
	m := operand.Mem{Base: f.current}
	switch j {
	case 1, 2, 4:
		m.Index, m.Scale = f.plane, uint8(j)
	case 3:
		m.Index, m.Scale = f.plane3, 1
	case 5:
		m.Index, m.Scale = f.plane5, 1
	}
	return m
}

// nextRow moves on by so many planes.
func (f *frame) nextRow(planes int) {
	switch planes {
	case 3, 6:
		LEAQ(operand.Mem{Base: f.current, Index: f.plane3, Scale: uint8(planes / 3)}, f.current)
	case 5:
		ADDQ(f.plane5, f.current)
	default:
		LEAQ(operand.Mem{Base: f.current, Index: f.plane, Scale: uint8(planes)}, f.current)
	}
}

func (f *frame) spilled(i int) operand.Mem {
	return operand.Mem{Base: f.spill, Disp: i * f.size()}
}

func (f *frame) loadAll(n int, from func(i int) operand.Mem) []op {
	var x []op
	for i := range n {
		x = append(x, f.load(from(i)))
	}
	return x
}

// gather transforms what the points point at to planes: down the columns
// first, then along the rows. Tiles share that many rows and columns.
func (g gen) gather(tile string, transform int, m [][]float64, overlap int) {
	to, from := len(m), len(m[0])
	f := g.begin(tile, transform, to*from)
	p := newPlan(m)
	f.hold(p, from)
	f.each(func() {
		for j := range from {
			x := f.loadAll(from, func(i int) operand.Mem { return f.point(i*from + j) })
			f.apply(p, x, func(i int, v op) { VMOVAPS(v, f.spilled(i*from+j)) })
			for i := overlap; i < from && j >= overlap; i++ {
				f.fetch(i*from + j)
			}
		}
		for i := range to {
			x := f.loadAll(from, func(j int) operand.Mem { return f.spilled(i*from + j) })
			f.apply(p, x, func(j int, v op) { VMOVUPS(v, f.inPlane(j)) })
			if i < to-1 {
				f.nextRow(to)
			}
		}
	})
}

// scatter transforms planes to what the points point at: along the rows first,
// then down the columns.
func (g gen) scatter(tile string, transform int, m [][]float64, fetch bool) {
	to, from := len(m), len(m[0])
	f := g.begin(tile, transform, to*from)
	p := newPlan(m)
	f.hold(p, from)
	f.each(func() {
		for i := range from {
			x := f.loadAll(from, f.inPlane)
			f.apply(p, x, func(j int, v op) { VMOVAPS(v, f.spilled(i*to+j)) })
			if i < from-1 {
				f.nextRow(from)
			}
		}
		for j := range to {
			x := f.loadAll(from, func(i int) operand.Mem { return f.spilled(i*to + j) })
			f.apply(p, x, func(i int, v op) { VMOVUPS(v, f.point(i*to+j)) })
			for i := 0; i < to && fetch; i++ {
				f.fetch(i*to + j)
			}
		}
	})
}
