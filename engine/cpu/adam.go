package cpu

import (
	"slices"

	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/kernel/vec"
)

// Steps of Adam take most of the memory traffic of training, and a dozen
// passes over each block if every primitive is one. They are found by their
// shape (that of nn.Adam and nn.Average, with numbers where those have
// scalars) and computed in one pass:
//
//	m' = m + tau1·(d − m)                        left out if β1 is 0
//	v' = v + tau2·(d·d − v)
//	p' = p − pace·m'/(√v'·unit + eps) − decay·p  the last term left out if 0
//	m, v, p = select(accept, m' v' p', m v p)    left out without a guard
//	e' = e + gain·(p − e)                        left out without an average
type adamMatch struct {
	p, m, v, e, d                                    compile.Ref
	tau1, tau2, pace, unit, eps, decay, gain, accept compile.Ref
	toP, toM, toV, toE                               int   // instructions that have the results; -1: none
	within                                           []int // all instructions of the step
}

func (m *adamMatch) sources() []compile.Ref {
	s := []compile.Ref{m.d, m.p, m.v}
	if m.toM >= 0 {
		s = append(s, m.m)
	}
	if m.toE >= 0 {
		s = append(s, m.e)
	}
	return s
}

func (m *adamMatch) results() []int {
	return slices.DeleteFunc([]int{m.toP, m.toM, m.toV, m.toE}, func(i int) bool { return i < 0 })
}

// finder looks for steps of Adam among a loop's instructions.
type finder struct {
	*assigner
	users [][]int
	match *adamMatch
}

func newFinder(a *assigner) *finder {
	f := &finder{assigner: a, users: make([][]int, len(a.l.Insts))}
	for i, in := range a.l.Insts {
		for _, o := range in.Operand {
			if o.Kind == compile.Reg && !slices.Contains(f.users[o.Index], i) {
				f.users[o.Index] = append(f.users[o.Index], i)
			}
		}
	}
	return f
}

// findAdam marks the instructions of steps of Adam.
func (a *assigner) findAdam(merged []mergedInst) {
	f := newFinder(a)
	for i, in := range a.l.Insts {
		if in.Op != graph.OpSqrt {
			continue
		}
		f.match = &adamMatch{toP: -1, toM: -1, toV: -1, toE: -1}
		if !f.step(i) || !f.whole() || !f.vectors() {
			continue
		}
		m := f.match
		for _, j := range m.within {
			merged[j].dead = true
		}
		merged[slices.Max(m.within)].adam = m
		merged[slices.Max(m.within)].dead = false
	}
}

// step matches everything around the root of the second moment.
func (f *finder) step(root int) bool {
	m := f.match
	v := f.at(root).Operand[0]
	square, ok := f.mix(v, &m.v, &m.tau2)
	if !ok || !f.is(square, graph.OpMul) {
		return false
	}
	m.d = f.reg(square).Operand[0]
	if !f.isVector(m.d) || f.reg(square).Operand[1] != m.d {
		return false
	}
	scaled, ok := f.withNumber(root, graph.OpMul, &m.unit)
	if !ok {
		return false
	}
	below, ok := f.withNumber(scaled, graph.OpAdd, &m.eps)
	if !ok {
		return false
	}
	quotient, ok := f.only(below, graph.OpDiv)
	if !ok || f.at(quotient).Operand[1] != register(below) || !f.is(f.at(quotient).Operand[0], graph.OpMul) {
		return false
	}
	above := f.at(quotient).Operand[0]
	x, y := f.reg(above).Operand[0], f.reg(above).Operand[1]
	if f.isVector(x) {
		x, y = y, x
	}
	if f.isVector(x) || !f.isVector(y) {
		return false
	}
	m.pace = x
	if y != m.d {
		sample, ok := f.mix(y, &m.m, &m.tau1)
		if !ok || sample != m.d {
			return false
		}
		m.toM = y.Index
	}
	p, ok := f.only(quotient, graph.OpSub)
	if !ok || f.at(p).Operand[1] != register(quotient) || !f.isVector(f.at(p).Operand[0]) {
		return false
	}
	m.p, m.toP, m.toV = f.at(p).Operand[0], p, v.Index
	m.within = append(m.within, root, square.Index, scaled, below, quotient, above.Index, p)
	f.decayed()
	f.guarded()
	f.averaged()
	return true
}

