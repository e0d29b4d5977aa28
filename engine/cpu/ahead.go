package cpu

import "github.com/limner-ai/limner/engine/kernel/vec"

// line is the elements of a cache line.
const line = 16

// ahead fetches the memory of the next block or turn into the cache while this
// one is computed, a few lines after every instruction: a processor keeps about
// twenty lines on their way, and more at once would hold it up. Its own
// prefetching stops at every page, which is no longer than a block.
type ahead struct {
	lists [][]float32 // what to fetch
	k, at int         // so many lists are done, and so much of the next
	share int         // elements to fetch at a time
}

// aheadMin is how many elements an instruction must have to be followed by a
// share.
const aheadMin = 128

// some fetches a share, after an instruction on n elements.
func (a *ahead) some(n int) {
	if a.k == len(a.lists) || n < aheadMin {
		return
	}
	m := a.lists[a.k]
	end := min(a.at+a.share, len(m))
	vec.Prefetch(m[a.at:end])
	if a.at = end; end == len(m) {
		a.k, a.at = a.k+1, 0
	}
}

// stream is memory that a loop or several read or write from one end to the
// other.
type stream struct {
	memory []float32
	per    int // elements an element or a row of the loop
}

// streams adds the loop's, with the elements of one of rows, to those there are.
func (r *loop) streams(out []stream, rows int) []stream {
	add := func(memory []float32, w window) {
		if w.perRow > 0 || len(memory) != r.l.Size {
			return
		}
		for _, s := range out {
			if &s.memory[0] == &memory[0] {
				return
			}
		}
		out = append(out, stream{memory, r.l.Size / rows})
	}
	for i := range r.args {
		if r.args[i].mode == direct {
			add(r.args[i].memory, r.args[i].window)
		}
	}
	for i := range r.dst {
		add(r.dst[i].memory, r.dst[i].window)
	}
	for i := range r.late {
		add(r.late[i].memory, r.late[i].window)
	}
	return out
}

// calls is how many times a share is fetched while the loop runs over n
// elements.
func (r *loop) calls(n int) int {
	if min(n, r.step) < aheadMin {
		return 0
	}
	return (n + r.step - 1) / r.step * (len(r.insts) + len(r.l.Reduces))
}

// prepare has the worker fetch [lo, hi) of the streams from now on, in that
// many calls.
func (a *ahead) prepare(streams []stream, lo, hi, calls int) {
	clear(a.lists) // a pool outlives the memory of its programs
	a.lists, a.k, a.at = a.lists[:0], 0, 0
	total := 0
	for _, s := range streams {
		from, to := lo*s.per, min(hi*s.per, len(s.memory))
		if from < to {
			a.lists = append(a.lists, s.memory[from:to])
			total += to - from
		}
	}
	a.share = (total/max(calls, 1) + 2*line) &^ (line - 1)
}
