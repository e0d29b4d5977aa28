package cpu

import (
	"math"

	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/kernel/vec"
)

// fold reduces results of a loop over the middle of its three axes (outer,
// reduced, inner). How the work is split depends on the extents alone, so
// that sums have the same bits for any number of threads:
//
//   - many short groups: a task takes several outer indices whole;
//   - few long groups: the reduced axis is cut into parts, whose partial
//     results are combined in order afterwards;
//   - wide rows (inner ≥ wide): a task takes a range of columns.
type fold struct {
	*loop
	outer, reduced, inner int
	targets               []target
	perTask               int // outer indices of a task
	parts                 int // of the reduced axis
	columns               int // of a task; inner unless rows are wide
	combine               combine
	hosted                bool // run by a host, range by range
}

// target is one reduction of the loop.
type target struct {
	max     bool
	slot    int  // of the values
	times   int  // slot of a second factor of the values, or -1
	minus   bool // the sum is negated when it is done
	scale   int  // argument with a number by which each sum is multiplied, or -1
	divide  bool // rather than multiplied
	out     place
	partial []float32 // parts × outer × inner, or nil
}

const (
	wide     = 2 * block
	maxParts = 64
)

func newFold(e *Executable, r *loop, a assigner, epilogue bool) *fold {
	l := r.l
	f := &fold{loop: r, outer: l.Outer, reduced: l.Reduced, inner: l.Inner, parts: 1, columns: l.Inner}
	for i, red := range l.Reduces {
		t := target{max: red.Op == graph.OpReduceMax, out: e.place(red.Buffer), times: -1, minus: a.folded[i].minus, scale: -1, divide: a.folded[i].divide}
		t.slot = a.slot(a.folded[i].values[0])
		if len(a.folded[i].values) > 1 {
			t.times = a.slot(a.folded[i].values[1])
		}
		if a.folded[i].scale.Kind == compile.Arg {
			t.scale = a.folded[i].scale.Index
		}
		f.targets = append(f.targets, t)
	}
	f.hosted = epilogue
	f.combine.f = f
	if epilogue {
		return f // the host splits it by its own tasks
	}
	group := f.reduced * f.inner
	switch {
	case f.inner >= wide:
		f.columns = wide
		f.perTask = 1
	case f.outer >= 16 || group <= chunkSize:
		f.perTask = max(1, chunkSize/group)
	default:
		f.perTask = 1
		f.split(min(maxParts, max(1, f.outer*group/chunkSize), f.reduced))
	}
	return f
}

// split makes room for partial results.
func (f *fold) split(parts int) {
	f.parts = parts
	if parts == 1 {
		return
	}
	for i := range f.targets {
		f.targets[i].partial = make([]float32, parts*f.outer*f.inner)
	}
}

func (f *fold) run(p *Pool) {
	groups := (f.outer + f.perTask - 1) / f.perTask
	strips := (f.inner + f.columns - 1) / f.columns
	p.do(f, groups*f.parts*strips)
	f.finish(p)
}

// finish combines partial results.
func (f *fold) finish(p *Pool) {
	switch {
	case f.parts > 1:
		p.do(&f.combine, f.outer)
	case f.hosted:
		f.done(0, f.outer)
	}
}

// done negates and scales what is to be, of outer indices [lo, hi).
func (f *fold) done(lo, hi int) {
	for i := range f.targets {
		t := &f.targets[i]
		if !t.minus && t.scale < 0 {
			continue
		}
		x := t.at(lo*f.inner, (hi-lo)*f.inner)
		if t.minus {
			vec.Neg(x, x)
		}
		if t.scale < 0 {
			continue
		}
		s := f.args[t.scale].rows(lo, hi-lo)
		if t.divide {
			vec.Div(x, x, s)
		} else {
			vec.Mul(x, x, s)
		}
	}
}

func (f *fold) task(i int, w *worker) {
	scratch := w.scratch
	f.begin(scratch)
	strips := (f.inner + f.columns - 1) / f.columns
	strip, rest := i%strips, i/strips
	part, group := rest%f.parts, rest/f.parts
	lo := group * f.perTask
	hi := min(lo+f.perTask, f.outer)
	switch {
	case strips > 1:
		f.strip(lo, strip*f.columns, w, scratch)
	case f.parts > 1:
		r0, r1 := part*f.reduced/f.parts, (part+1)*f.reduced/f.parts
		for o := lo; o < hi; o++ {
			f.clear(o, part)
			f.rows(o, r0, r1, part, w, scratch)
		}
	default:
		f.whole(lo, hi, w, scratch)
	}
}