// decayed looks for the weight decay.
func (f *finder) decayed() {
	m := f.match
	next, ok := f.only(m.toP, graph.OpSub)
	if !ok || f.at(next).Operand[0] != register(m.toP) || !f.is(f.at(next).Operand[1], graph.OpMul) {
		return
	}
	part := f.at(next).Operand[1]
	for i := range 2 {
		if x := f.reg(part).Operand[i]; !f.isVector(x) && f.reg(part).Operand[1-i] == m.p {
			m.decay, m.toP = x, next
			m.within = append(m.within, part.Index, next)
			return
		}
	}
}

// guarded looks for the choice between new states and old ones.
func (f *finder) guarded() {
	m := f.match
	chosen := func(to int, old compile.Ref) int {
		for _, u := range f.users[to] {
			if in := f.at(u); in.Op == graph.OpSelect && !f.isVector(in.Operand[0]) && in.Operand[1] == register(to) && in.Operand[2] == old {
				return u
			}
		}
		return -1
	}
	p, v, first := chosen(m.toP, m.p), chosen(m.toV, m.v), m.toM
	if m.toM >= 0 {
		if first = chosen(m.toM, m.m); first < 0 {
			return
		}
	}
	if p < 0 || v < 0 || f.at(p).Operand[0] != f.at(v).Operand[0] || first >= 0 && f.at(first).Operand[0] != f.at(p).Operand[0] {
		return
	}
	m.accept = f.at(p).Operand[0]
	m.within = append(m.within, p, v)
	if first >= 0 {
		m.within = append(m.within, first)
	}
	m.toP, m.toV, m.toM = p, v, first
}

// averaged looks for the moving average of the parameter.
func (f *finder) averaged() {
	m := f.match
	for _, u := range f.users[m.toP] {
		if in := f.at(u); in.Op != graph.OpSub || in.Operand[0] != register(m.toP) {
			continue
		}
		scaled, ok := f.only(u, graph.OpMul)
		if !ok {
			continue
		}
		sum, ok := f.only(scaled, graph.OpAdd)
		if !ok {
			continue
		}
		var old, gain compile.Ref
		from := len(m.within)
		if sample, ok := f.mix(register(sum), &old, &gain); ok && sample == register(m.toP) {
			m.e, m.gain, m.toE = old, gain, sum
			return
		}
		m.within = m.within[:from]
	}
}

// mix matches old + tau·(sample − old).
func (f *finder) mix(r compile.Ref, old, tau *compile.Ref) (sample compile.Ref, ok bool) {
	if !f.is(r, graph.OpAdd) {
		return sample, false
	}
	x, part := f.reg(r).Operand[0], f.reg(r).Operand[1]
	if !f.isVector(x) || !f.is(part, graph.OpMul) {
		return sample, false
	}
	t, difference := f.reg(part).Operand[0], f.reg(part).Operand[1]
	if f.isVector(t) {
		t, difference = difference, t
	}
	if f.isVector(t) || !f.is(difference, graph.OpSub) || f.reg(difference).Operand[1] != x {
		return sample, false
	}
	*old, *tau = x, t
	f.match.within = append(f.match.within, r.Index, part.Index, difference.Index)
	return f.reg(difference).Operand[0], true
}

// whole reports whether nothing outside of the step needs more of it than its
// results, nor those before the step is done.
func (f *finder) whole() bool {
	m := f.match
	last := slices.Max(m.within)
	results := m.results()
	for _, i := range m.within {
		result := slices.Contains(results, i)
		for _, u := range f.users[i] {
			if !slices.Contains(m.within, u) && (!result || u < last) {
				return false
			}
		}
		if result {
			continue
		}
		for _, s := range f.l.Stores {
			if s.Inst == i {
				return false
			}
		}
		for _, r := range f.l.Reduces {
			if r.Value == register(i) {
				return false
			}
		}
	}
	return true
}

// vectors reports whether all that the step reads are vectors.
func (f *finder) vectors() bool {
	return !slices.ContainsFunc(f.match.sources(), func(o compile.Ref) bool { return !f.isVector(o) })
}

