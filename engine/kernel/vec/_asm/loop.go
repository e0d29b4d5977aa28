package main

import (
	"fmt"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// begin opens the function name with its Go signature and says what it does.
func (g *gen) begin(name, signature, doc string) {
	TEXT(name+g.suffix, attr.NOSPLIT, signature)
	Pragma("noescape")
	Doc(fmt.Sprintf("%s%s is %s.", name, g.suffix, doc))
	g.held = map[uint32]op{}
}

func (g *gen) end() {
	VZEROUPPER()
	RET()
}

// base and length of a slice parameter.
func base(name string) reg.Register   { return Load(Param(name).Base(), GP64()) }
func length(name string) reg.Register { return Load(Param(name).Len(), GP64()) }

// spread fills a vector with a scalar parameter.
func (g *gen) spread(name string) op {
	b, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	d := g.vector()
	VBROADCASTSS(b.Addr, d)
	return d
}

// A place is where one turn of a loop reads and writes: at element index +
// disp of every slice, only the lanes of mask if it is not nil.
type place struct {
	*gen
	index reg.Register
	disp  int // bytes
	mask  op
}

func (p place) mem(base reg.Register) operand.Mem {
	return operand.Mem{Base: base, Index: p.index, Scale: 4, Disp: p.disp}
}

// load reads a vector; lanes outside the mask are 0.
func (p place) load(base reg.Register) op {
	d := p.vector()
	switch {
	case p.mask == nil:
		VMOVUPS(p.mem(base), d)
	case p.wide():
		VMOVUPS_Z(p.mem(base), p.mask, d)
	default:
		VMASKMOVPS(p.mem(base), p.mask, d)
	}
	return d
}

func (p place) store(v op, base reg.Register) {
	switch {
	case p.mask == nil:
		VMOVUPS(v, p.mem(base))
	case p.wide():
		VMOVUPS(v, p.mask, p.mem(base))
	default:
		VMASKMOVPS(v, p.mask, p.mem(base))
	}
}

// each writes the loops over n elements: unroll vectors a turn, then single
// vectors, then the lanes that remain under a mask. body is given the number
// of the vector in its turn.
func (g *gen) each(n reg.Register, unroll int, body func(p place, u int)) {
	g.eachBlock(n, unroll, func(_ string, ps []place) {
		for u, p := range ps {
			body(p, u)
		}
	})
}

// eachBlock is each for bodies that take all vectors of a turn at once, with
// a label to begin their own labels with.
func (g *gen) eachBlock(n reg.Register, unroll int, body func(label string, ps []place)) {
	i, last := GP64(), GP64()
	XORQ(i, i)
	turn := func(label string, vectors int) {
		label = g.prefix + label
		MOVQ(n, last)
		SUBQ(operand.I32(vectors*g.lanes), last)
		CMPQ(i, last)
		JG(operand.LabelRef(label + "done"))
		Label(label)
		var ps []place
		for u := range vectors {
			ps = append(ps, place{g, i, u * g.bytes(), nil})
		}
		body(label, ps)
		ADDQ(operand.I32(vectors*g.lanes), i)
		CMPQ(i, last)
		JLE(operand.LabelRef(label))
		Label(label + "done")
	}
	if unroll > 1 {
		turn("turns", unroll)
	}
	turn("single", 1)
	SUBQ(i, n)
	JZ(operand.LabelRef(g.prefix + "finish"))
	body(g.prefix+"tail", []place{{g, i, 0, g.tail(n)}})
	Label(g.prefix + "finish")
}

// tail is the mask of the first n lanes, 0 < n < lanes.
func (g *gen) tail(n reg.Register) op {
	table := GP64()
	if g.wide() {
		LEAQ(g.maskTable(), table)
		k := K()
		KMOVW(operand.Mem{Base: table, Index: n, Scale: 2}, k)
		return k
	}
	LEAQ(g.maskTable().Offset(32), table)
	NEGQ(n)
	m := YMM()
	VMOVUPS(operand.Mem{Base: table, Index: n, Scale: 4}, m)
	return m
}

// maskTable holds, for AVX-512, a word of n ones at n; for AVX2 eight lanes of
// ones, then eight of zeros.
func (g *gen) maskTable() operand.Mem {
	const key = 0xffffffff // a NaN that no kernel needs as a constant
	m, ok := g.made[key]
	if ok {
		return m
	}
	m = GLOBL("masks", attr.RODATA|attr.NOPTR)
	for i := range 16 {
		if g.wide() {
			DATA(2*i, operand.U16(1<<i-1))
		} else if i < 8 {
			DATA(4*i, operand.U32(1<<32-1))
		} else {
			DATA(4*i, operand.U32(0))
		}
	}
	g.made[key] = m
	return m
}

// values are the sources of one turn, by parameter name.
type values map[string]op

// kernel writes an elementwise kernel dst = body(params). params are given in
// order; s and t are scalars, the others slices. first, if not nil, runs once
// before the loops.
func (g *gen) kernel(name, params, doc string, unroll int, first func(), body func(v values) op) {
	var list []string
	for _, p := range strings.Fields("dst " + params) {
		kind := " []float32"
		if p == "s" || p == "t" {
			kind = " float32"
		}
		list = append(list, p+kind)
	}
	g.begin(name, "func("+strings.Join(list, ", ")+")", doc)
	dst, n := base("dst"), length("dst")
	scalars, slices := values{}, map[string]reg.Register{}
	for _, p := range strings.Fields(params) {
		if p == "s" || p == "t" {
			scalars[p] = g.spread(p)
		} else {
			slices[p] = base(p)
		}
	}
	if first != nil {
		first()
	}
	g.each(n, unroll, func(p place, _ int) {
		v := values{}
		for name, r := range scalars {
			v[name] = r
		}
		for _, name := range strings.Fields(params) {
			if r, ok := slices[name]; ok {
				v[name] = p.load(r)
			}
		}
		p.store(body(v), dst)
	})
	g.end()
}
