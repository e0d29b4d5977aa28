package cpu

import (
	"slices"

	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/kernel/vec"
)

// loop interprets a compile.Loop a block at a time: every instruction runs
// over a block before the next one does, so that intermediates live in the
// first-level cache and each kernel is one vectorised pass.
type loop struct {
	l       *compile.Loop
	args    []argument
	insts   []instruction
	late    []lateStore
	dst     []place // results that are written straight to memory
	regs    int
	regAt   int // offset of registers in scratch
	scratch int
	slots   int
	fold    *fold // nil without reductions
	chunk   int   // elements of a task of a loop without reductions
	step    int   // elements of a block
	cols    int   // of the rows along which arguments are read, or 0
}

// lateStore copies a register to memory at the end of a block, because the
// memory is still read after the value is known.
type lateStore struct {
	slot int
	place
}

// place is memory that a loop writes.
type place struct {
	memory []float32
	window
}

func (e *Executable) place(buffer int) place {
	return place{e.memory[buffer], window{perRow: e.local[buffer]}}
}

// chunkSize is what one task of a plain loop covers.
const chunkSize = 32 * block

// Slots of a block: arguments, then registers, then direct destinations.

func newLoop(e *Executable, l *compile.Loop, epilogue bool) *loop {
	r := &loop{l: l, chunk: chunkSize, step: block}
	for _, a := range l.Args {
		arg := newArgument(a, e.memory[a.Buffer])
		arg.at, arg.window.perRow = r.scratch, e.local[a.Buffer]
		r.scratch += arg.room()
		r.args = append(r.args, arg)
	}
	r.regAt = r.scratch
	a := assigner{loop: r, e: e, home: make([]int, len(l.Insts)), lastUse: make([]int, len(l.Insts))}
	a.assign()
	r.scratch += r.regs * block
	r.slots = len(r.args) + r.regs + len(r.dst)
	if r.plain() {
		r.step = r.chunk
	}
	if len(l.Reduces) > 0 {
		r.fold = newFold(e, r, a, epilogue)
	}
	return r
}

// plain reports whether memory is all that the loop works on, and each element
// is read once: then blocks would only cut streams of memory short.
func (r *loop) plain() bool {
	if len(r.insts) > 1 || r.regs > 0 || len(r.late) > 0 || r.cols > 0 {
		return false
	}
	for i := range r.args {
		if m := r.args[i].mode; m != direct && m != single {
			return false
		}
	}
	return len(r.insts)+len(r.l.Reduces) == 1
}

func (r *loop) needs() (int, int) { return r.scratch, r.slots }

func (r *loop) run(p *Pool) {
	if r.fold != nil {
		r.fold.run(p)
		return
	}
	p.do(r, (r.l.Size+r.chunk-1)/r.chunk)
}

func (r *loop) task(i int, w *worker) {
	lo := i * r.chunk
	r.span(lo, min(lo+r.chunk, r.l.Size), w, w.scratch)
}

// span computes elements [lo, hi).
func (r *loop) span(lo, hi int, w *worker, scratch []float32) {
	r.begin(scratch)
	for ; lo < hi; lo += r.step {
		r.block(lo, min(r.step, hi-lo), w, scratch)
	}
}

func (r *loop) begin(scratch []float32) {
	for i := range r.args {
		r.args[i].begin(scratch)
	}
}

// prefetch hints that elements [lo, hi) are next: a task of a contraction
// reads pieces of rows, too short for the processor to see a stream in them.
func (r *loop) prefetch(lo, hi int) {
	for i := range r.args {
		if a := &r.args[i]; a.mode == direct {
			vec.Prefetch(a.memory[lo:hi])
		}
	}
}

// block computes n ≤ block elements from lo.
func (r *loop) block(lo, n int, w *worker, scratch []float32) {
	slots := w.slots[:r.slots]
	whole := r.cols > 0 && lo%r.cols == 0 && n%r.cols == 0 // rows
	k := 0
	for i := range r.args {
		if a := &r.args[i]; whole && a.mode == along {
			slots[k] = a.rows(lo/r.cols, n/r.cols)
		} else {
			slots[k] = a.read(scratch, lo, n)
		}
		k++
	}
	for i := range r.regs {
		at := r.regAt + i*block
		slots[k] = scratch[at : at+n]
		k++
	}
	for i := range r.dst {
		m := &r.dst[i]
		slots[k] = m.memory[lo-m.shift : lo-m.shift+n]
		k++
	}
	for i := range r.insts {
		in := &r.insts[i]
		switch {
		case in.adam != nil:
			in.adam.run(slots)
		case whole && in.along != nil:
			in.along(slots[in.dst], slots[in.v[0]], slots[in.v[1]], slots[in.v[2]], r.cols)
		default:
			in.kernel(slots[in.dst], slots[in.v[0]], slots[in.v[1]], slots[in.v[2]], in.s.get(), in.t.get())
		}
		w.ahead.some(n)
	}
	for _, s := range r.late {
		copy(s.memory[lo-s.shift:lo-s.shift+n], slots[s.slot])
	}
}

// assigner gives each instruction's result a slot: its memory if it is stored
// and the memory is free by then, else a register that is free.
type assigner struct {
	*loop
	e       *Executable
	home    []int // slot of each instruction's result
	lastUse []int // position, by instruction
	free    []int
	folded  []folded // by reduction
}