func (f *finder) at(i int) *compile.Inst          { return &f.l.Insts[i] }
func (f *finder) reg(r compile.Ref) *compile.Inst { return &f.l.Insts[r.Index] }
func (f *finder) isVector(r compile.Ref) bool     { return r.Kind != compile.None && f.vector(r) }
func (f *finder) is(r compile.Ref, op graph.Op) bool {
	return r.Kind == compile.Reg && f.reg(r).Op == op
}

func register(i int) compile.Ref { return compile.Ref{Kind: compile.Reg, Index: i} }

// only is the one user of instruction i, if it is an op.
func (f *finder) only(i int, op graph.Op) (int, bool) {
	if len(f.users[i]) != 1 || f.at(f.users[i][0]).Op != op {
		return 0, false
	}
	return f.users[i][0], true
}

// withNumber is the one user of instruction i, if it is op of i and a number.
func (f *finder) withNumber(i int, op graph.Op, to *compile.Ref) (int, bool) {
	u, ok := f.only(i, op)
	if !ok {
		return 0, false
	}
	x := f.at(u).Operand[0]
	if x == register(i) {
		x = f.at(u).Operand[1]
	}
	*to = x
	return u, !f.isVector(x)
}

// adamStep is the instruction: slots of the states and the gradient.
type adamStep struct {
	toP, toM, toV, toE int
	p, m, v, e, d      int
	zeros              int // a register for a gradient that is not accepted
	average, guarded   bool

	tau1, tau2, pace, unit, eps, decay, gain, accept number
}

func (s *adamStep) eachSlot(f func(*int)) {
	for _, p := range []*int{&s.toP, &s.toM, &s.toV, &s.toE, &s.p, &s.m, &s.v, &s.e, &s.d, &s.zeros} {
		f(p)
	}
}

// emitAdam appends the step, with its results placed like those of other
// instructions.
func (a *assigner) emitAdam(m *adamMatch, merged []mergedInst, stores map[int]compile.Store) {
	last := slices.Max(m.within)
	s := &adamStep{average: m.toE >= 0, guarded: m.accept.Kind != compile.None}
	s.d, s.p, s.v = a.slot(m.d), a.slot(m.p), a.slot(m.v)
	s.tau2, s.pace, s.unit, s.eps = a.number(m.tau2), a.number(m.pace), a.number(m.unit), a.number(m.eps)
	s.decay, s.accept = a.number(m.decay), a.number(m.accept)
	result := func(i int) int {
		a.lastUse[i] = max(a.lastUse[i], last)
		a.home[i] = a.place(merged, i, last, stores)
		return a.home[i]
	}
	var spare []int
	scratch := func() int {
		spare = append(spare, a.take())
		return len(a.args) + spare[len(spare)-1]
	}
	s.toP, s.toV = result(m.toP), result(m.toV)
	if m.toM >= 0 {
		s.m, s.toM, s.tau1 = a.slot(m.m), result(m.toM), a.number(m.tau1)
	} else {
		// The gradient is the first moment: d + 1·(d − d).
		s.m, s.toM, s.tau1 = s.d, scratch(), number{value: 1}
	}
	if s.average {
		s.e, s.toE, s.gain = a.slot(m.e), result(m.toE), a.number(m.gain)
	}
	if s.guarded {
		s.zeros = scratch()
	}
	a.free = append(a.free, spare...)
	a.insts = append(a.insts, instruction{adam: s})
}

func (s *adamStep) run(slots [][]float32) {
	n := vec.Adam{Tau1: s.tau1.get(), Tau2: s.tau2.get(), Pace: s.pace.get(), Unit: s.unit.get(),
		Eps: s.eps.get(), Decay: s.decay.get(), Gain: s.gain.get()}
	to := vec.AdamState{P: slots[s.toP], M: slots[s.toM], V: slots[s.toV]}
	from := vec.AdamState{P: slots[s.p], M: slots[s.m], V: slots[s.v]}
	if s.average {
		to.E, from.E = slots[s.toE], slots[s.e]
	}
	d := slots[s.d]
	if s.guarded && s.accept.get() == 0 {
		// Keeping the states is a step of no length along no gradient; the one
		// at hand may be infinite.
		n.Tau1, n.Tau2, n.Pace, n.Decay = 0, 0, 0, 0
		d = slots[s.zeros]
		clear(d)
		if s.m == s.d {
			from.M = d
		}
	}
	n.Step(to, from, d)
}
