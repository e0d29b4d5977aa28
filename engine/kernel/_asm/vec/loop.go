package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/limner-ai/limner/engine/kernel/_asm/neon"
)

type value = neon.Value

// gen writes the body of a kernel for one vector.
type gen struct{ *neon.Block }

// values are the sources of one vector, by parameter name.
type values map[string]value

// Registers of the loops.
const (
	count = "R1"
	pool  = "R7"
)

var pointers = []string{"R0", "R2", "R3", "R4", "R5"}

// A place is where a body reads and writes: at a distance from every pointer,
// a whole vector or one element.
type place struct {
	disp int // bytes
	one  bool
}

func (p place) move() string {
	if p.one {
		return "FMOVS"
	}
	return "FMOVQ"
}

func (p place) at(pointer string) string { return fmt.Sprintf("%d(%s)", p.disp, pointer) }

// load reads a vector; lanes beyond a single element are 0.
func (p place) load(g gen, pointer string) value { return g.Load(p.move(), p.at(pointer)) }

func (p place) store(g gen, v value, pointer string) { g.Store(p.move(), v, p.at(pointer)) }

// spread fills the highest free register with a scalar parameter.
func spread(f *neon.Func, name string, top *int) value {
	*top--
	f.I("FMOVS %s, F%d", f.Param(name), *top)
	f.Op(neon.SPREAD, *top, *top)
	return neon.Held(*top)
}

// each writes the loops over the elements that count holds: bodies for several
// vectors a turn, then for one, then for one element. Registers from top on are
// taken; as many constants as possible go below it. The pointers advance.
func each(f *neon.Func, top, unroll int, pointers []string, body func(g gen, p place)) {
	write := func(limit int, held map[uint32]int, vectors int, one bool) ([]neon.Use, bool) {
		return f.Body(vectors, limit, held, func(b *neon.Block, u int) { body(gen{b}, place{16 * u, one}) })
	}
	var uses []neon.Use
	f.Try(func() bool {
		uses, _ = write(top, nil, 1, false)
		return false
	})
	if f.HasPool() {
		f.Pool(pool)
	}
	slices.SortStableFunc(uses, func(a, b neon.Use) int { return b.Count - a.Count })
	loops := func(keep []neon.Use) bool {
		held := map[uint32]int{}
		for i, u := range keep {
			held[u.Bits] = top - 1 - i
			f.Hold(u.Bits, top-1-i)
		}
		return turns(f, unroll, pointers, func(vectors int, one bool) bool {
			_, ok := write(top-len(keep), held, vectors, one)
			return ok
		})
	}
	for n := len(uses); ; n-- {
		if f.Try(func() bool { return loops(uses[:n]) }) {
			return
		}
	}
}

// turns writes the loops around bodies.
func turns(f *neon.Func, unroll int, pointers []string, body func(vectors int, one bool) bool) bool {
	ok := true
	loop := func(label string, vectors, elements int) {
		f.I("SUBS $%d, %s", elements, count)
		f.I("BLT %sdone", label)
		f.Label(label)
		ok = ok && body(vectors, elements == 1)
		for _, p := range pointers {
			f.I("ADD $%d, %s", 4*elements, p)
		}
		f.I("SUBS $%d, %s", elements, count)
		f.I("BGE %s", label)
		f.Label(label + "done")
		f.I("ADD $%d, %s", elements, count)
	}
	if unroll > 4 {
		loop("many", unroll, 4*unroll)
		unroll = 4
	}
	if unroll > 1 {
		loop("turns", unroll, 4*unroll)
	}
	loop("single", 1, 4)
	loop("rest", 1, 1)
	return ok
}

// kernel writes an elementwise kernel dst = body(params). params are given in
// order; s and t are scalars, the others slices.
func (k *kernels) kernel(name, params, doc string, unroll int, body func(g gen, v values) value) {
	var list []string
	for _, p := range strings.Fields("dst " + params) {
		kind := "[]float32"
		if p == "s" || p == "t" {
			kind = "float32"
		}
		list = append(list, p+" "+kind)
	}
	f := k.Func(name+"NEON", doc, strings.Join(list, ", "), "")
	f.I("MOVD %s, %s", f.Base("dst"), pointers[0])
	f.I("MOVD %s, %s", f.Len("dst"), count)
	top, scalars, slices := 32, values{}, map[string]string{}
	used := pointers[:1]
	for _, p := range strings.Fields(params) {
		if p == "s" || p == "t" {
			scalars[p] = spread(f, p, &top)
			continue
		}
		slices[p] = pointers[len(used)]
		used = pointers[:len(used)+1]
		f.I("MOVD %s, %s", f.Base(p), slices[p])
	}
	each(f, top, unroll, used, func(g gen, p place) {
		v := values{}
		for _, name := range strings.Fields(params) {
			if r, ok := slices[name]; ok {
				v[name] = p.load(g, r)
			} else {
				v[name] = scalars[name]
			}
		}
		p.store(g, body(g, v), pointers[0])
	})
	f.I("RET")
}