// whole folds outer indices [lo, hi).
func (f *fold) whole(lo, hi int, w *worker, scratch []float32) {
	switch {
	case f.inner >= wide:
		for o := lo; o < hi; o++ {
			for c := 0; c < f.inner; c += f.columns {
				f.strip(o, c, w, scratch)
			}
		}
	case f.reduced*f.inner <= block:
		f.short(lo, hi, w, scratch)
	default:
		for o := lo; o < hi; o++ {
			f.clear(o, 0)
			f.rows(o, 0, f.reduced, 0, w, scratch)
		}
		f.done(lo, hi)
	}
}

// at is n elements of the result.
func (t *target) at(i, n int) []float32 {
	i -= t.out.shift
	return t.out.memory[i : i+n]
}

// into is where part adds up outer index o.
func (t *target) into(f *fold, o, part int) []float32 {
	at := o * f.inner
	if t.partial == nil {
		return t.at(at, f.inner)
	}
	at += part * f.outer * f.inner
	return t.partial[at : at+f.inner]
}

func (t *target) start() float32 {
	if t.max {
		return float32(math.Inf(-1))
	}
	return 0
}

func (f *fold) clear(o, part int) {
	for i := range f.targets {
		t := &f.targets[i]
		vec.Fill(t.into(f, o, part), t.start())
	}
}

// strip folds columns [c, c+columns) of outer index o, row by row.
func (f *fold) strip(o, c int, w *worker, scratch []float32) {
	end := min(c+f.columns, f.inner)
	for ; c < end; c += block {
		n := min(block, end-c)
		for r := range f.reduced {
			f.block((o*f.reduced+r)*f.inner+c, n, w, scratch)
			for i := range f.targets {
				t := &f.targets[i]
				acc := t.at(o*f.inner+c, n)
				x, y := t.values(w)
				switch {
				case r > 0:
					t.row(acc, x, y)
				case y != nil:
					vec.Mul(acc, x, y)
				default:
					copy(acc, x)
				}
				if t.minus && r == f.reduced-1 {
					vec.Neg(acc, acc)
				}
			}
		}
	}
}

// short folds groups of which several fit into a block.
func (f *fold) short(lo, hi int, w *worker, scratch []float32) {
	group := f.reduced * f.inner
	per := block / group
	for o := lo; o < hi; o += per {
		k := min(per, hi-o)
		f.block(o*group, k*group, w, scratch)
		for i := range f.targets {
			t := &f.targets[i]
			x, y := t.values(w)
			out := t.at(o*f.inner, k*f.inner)
			switch {
			case f.inner == 1 && group >= alongMin:
				t.along(out, x, y, group)
			case f.inner == 1:
				for j := range out {
					out[j] = t.whole(part(x, j*group, group), part(y, j*group, group))
				}
			default:
				vec.Fill(out, t.start())
				for j := range k {
					t.wholeRows(out[j*f.inner:(j+1)*f.inner], part(x, j*group, group), part(y, j*group, group))
				}
			}
		}
		w.ahead.some(k * group)
	}
	f.done(lo, hi)
}

// values are a target's, and the second factors of a product or nil.
func (t *target) values(w *worker) (x, y []float32) {
	if t.times >= 0 {
		y = w.slots[t.times]
	}
	return w.slots[t.slot], y
}

// part is n elements of x from i on, or nil of nil.
func part(x []float32, i, n int) []float32 {
	if x == nil {
		return nil
	}
	return x[i : i+n]
}

// rows folds rows [r0, r1) of outer index o into a part.
func (f *fold) rows(o, r0, r1, part int, w *worker, scratch []float32) {
	base := o * f.reduced * f.inner
	f.linear(base+r0*f.inner, base+r1*f.inner, o, part, w, scratch)
}

// linear folds elements [lo, hi), all of outer index o.
func (f *fold) linear(lo, hi, o, part int, w *worker, scratch []float32) {
	step := f.step
	if f.inner > 1 && f.inner <= block {
		step = f.step / f.inner * f.inner
	}
	for lo < hi {
		n := min(step, hi-lo)
		if c := lo % f.inner; c != 0 { // reach the start of a row first
			n = min(n, f.inner-c)
		}
		f.block(lo, n, w, scratch)
		for i := range f.targets {
			t := &f.targets[i]
			x, y := t.values(w)
			t.accumulate(t.into(f, o, part), x, y, lo%f.inner)
		}
		w.ahead.some(n)
		lo += n
	}
}

// combine folds the parts of each outer index in order.
type combine struct{ f *fold }

func (c *combine) task(o int, _ *worker) {
	f := c.f
	for i := range f.targets {
		t := &f.targets[i]
		acc := t.at(o*f.inner, f.inner)
		vec.Fill(acc, t.start())
		for p := range f.parts {
			t.row(acc, t.into(f, o, p), nil)
		}
	}
	f.done(o, o+1)
}
