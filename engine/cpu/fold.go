package cpu

import (
	"math"

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
}

// target is one reduction of the loop.
type target struct {
	max     bool
	slot    int // of the values
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
	for _, red := range l.Reduces {
		f.targets = append(f.targets, target{max: red.Op == graph.OpReduceMax, out: e.place(red.Buffer), slot: a.slot(red.Value)})
	}
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
	if f.parts > 1 {
		p.do(&f.combine, f.outer)
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
				x := w.slots[t.slot]
				if r == 0 {
					copy(acc, x)
				} else {
					t.row(acc, x)
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
			x := w.slots[t.slot]
			if f.inner == 1 {
				out := t.at(o, k)
				if group >= alongMin {
					t.along(out, x, group)
					continue
				}
				for j := range out {
					out[j] = t.whole(x[j*group : (j+1)*group])
				}
				continue
			}
			for j := range k {
				acc := t.at((o+j)*f.inner, f.inner)
				copy(acc, x[j*group:])
				t.wholeRows(acc, x[j*group+f.inner:(j+1)*group])
			}
		}
	}
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
		step = block / f.inner * f.inner
	}
	for lo < hi {
		n := min(step, hi-lo)
		if c := lo % f.inner; c != 0 { // reach the start of a row first
			n = min(n, f.inner-c)
		}
		f.block(lo, n, w, scratch)
		for i := range f.targets {
			t := &f.targets[i]
			t.accumulate(t.into(f, o, part), w.slots[t.slot], lo%f.inner)
		}
		lo += n
	}
}

// accumulate folds consecutive elements, the first of which is in column c,
// into one row.
func (t *target) accumulate(acc, x []float32, c int) {
	inner := len(acc)
	if inner == 1 {
		if t.max {
			acc[0] = maximum(acc[0], t.whole(x))
		} else {
			acc[0] += t.whole(x)
		}
		return
	}
	if c != 0 || len(x) < inner {
		n := min(inner-c, len(x))
		t.row(acc[c:c+n], x[:n])
		x = x[n:]
	}
	if n := len(x) / inner * inner; n > 0 {
		t.wholeRows(acc, x[:n])
		x = x[n:]
	}
	if len(x) > 0 {
		t.row(acc[:len(x)], x)
	}
}

// wholeRows folds rows as long as acc.
func (t *target) wholeRows(acc, x []float32) {
	if t.max {
		vec.MaxRows(acc, x, len(x)/len(acc), len(acc))
	} else {
		vec.AddRows(acc, x, len(x)/len(acc), len(acc))
	}
}

// row folds a row, or a piece of one.
func (t *target) row(acc, x []float32) {
	if t.max {
		vec.Max(acc, acc, x)
	} else {
		vec.Add(acc, acc, x)
	}
}

// along folds rows of x, one to each of out.
func (t *target) along(out, x []float32, cols int) {
	if t.max {
		vec.MaxAlong(out, x, cols)
	} else {
		vec.SumAlong(out, x, cols)
	}
}

// whole folds all of x to one number.
func (t *target) whole(x []float32) float32 {
	if len(x) < 8 {
		s := x[0]
		for _, e := range x[1:] {
			if t.max {
				s = maximum(s, e)
			} else {
				s += e
			}
		}
		return s
	}
	if t.max {
		return vec.MaxOf(x)
	}
	return vec.Sum(x)
}

// maximum propagates NaN, as vec.Max does.
func maximum(a, b float32) float32 {
	if a > b || a != a {
		return a
	}
	return b
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
			t.row(acc, t.into(f, o, p))
		}
	}
}
