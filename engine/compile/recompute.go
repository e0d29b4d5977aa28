package compile

import (
	"slices"

	"github.com/limner-ai/limner/engine/graph"
)

const (
	// What a loop may compute again for a value that it need not read: so many
	// primitives, of which so many are exponentials and the like. Writing and
	// reading a value costs about as much as one of those.
	recomputeOps    = 12
	recomputeCostly = 1
)

// recompute lets loops compute values again that another loop has computed,
// if that needs nothing from memory that they do not read anyway, and then
// the values are never stored: the sigmoid in the derivative of SiLU comes
// from the argument of SiLU, which is read besides. It is the rematerialisation
// of Chen et al., "Training Deep Nets with Sublinear Memory Cost" (2016), as
// far as it makes a step faster rather than slower.
func (c *compiler) recompute() {
	for i := len(c.nodes) - 1; i >= 0; i-- {
		n := c.nodes[i]
		if n.op.Elementwise() && n.group != nil && !c.wanted[n] {
			again(n)
		}
	}
}

// again replaces n in all loops but its own, or changes nothing.
func again(n *node) {
	var copies []*copyist
	for _, u := range n.users {
		if u.group == n.group {
			continue
		}
		if u.group == nil || readsMemory(u) || u.group.size != n.size {
			return // it must be in memory anyway
		}
		if slices.ContainsFunc(copies, func(r *copyist) bool { return r.to == u.group }) {
			continue
		}
		r := &copyist{to: u.group, of: map[*node]*node{}}
		r.readable(n)
		if !r.derive(n) {
			return
		}
		copies = append(copies, r)
	}
	for _, r := range copies {
		r.replace(n)
	}
}

// copyist makes copies of nodes in another group.
type copyist struct {
	to          *group
	reads       []*node // what the group reads from memory
	of          map[*node]*node
	ops, costly int
}

// readable lists what the group reads, without n.
func (r *copyist) readable(n *node) {
	for _, m := range r.to.all() {
		for _, in := range m.in {
			if in != n && (in.group != r.to || in.group == nil) {
				r.reads = append(r.reads, in)
			}
		}
	}
}

// derive notes what must be copied for x, and reports whether that will do.
// All that x is made of is made before the group runs, since the group reads
// x: no cycle can come of it.
func (r *copyist) derive(x *node) bool {
	if _, done := r.of[x]; done || r.leaf(x) {
		return true
	}
	if !x.op.Elementwise() || x.group == nil {
		return false
	}
	switch x.op {
	case graph.OpExp, graph.OpLog, graph.OpSin, graph.OpCos, graph.OpTanh, graph.OpSigmoid, graph.OpSoftplus, graph.OpErf:
		r.costly++
	}
	if r.ops++; r.ops > recomputeOps || r.costly > recomputeCostly {
		return false
	}
	r.of[x] = nil
	for _, in := range x.in {
		if !r.derive(in) {
			return false
		}
	}
	return true
}

// leaf reports whether the group can read x at no cost.
func (r *copyist) leaf(x *node) bool {
	switch {
	case slices.Contains(r.reads, x):
		return x.size == r.to.size || x.op == graph.OpBroadcast || x.op == graph.OpFull
	case x.group == r.to || x.op == graph.OpFull:
		return true
	case x.op != graph.OpBroadcast || x.group != nil:
		return false
	}
	// A bias or the like is small, and in memory if nothing else computes it.
	s := x.in[0]
	return s.size*8 <= x.size && (s.external() || s.folds())
}

// replace has the group use copies of n and of what n is made of.
func (r *copyist) replace(n *node) {
	clone := r.clone(n)
	for _, m := range r.to.members {
		for i, in := range m.in {
			if in == n && m != clone {
				m.in[i] = clone
				use(clone, m)
			}
		}
	}
	n.users = slices.DeleteFunc(n.users, func(u *node) bool { return u.group == r.to })
}

func (r *copyist) clone(x *node) *node {
	k, copied := r.of[x]
	if !copied {
		return x
	}
	if k != nil {
		return k
	}
	k = &node{id: x.id, op: x.op, size: x.size, shape: x.shape, attr: x.attr, inShape: x.inShape, group: r.to, buffer: -1}
	for _, in := range x.in {
		in = r.clone(in)
		k.in = append(k.in, in)
		use(in, k)
	}
	r.of[x] = k
	r.to.members = append(r.to.members, k)
	return k
}

func use(x, user *node) {
	if !slices.Contains(x.users, user) {
		x.users = append(x.users, user)
	}
}
