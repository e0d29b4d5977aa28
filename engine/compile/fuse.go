package compile

import (
	"slices"

	"github.com/limner-ai/limner/engine/graph"
)

// A group is a set of nodes that one loop computes: elementwise nodes of one
// size and reductions of them with the same axes. It may follow a
// contraction as its epilogue.
type group struct {
	members []*node // reductions and elementwise nodes, latest first
	size    int
	fold    *node // a reduction whose axes the others share, or nil
	host    *node
}

// fuse forms groups from the last node to the first. A node joins the group
// of one of its users unless some path leads from it out of the group and
// back in, since a group runs as a whole.
func fuse(nodes []*node, wanted map[*node]bool) []*group {
	var groups []*group
	for i := len(nodes) - 1; i >= 0; i-- {
		n := nodes[i]
		if !n.loops() {
			continue
		}
		if n.op == graph.OpFull || n.op == graph.OpBroadcast {
			// Read in place by loops; made only where something else needs it.
			if !wanted[n] && !slices.ContainsFunc(n.users, readsMemory) {
				continue
			}
		} else if g := home(n); g != nil {
			g.members = append(g.members, n)
			n.group = g
			continue
		}
		g := &group{members: []*node{n}, size: n.size}
		if n.folds() {
			g.size, g.fold = n.in[0].size, n
		}
		n.group = g
		groups = append(groups, g)
	}
	groups = merge(groups)
	for _, n := range nodes {
		if n.contracts() {
			adopt(n)
		}
	}
	return groups
}

// merge joins groups of one size of which one reads the other, where no path
// leads around: a node with users in two groups joined the first of them.
func merge(groups []*group) []*group {
	for again := true; again; {
		again = false
		for _, g := range groups {
			for _, h := range g.readers() {
				if g.fold != nil || h.fold != nil || h.size != g.size || around(g.members, g, h) {
					continue
				}
				for _, n := range h.members {
					n.group = g
				}
				g.members = append(g.members, h.members...)
				slices.SortFunc(g.members, func(a, b *node) int { return b.id - a.id })
				groups = slices.DeleteFunc(groups, func(x *group) bool { return x == h })
				again = true
				break
			}
			if again {
				break
			}
		}
	}
	return groups
}

// readers lists the groups whose loops read the group's results in place.
func (g *group) readers() []*group {
	var out []*group
	for _, n := range g.members {
		if n.op == graph.OpBroadcast || n.op == graph.OpFull {
			continue // made for those who need it in memory
		}
		for _, u := range n.users {
			if h := u.group; h != nil && h != g && !readsMemory(u) && !slices.Contains(out, h) {
				out = append(out, h)
			}
		}
	}
	return out
}

// readsMemory reports whether n needs its operands in memory, even constants
// and broadcasts, which loops read without their being made.
func readsMemory(n *node) bool { return !n.op.Elementwise() && !n.folds() }

// home is a group that n may join.
func home(n *node) *group {
	var tried []*group
	for _, u := range n.users {
		g := u.group
		if g == nil || slices.Contains(tried, g) {
			continue
		}
		tried = append(tried, g)
		if n.folds() {
			continue // a fold's users have another size
		}
		if g.size != n.size || readsMemory(u) {
			continue
		}
		if !reachesAround(n, g) {
			return g
		}
	}
	if n.folds() {
		return siblingFold(n)
	}
	return nil
}

// siblingFold is a group that folds the same node along the same axes, such
// as the sum beside the sum of squares.
func siblingFold(n *node) *group {
	for _, u := range n.in[0].users {
		g := u.group
		if g == nil || g.fold == nil || g.size != n.in[0].size {
			continue
		}
		f := g.fold
		if f.outer == n.outer && f.reduced == n.reduced && f.inner == n.inner && !reachesAround(n, g) {
			return g
		}
	}
	return nil
}

// unit is the group that n runs with, as a member or as the host, or nil.
func (n *node) unit() *group {
	if n.group != nil {
		return n.group
	}
	return n.hosts
}

// all lists the nodes that run with the group.
func (g *group) all() []*node {
	if g.host == nil {
		return g.members
	}
	return append(slices.Clone(g.members), g.host)
}

// reachesAround reports whether a path leads from n through something outside
// of g into g. Everything that runs together counts as one place.
func reachesAround(n *node, g *group) bool { return around([]*node{n}, nil, g) }

// around reports whether a path leads from nodes of own through something
// outside of own and g into g.
func around(from []*node, own, g *group) bool {
	seenGroups, seenNodes := map[*group]bool{}, map[*node]bool{}
	// enter visits what u runs with and reports whether g is reached from it.
	var enter func(u *node) bool
	leave := func(m *node, own *group) bool {
		for _, u := range m.users {
			k := u.unit()
			if k != nil && k == own {
				continue
			}
			if k == g || enter(u) {
				return true
			}
		}
		return false
	}
	enter = func(u *node) bool {
		k := u.unit()
		if k == nil {
			if seenNodes[u] {
				return false
			}
			seenNodes[u] = true
			return leave(u, nil)
		}
		if seenGroups[k] {
			return false
		}
		seenGroups[k] = true
		for _, m := range k.all() {
			if leave(m, k) {
				return true
			}
		}
		return false
	}
	for _, n := range from {
		for _, u := range n.users {
			// The edges that lead straight into g are the join itself.
			if k := u.unit(); k != g && (k == nil || k != own) && enter(u) {
				return true
			}
		}
	}
	return false
}

// maxEpilogueFold bounds the partial sums that each task of a contraction
// keeps for a fused reduction.
const maxEpilogueFold = 4096

// adopt makes a group of n's users the epilogue of contraction n.
func adopt(n *node) {
	for _, u := range n.users {
		g := u.group
		if g == nil || g.host != nil || g.size != n.size || readsMemory(u) {
			continue
		}
		if g.fold != nil && (g.fold.outer != 1 || g.fold.inner > maxEpilogueFold || g.fold.inner == 1) {
			continue
		}
		if reachesAround(n, g) {
			continue
		}
		g.host, n.hosts = n, g
		return
	}
}
