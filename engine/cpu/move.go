package cpu

import (
	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/kernel/vec"
	"github.com/limner-ai/limner/engine/tensor"
)

// mover copies a strided box, one task a share of the outermost axis.
type mover struct {
	s       *compile.Copy
	out, in []float32
	clear   clearing
	per     int // outermost indices of a task
}

func newCopy(e *Executable, s *compile.Copy) *mover {
	m := &mover{s: s, out: e.memory[s.Out], in: e.memory[s.In]}
	m.clear.out = m.out
	m.per = max(1, chunkSize/max(1, tensor.Shape(s.Dims[1:]).Size()))
	return m
}

func (m *mover) needs() (int, int) { return 0, 0 }

func (m *mover) run(p *Pool) {
	if m.s.Zero {
		p.do(&m.clear, (len(m.out)+chunkSize-1)/chunkSize)
	}
	p.do(m, (m.s.Dims[0]+m.per-1)/m.per)
}

type clearing struct{ out []float32 }

func (c *clearing) task(i int, _ *worker) {
	clear(c.out[i*chunkSize : min((i+1)*chunkSize, len(c.out))])
}

func (m *mover) task(i int, _ *worker) {
	lo := i * m.per
	hi := min(lo+m.per, m.s.Dims[0])
	if len(m.s.Dims) == 1 {
		m.row(m.s.OutOff+lo*m.s.OutStrides[0], m.s.InOff+lo*m.s.InStrides[0], hi-lo)
		return
	}
	for ; lo < hi; lo++ {
		m.box(1, m.s.OutOff+lo*m.s.OutStrides[0], m.s.InOff+lo*m.s.InStrides[0])
	}
}

func (m *mover) box(axis, out, in int) {
	s := m.s
	last := len(s.Dims) - 1
	if axis == last {
		m.row(out, in, s.Dims[last])
		return
	}
	if axis == last-1 && s.OutStrides[last] == 1 && s.OutStrides[axis] == s.Dims[last] &&
		s.InStrides[axis] == 1 && s.InStrides[last] == s.Dims[axis] {
		n := s.Dims[last] * s.Dims[axis]
		vec.Transpose(m.out[out:out+n], m.in[in:in+n], s.Dims[last], s.Dims[axis])
		return
	}
	for range s.Dims[axis] {
		m.box(axis+1, out, in)
		out += s.OutStrides[axis]
		in += s.InStrides[axis]
	}
}

func (m *mover) row(out, in, n int) {
	s := m.s
	last := len(s.Dims) - 1
	so, si := s.OutStrides[last], s.InStrides[last]
	if so == 1 && si == 1 {
		vec.Copy(m.out[out:out+n], m.in[in:in+n])
		return
	}
	for range n {
		m.out[out] = m.in[in]
		out += so
		in += si
	}
}

// random fills a buffer with noise.
type random struct {
	e   *Executable
	s   *compile.Random
	out []float32
}

const randomChunk = 4096

func (r *random) needs() (int, int) { return 0, 0 }
func (r *random) run(p *Pool)       { p.do(r, (r.s.Size+randomChunk-1)/randomChunk) }

func (r *random) task(i int, _ *worker) {
	lo := i * randomChunk
	dst := r.out[lo:min(lo+randomChunk, r.s.Size)]
	g := tensor.Philox{Seed: r.e.clock.seed, Stream: r.s.Stream, Step: r.e.clock.step}
	if r.s.Normal {
		g.Normal(dst, lo)
	} else {
		g.Uniform(dst, lo)
	}
}

// gather copies rows of a table.
type gather struct {
	s                 *compile.Gather
	out, table, index []float32
}

func (g *gather) needs() (int, int) { return 0, 0 }
func (g *gather) run(p *Pool) {
	for i := range g.s.N {
		r := row(g.index[i], g.s.Rows)
		vec.Copy(g.out[i*g.s.Width:(i+1)*g.s.Width], g.table[r*g.s.Width:(r+1)*g.s.Width])
	}
}

// scatterAdd adds rows into a table, in the order of the index.
type scatterAdd struct {
	s              *compile.ScatterAdd
	out, in, index []float32
}

func (g *scatterAdd) needs() (int, int) { return 0, 0 }
func (g *scatterAdd) run(p *Pool) {
	vec.Fill(g.out, 0)
	for i := range g.s.N {
		r := row(g.index[i], g.s.Rows)
		dst := g.out[r*g.s.Width : (r+1)*g.s.Width]
		vec.Add(dst, dst, g.in[i*g.s.Width:(i+1)*g.s.Width])
	}
}

// row clamps an index to the table.
func row(x float32, rows int) int {
	if !(x > 0) { // also NaN
		return 0
	}
	return min(int(x), rows-1)
}
