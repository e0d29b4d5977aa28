package compile

import (
	"errors"
	"fmt"
	"slices"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
)

// Options choose how a program computes what its graph says.
type Options struct {
	// Precision of the operands of matrix products and of convolutions with
	// their gradients. Attention computes in float32.
	Precision tensor.Precision
}

// Compile is Options.Compile with no options.
func Compile(outputs []*graph.Value, updates []Update) (*Program, error) {
	return Options{}.Compile(outputs, updates)
}

// Compile makes a program that computes outputs and leaves each update's
// value in its state. Updates take effect together at the end of a run: every
// read of a state sees its old value.
func (o Options) Compile(outputs []*graph.Value, updates []Update) (*Program, error) {
	if len(outputs)+len(updates) == 0 {
		return nil, errors.New("compile: nothing to compute")
	}
	seen := map[*graph.Value]bool{}
	for _, u := range updates {
		switch {
		case u.State.Op() != graph.OpState:
			return nil, fmt.Errorf("compile: update of %v, which is not a state", u.State)
		case !u.State.Shape().Equal(u.Value.Shape()):
			return nil, fmt.Errorf("compile: update of %v by %v", u.State, u.Value)
		case seen[u.State]:
			return nil, fmt.Errorf("compile: two updates of %v", u.State)
		}
		seen[u.State] = true
	}
	p, err := o.assemble(outputs, updates, true)
	if errors.Is(err, errCycle) {
		// Writing some state in place would need a value before it is made.
		p, err = o.assemble(outputs, updates, false)
	}
	return p, err
}

type compiler struct {
	*lowering
	Options
	wanted  map[*node]bool
	groups  []*group
	buffers []buffer
	units   []*unit
	consts  map[int]*tensor.Tensor
}

// buffer is a Buffer in the making.
type buffer struct {
	Buffer
	alias int // the state whose memory this is, or -1
	keep  bool
}

// unit is a step with what it reads and writes.
type unit struct {
	step   Step
	reads  []int // buffers
	writes []int
	order  int // position of its last node in the graph
	update bool
	hosted []int // operands that a contraction reads while its epilogue writes
	loop   *Loop // the step itself or its epilogue
}

func (o Options) assemble(outputs []*graph.Value, updates []Update, inPlace bool) (*Program, error) {
	roots := slices.Clone(outputs)
	for _, u := range updates {
		roots = append(roots, u.Value, u.State)
	}
	c := &compiler{lowering: lower(roots), Options: o, wanted: map[*node]bool{}, consts: map[int]*tensor.Tensor{}}
	for _, r := range roots {
		c.wanted[c.of[r]] = true
	}
	c.groups = fuse(c.nodes, c.wanted)
	c.recompute()
	p := &Program{Consts: c.consts}
	c.leaves(p)
	copies := c.place(outputs, updates, inPlace)
	for _, n := range c.nodes {
		if n.external() || n.buffer < 0 && n.group == nil {
			continue
		}
		c.emit(n)
	}
	for _, u := range copies {
		c.copyState(u)
	}
	updated := map[*node]bool{}
	for _, u := range updates {
		updated[c.of[u.State]] = true
	}
	for _, v := range outputs {
		b := c.of[v].buffer
		if updated[c.of[v]] { // show the old value
			b = c.alloc(Buffer{Kind: Arena, Size: v.Shape().Size()})
			c.copyTo(b, c.of[v])
		}
		c.buffers[b].keep = true
		p.Outputs = append(p.Outputs, Port{Shape: v.Shape().Clone(), Buffer: b})
	}
	c.joinRows()
	if err := c.schedule(p); err != nil {
		return nil, err
	}
	c.plan(p)
	return p, nil
}

func (c *compiler) alloc(b Buffer) int {
	c.buffers = append(c.buffers, buffer{Buffer: b, alias: -1})
	return len(c.buffers) - 1
}

// leaves makes the buffers of inputs, states and constants.
func (c *compiler) leaves(p *Program) {
	for _, n := range c.nodes {
		switch a := n.attr.(type) {
		case graph.NameAttr:
			n.buffer = c.alloc(Buffer{Kind: External, Size: n.size, Name: a.Name})
			port := Port{Name: a.Name, Shape: n.shape.Clone(), Buffer: n.buffer}
			if n.op == graph.OpInput {
				p.Inputs = append(p.Inputs, port)
			} else {
				p.States = append(p.States, port)
			}
		case graph.TensorAttr:
			n.buffer = c.alloc(Buffer{Kind: Const, Size: n.size})
			c.consts[n.buffer] = a.Tensor
		}
	}
}

