package cpu

import (
	"maps"
	"slices"

	"github.com/limner-ai/limner/engine/compile"
)

// rows runs the loops of a compile.Rows on a few rows at a time: a turn. Each
// worker has loops of its own, with memory of its own for the local buffers.
type rows struct {
	s                  *compile.Rows
	perTask, perTurn   int // rows
	workers            map[*worker]*rowLoops
	scratch, slotsNeed int
	streams            []stream // memory that lies outside
	calls              int      // of a turn; see ahead
}

// rowLoops are a worker's loops.
type rowLoops struct {
	loops   []*loop
	at      []int // their scratch
	windows []*window
}

// turnSize is how many elements a turn has, if its rows are not longer: with
// those of the next turn they fit into the first-level cache.
const turnSize = block

// perTurn is how many rows a turn has. Where loops have few elements a row, one
// more row costs their instructions nothing, which is worth a longer turn.
func perTurn(s *compile.Rows, largest int) int {
	n := turnSize
	for _, l := range s.Loops {
		if len(l.Insts) > 0 && 16*l.Size/s.Rows <= largest {
			n = 4 * turnSize
		}
	}
	return min(s.Rows, max(1, n/largest))
}

func newRows(e *Executable, s *compile.Rows) *rows {
	largest, across := 0, false
	for _, l := range s.Loops {
		largest = max(largest, l.Size/s.Rows)
		across = across || s.Across(l)
	}
	r := &rows{s: s, workers: map[*worker]*rowLoops{}}
	r.perTurn = perTurn(s, largest)
	r.perTask = min(s.Rows, max(1, chunkSize/largest))
	if across {
		r.perTask = max(r.perTask, (s.Rows+maxParts-1)/maxParts)
	}
	var first *rowLoops
	for _, w := range e.pool.workers {
		k := r.load(e)
		r.workers[w] = k
		if first == nil {
			first = k
			for _, l := range k.loops {
				r.streams = l.streams(r.streams, s.Rows)
				r.calls += l.calls(l.l.Size / s.Rows * r.perTurn)
			}
		}
		// The parts of sums down the rows belong to tasks, not to workers.
		for i, l := range k.loops {
			if !s.Across(s.Loops[i]) {
				continue
			}
			if k == first {
				l.fold.split(r.tasks())
				continue
			}
			l.fold.parts = r.tasks()
			for t := range l.fold.targets {
				l.fold.targets[t].partial = first.loops[i].fold.targets[t].partial
			}
		}
	}
	return r
}

// load makes the loops of one worker.
func (r *rows) load(e *Executable) *rowLoops {
	own := *e
	own.memory = slices.Clone(e.memory)
	own.local = maps.Clone(r.s.Local)
	for b, perRow := range r.s.Local {
		own.memory[b] = aligned(perRow * r.perTurn)
	}
	k := &rowLoops{}
	at, registers := 0, 0
	for _, l := range r.s.Loops {
		// Registers are free between loops, tiled arguments are kept.
		x := newLoop(&own, l, true)
		k.loops, k.at = append(k.loops, x), append(k.at, at)
		at += x.regAt
		registers = max(registers, x.regs)
		r.slotsNeed = max(r.slotsNeed, x.slots)
		k.windows = append(k.windows, x.windows()...)
	}
	for i, l := range k.loops {
		l.regAt = at - k.at[i]
	}
	r.scratch = at + registers*block
	return k
}

// windows lists what moves with the rows.
func (r *loop) windows() []*window {
	var out []*window
	add := func(w *window) {
		if w.perRow > 0 {
			out = append(out, w)
		}
	}
	for i := range r.args {
		add(&r.args[i].window)
	}
	for i := range r.dst {
		add(&r.dst[i].window)
	}
	for i := range r.late {
		add(&r.late[i].window)
	}
	if r.fold != nil {
		for i := range r.fold.targets {
			add(&r.fold.targets[i].out.window)
		}
	}
	return out
}

func (r *rows) needs() (int, int) { return r.scratch, r.slotsNeed }

func (r *rows) tasks() int { return (r.s.Rows + r.perTask - 1) / r.perTask }

func (r *rows) run(p *Pool) {
	p.do(r, r.tasks())
	for i, l := range r.workers[p.workers[0]].loops {
		if r.s.Across(r.s.Loops[i]) {
			l.fold.finish(p)
		}
	}
}

func (r *rows) task(i int, w *worker) {
	k := r.workers[w]
	lo := i * r.perTask
	hi := min(lo+r.perTask, r.s.Rows)
	for n, l := range k.loops {
		l.begin(w.scratch[k.at[n]:])
		if r.s.Across(l.l) {
			l.fold.clear(0, i)
		}
	}
	for ; lo < hi; lo += r.perTurn {
		end := min(lo+r.perTurn, hi)
		w.ahead.prepare(r.streams, end, min(end+r.perTurn, hi), r.calls)
		for _, x := range k.windows {
			x.moveTo(lo)
		}
		for n, l := range k.loops {
			scratch := w.scratch[k.at[n]:]
			size := l.l.Size / r.s.Rows
			switch {
			case l.fold == nil:
				for at := lo * size; at < end*size; at += l.step {
					l.block(at, min(l.step, end*size-at), w, scratch)
				}
			case r.s.Across(l.l):
				l.fold.linear(lo*size, end*size, 0, i, w, scratch)
			default:
				per := l.l.Outer / r.s.Rows
				l.fold.whole(lo*per, end*per, w, scratch)
			}
		}
	}
}