func (a *assigner) assign() {
	l := a.l
	base := len(a.args)
	stores := map[int]compile.Store{}
	for _, s := range l.Stores {
		stores[s.Inst] = s
	}
	merged := a.merge(stores)
	for i, in := range merged {
		a.lastUse[i] = max(a.lastUse[i], i)
		for _, o := range in.operands() {
			if o.Kind == compile.Reg {
				a.lastUse[o.Index] = i
			}
		}
	}
	for _, r := range a.folded {
		for _, o := range r.values {
			if o.Kind == compile.Reg {
				a.lastUse[o.Index] = len(merged)
			}
		}
	}
	// Destinations in memory get slots behind the registers, whose number is
	// not known yet: mark them by negative slots and fix up at the end.
	for i, in := range merged {
		if in.dead {
			continue
		}
		if in.adam != nil {
			a.emitAdam(in.adam, merged, stores)
			a.release(merged, i)
			continue
		}
		a.home[i] = a.place(merged, i, i, stores)
		a.emit(i, in, a.home[i])
		a.release(merged, i)
	}
	fix := func(slot *int) {
		if *slot < 0 {
			*slot = base + a.regs - *slot - 1
		}
	}
	for i := range a.insts {
		fix(&a.insts[i].dst)
		for j := range a.insts[i].v {
			fix(&a.insts[i].v[j])
		}
		if s := a.insts[i].adam; s != nil {
			s.eachSlot(fix)
		}
	}
	for i := range a.home {
		fix(&a.home[i])
	}
}

// place chooses where the result of instruction i goes, which is computed at
// the place of instruction at.
func (a *assigner) place(merged []mergedInst, i, at int, stores map[int]compile.Store) int {
	s, stored := stores[i]
	if stored && !a.readLater(merged, at, s.Buffer) {
		a.dst = append(a.dst, a.e.place(s.Buffer))
		return -len(a.dst)
	}
	slot := len(a.args) + a.take()
	if stored {
		a.lastUse[i] = len(merged)
		a.late = append(a.late, lateStore{slot, a.e.place(s.Buffer)})
	}
	return slot
}

// release frees the registers that instruction i is the last to use.
func (a *assigner) release(merged []mergedInst, i int) {
	base := len(a.args)
	for j := 0; j <= i; j++ {
		if a.lastUse[j] == i && a.home[j] >= base && !merged[j].dead {
			a.free = append(a.free, a.home[j]-base)
			a.lastUse[j] = -1
		}
	}
}

func (a *assigner) take() int {
	if n := len(a.free); n > 0 {
		r := a.free[n-1]
		a.free = a.free[:n-1]
		return r
	}
	a.regs++
	return a.regs - 1
}

// readLater reports whether an instruction after i reads the memory that i's
// result would be written to.
func (a *assigner) readLater(merged []mergedInst, i, buffer int) bool {
	overlaps := func(o compile.Ref) bool { return a.shares(o, buffer) }
	for _, in := range merged[i+1:] {
		if in.dead {
			continue
		}
		for _, o := range in.operands() {
			if overlaps(o) {
				return true
			}
		}
	}
	for _, r := range a.folded {
		if slices.ContainsFunc(r.values, overlaps) {
			return true
		}
	}
	return false
}

// shares reports whether the operand is read from the memory of a buffer.
func (a *assigner) shares(o compile.Ref, buffer int) bool {
	m := a.e.memory[buffer]
	return o.Kind == compile.Arg && len(m) > 0 && len(a.args[o.Index].memory) > 0 && &a.args[o.Index].memory[0] == &m[0]
}

// vector reports whether the operand is one, rather than a number.
func (a *assigner) vector(o compile.Ref) bool {
	return o.Kind == compile.Reg || o.Kind == compile.Arg && a.args[o.Index].mode != single
}

// emit appends the instruction with its operands resolved.
func (a *assigner) emit(i int, in mergedInst, dst int) {
	out := instruction{dst: dst, along: a.alongOf(in)}
	var isV [3]bool
	operands := in.operands()
	var numbers []number
	for j, o := range operands {
		isV[j] = a.vector(o)
		if isV[j] {
			out.v[j] = a.slot(o)
		} else {
			numbers = append(numbers, a.number(o))
		}
	}
	if in.special != nil {
		out.kernel = in.special
		a.insts = append(a.insts, out)
		return
	}
	if in.mulAdd {
		switch {
		case in.twice:
			out.kernel = mulAddTwice
		case isV[1]:
			out.kernel = mulAdd
		case isV[2]:
			out.kernel, out.s = mulAddS, numbers[0]
		default:
			out.kernel, out.s, out.t = mulSAddS, numbers[0], numbers[1]
		}
		a.insts = append(a.insts, out)
		return
	}
	k, ok := choose(in.Inst, isV)
	if !ok {
		// Spread every number into a register of its own.
		for j, o := range operands {
			if isV[j] {
				continue
			}
			r := len(a.args) + a.take()
			defer func() { a.free = append(a.free, r-len(a.args)) }()
			fill, _ := choose(compile.Inst{Op: graph.OpBroadcast}, [3]bool{})
			a.insts = append(a.insts, instruction{kernel: fill, dst: r, s: a.number(o)})
			out.v[j], isV[j] = r, true
		}
		numbers = nil
		k, _ = choose(in.Inst, isV)
	}
	out.kernel = k
	if len(numbers) > 0 {
		out.s = numbers[0]
	}
	if len(numbers) > 1 {
		out.t = numbers[1]
	}
	if in.Op == graph.OpLeakyReLU {
		r := len(a.args) + a.take()
		defer func() { a.free = append(a.free, r-len(a.args)) }()
		out.v[2], out.s = r, number{value: in.Slope}
	}
	a.insts = append(a.insts, out)
}

func (a *assigner) slot(o compile.Ref) int {
	if o.Kind == compile.Arg {
		return o.Index
	}
	return a.home[o.Index]
}

func (a *assigner) number(o compile.Ref) number {
	if o.Kind == compile.Arg {
		return number{memory: a.args[o.Index].memory}
	}
	return number{value: o.Value}
}