// place makes the buffers of everything that must be in memory, and lets a
// loop write an update straight into its state. It returns the updates that
// need a copy.
func (c *compiler) place(outputs []*graph.Value, updates []Update, inPlace bool) []Update {
	isOutput := map[*node]bool{}
	for _, v := range outputs {
		isOutput[c.of[v]] = true
	}
	var copies []Update
	for _, u := range updates {
		v, s := c.of[u.Value], c.of[u.State]
		if v == s {
			continue
		}
		if inPlace && v.op.Elementwise() && v.buffer < 0 && !isOutput[v] && c.onlyDirect(v.group, s) {
			v.buffer = c.alloc(Buffer{Kind: External, Size: v.size})
			c.buffers[v.buffer].alias = s.buffer
			continue
		}
		copies = append(copies, u)
	}
	for _, n := range c.nodes {
		if n.buffer >= 0 || n.loops() && n.group == nil {
			continue
		}
		inMemory := !n.loops() || n.folds() || n.op == graph.OpBroadcast || n.op == graph.OpFull || c.wanted[n] ||
			slices.ContainsFunc(n.users, func(u *node) bool { return u.group != n.group })
		if inMemory {
			n.buffer = c.alloc(Buffer{Kind: Arena, Size: n.size})
		}
	}
	return copies
}

// onlyDirect reports whether group g reads state s, if at all, only at the
// index that it writes.
func (c *compiler) onlyDirect(g *group, s *node) bool {
	for _, m := range g.members {
		for _, in := range m.in {
			if in.op == graph.OpBroadcast && in.in[0] == s {
				return false
			}
		}
	}
	if g.host != nil {
		return !slices.Contains(g.host.in, s)
	}
	return true
}

// emit writes the step that computes n. The step of a group comes with its
// last member, that of an epilogue's group with its host.
func (c *compiler) emit(n *node) {
	if g := n.group; g != nil {
		if g.host == nil && g.members[0] == n {
			l := c.loop(g)
			c.addUnit(&unit{step: l, loop: l, order: n.id})
		}
		return
	}
	u := &unit{order: n.id}
	switch n.op {
	case graph.OpMatMul, graph.OpConv, graph.OpConvInputGrad, graph.OpConvFilterGrad:
		c.contraction(n, u)
		return
	case graph.OpTranspose, graph.OpSlice, graph.OpPad, graph.OpConcat, graph.OpReverse:
		c.move(n)
		return
	case graph.OpAttention, graph.OpAttentionLSE, graph.OpAttentionGradQ, graph.OpAttentionGradK, graph.OpAttentionGradV:
		c.attention(n)
		return
	case graph.OpRotary, graph.OpRotaryGradX, graph.OpRotaryGradScale:
		c.rotary(n)
		return
	case graph.OpUniform, graph.OpNormal:
		a := n.attr.(graph.RandomAttr)
		u.step = &Random{Out: n.buffer, Size: n.size, Normal: n.op == graph.OpNormal, Stream: a.Stream}
		u.writes = []int{n.buffer}
	case graph.OpGather:
		t := n.in[0].buffer
		u.step = &Gather{Out: n.buffer, Table: t, Index: n.in[1].buffer, Rows: n.inShape[0][0], N: n.shape[0], Width: n.shape[1]}
		u.reads, u.writes = []int{t, n.in[1].buffer}, []int{n.buffer}
	case graph.OpScatterAdd:
		u.step = &ScatterAdd{Out: n.buffer, In: n.in[0].buffer, Index: n.in[1].buffer, Rows: n.shape[0], N: n.inShape[0][0], Width: n.shape[1]}
		u.reads, u.writes = []int{n.in[0].buffer, n.in[1].buffer}, []int{n.buffer}
	default:
		panic("compile: no step for " + n.op.String())
	}
	c.addUnit(u)
}

// addUnit records a unit, with what its loop reads and writes.
func (c *compiler) addUnit(u *unit) {
	if l := u.loop; l != nil {
		for _, a := range l.Args {
			u.reads = append(u.reads, a.Buffer)
		}
		for _, s := range l.Stores {
			u.writes = append(u.writes, s.Buffer)
			u.update = u.update || c.buffers[s.Buffer].alias >= 0
		}
		for _, r := range l.Reduces {
			u.writes = append(u.writes, r.Buffer)
		}
	}
	c.units = append(c.units, u)
}

// copyState moves an update's value into its state at the end.
func (c *compiler) copyState(up Update) {
	v, s := c.of[up.Value], c.of[up.State]
	b := c.alloc(Buffer{Kind: External, Size: s.size})
	c.buffers[b].alias = s.buffer
	c.copyTo(b, v)
}

func (c *compiler) copyTo(buffer int, v *node) {
	l := &Loop{Size: v.size, Args: []Access{{Buffer: v.buffer}},
		Insts:  []Inst{{Op: graph.OpBroadcast, Operand: [3]Ref{{Kind: Arg}}}},
		Stores: []Store{{Buffer: buffer}}}
	c.addUnit(&unit{step: l, loop: l, order: len(c.nodes)})
}
