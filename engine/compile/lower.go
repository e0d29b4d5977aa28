package compile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
)

// node is a value of the graph after lowering: reshapes are gone (buffers are
// contiguous, so a reshape is another view of the same node), equal nodes are
// one, and a reduction folds one contiguous run of axes.
type node struct {
	id      int
	op      graph.Op
	size    int
	shape   tensor.Shape
	attr    any
	in      []*node
	inShape []tensor.Shape // the shape under which each operand is read
	users   []*node        // each once

	outer, reduced, inner int // of reductions

	group  *group // whose loop computes the node
	hosts  *group // the epilogue of a contraction
	buffer int    // -1 until materialised
}

type lowering struct {
	nodes []*node
	of    map[*graph.Value]*node
	byKey map[string]*node
}

// lower walks the values that the roots depend on.
func lower(roots []*graph.Value) *lowering {
	l := &lowering{of: map[*graph.Value]*node{}, byKey: map[string]*node{}}
	if len(roots) == 0 {
		return l
	}
	values := roots[0].Graph().Values()
	needed := make([]bool, len(values))
	isRoot := make([]bool, len(values))
	for _, r := range roots {
		needed[r.ID()], isRoot[r.ID()] = true, true
	}
	for id := len(values) - 1; id >= 0; id-- {
		if needed[id] {
			for _, in := range values[id].Inputs() {
				needed[in.ID()] = true
			}
		}
	}
	known := constants(values, needed, isRoot)
	for id, v := range values {
		switch t := known[v]; {
		case t != nil:
			l.of[v] = l.add(constantNode(t, v.Shape()))
		case needed[id]:
			l.of[v] = l.value(v)
		}
	}
	for _, n := range l.nodes {
		for _, in := range n.in {
			if !slices.Contains(in.users, n) {
				in.users = append(in.users, n)
			}
		}
	}
	return l
}

func (l *lowering) value(v *graph.Value) *node {
	switch v.Op() {
	case graph.OpReshape, graph.OpStopGradient:
		return l.of[v.Inputs()[0]]
	}
	in := make([]*node, len(v.Inputs()))
	shapes := make([]tensor.Shape, len(in))
	for i, x := range v.Inputs() {
		in[i], shapes[i] = l.of[x], x.Shape()
	}
	switch {
	case v.Op() == graph.OpReduceSum || v.Op() == graph.OpReduceMax:
		return l.reduce(v, in[0])
	case v.Op() == graph.OpBroadcast && in[0].op == graph.OpFull: // of an evaluated constant
		return l.add(&node{op: graph.OpFull, shape: v.Shape(), attr: in[0].attr})
	}
	return l.add(&node{op: v.Op(), shape: v.Shape(), attr: v.Attr(), in: in, inShape: shapes})
}

const (
	// shortRun is the extent below which adding up neighbours is slow.
	shortRun = 64
	// longRun is how much smaller a fold must make its operand to go first.
	longRun = 8
)

// reduce splits a reduction into folds of contiguous runs of axes: the last run
// first, unless it is short and the first one long, since the columns of the
// first are added up side by side.
func (l *lowering) reduce(v *graph.Value, x *node) *node {
	axes := slices.Clone(v.Attr().(graph.AxesAttr).Axes)
	shape := v.Inputs()[0].Shape().Clone()
	// Axes of extent 1 between two runs do not separate them.
	joined := func(i int) bool {
		return i > 0 && i < len(axes) && tensor.Shape(shape[axes[i-1]+1:axes[i]]).Size() == 1
	}
	extent := func(first, last int) int { return shape[axes[first] : axes[last]+1].Size() }
	for len(axes) > 0 {
		last := len(axes) - 1
		first := last
		for joined(first) {
			first--
		}
		if first > 0 && extent(first, last) < shortRun {
			end := 0
			for joined(end + 1) {
				end++
			}
			if extent(0, end) >= longRun {
				first, last = 0, end
			}
		}
		lo, hi := axes[first], axes[last]
		n := &node{op: v.Op(), in: []*node{x}, inShape: []tensor.Shape{shape.Clone()},
			outer: shape[:lo].Size(), reduced: shape[lo : hi+1].Size(), inner: shape[hi+1:].Size()}
		for _, a := range axes[first : last+1] {
			shape[a] = 1
		}
		n.shape = shape.Clone()
		axes = slices.Delete(axes, first, last+1)
		if n.reduced == 1 {
			continue
		}
		n.attr = [3]int{n.outer, n.reduced, n.inner}
		x = l.add(n)
	}
	return x
}

// add returns an equal earlier node if there is one.
func (l *lowering) add(n *node) *node {
	key := n.key()
	if e := l.byKey[key]; e != nil {
		return e
	}
	n.id, n.size, n.buffer = len(l.nodes), n.shape.Size(), -1
	l.nodes = append(l.nodes, n)
	l.byKey[key] = n
	return n
}

// key is equal for nodes that compute the same thing. Elementwise primitives
// do not look at shapes, only at sizes.
func (n *node) key() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d", n.op)
	for i, in := range n.in {
		fmt.Fprintf(&b, " %d", in.id)
		if !n.op.Elementwise() {
			fmt.Fprint(&b, n.inShape[i])
		}
	}
	if !n.op.Elementwise() {
		fmt.Fprint(&b, n.shape)
	}
	switch a := n.attr.(type) {
	case nil:
	case graph.TensorAttr:
		fmt.Fprintf(&b, " %p", a.Tensor)
	default:
		fmt.Fprintf(&b, " %+v", a)
	}
	return b.String()
}

// external reports whether the node's memory is not the program's own.
func (n *node) external() bool {
	return n.op == graph.OpInput || n.op == graph.OpState || n.op == graph.OpConstant
}

// loops reports whether the node is computed by a loop.
func (n *node) loops() bool {
	return n.op.Elementwise() || n.folds() || n.op == graph.OpBroadcast || n.op == graph.OpFull
}

func (n *node) folds() bool { return n.op == graph.OpReduceSum || n.op == graph.OpReduceMax }

// contracts reports whether the node can host an epilogue.
func (n *node) contracts() bool {
	return n.op == graph.OpMatMul || n.op == graph.OpConv || n.op == graph.OpConvInputGrad
}
