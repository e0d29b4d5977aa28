package compile

import (
	"errors"
	"slices"
)

var errCycle = errors.New("compile: states are updated from one another in a cycle")

// schedule orders the units: data before its readers, readers of a state
// before its update. Among units that may run, updates go first, since they
// free gradients, then the graph's own order.
func (c *compiler) schedule(p *Program) error {
	n := len(c.units)
	next := c.dependencies()
	waits := make([]int, n)
	for _, after := range next {
		for _, v := range after {
			waits[v]++
		}
	}
	before := func(a, b int) bool {
		x, y := c.units[a], c.units[b]
		if x.update != y.update {
			return x.update
		}
		if x.order != y.order {
			return x.order < y.order
		}
		return a < b
	}
	var ready, order []int
	for i := range c.units {
		if waits[i] == 0 {
			ready = append(ready, i)
		}
	}
	for len(ready) > 0 {
		best := 0
		for i := range ready {
			if before(ready[i], ready[best]) {
				best = i
			}
		}
		u := ready[best]
		ready = slices.Delete(ready, best, best+1)
		order = append(order, u)
		for _, v := range next[u] {
			if waits[v]--; waits[v] == 0 {
				ready = append(ready, v)
			}
		}
	}
	if len(order) < n {
		return errCycle
	}
	units := make([]*unit, n)
	for i, u := range order {
		units[i] = c.units[u]
		p.Steps = append(p.Steps, units[i].step)
	}
	c.units = units
	return nil
}

// dependencies lists, for each unit, those that must come after it.
func (c *compiler) dependencies() [][]int {
	next := make([][]int, len(c.units))
	edge := func(a, b int) {
		if a != b && !slices.Contains(next[a], b) {
			next[a] = append(next[a], b)
		}
	}
	writers := make([][]int, len(c.buffers))
	readers := make([][]int, len(c.buffers))
	for i, u := range c.units {
		for _, b := range u.writes {
			writers[b] = append(writers[b], i)
		}
		for _, b := range u.reads {
			readers[b] = append(readers[b], i)
		}
	}
	for b := range c.buffers {
		for _, r := range readers[b] {
			for _, w := range writers[b] {
				edge(w, r)
			}
		}
		if s := c.buffers[b].alias; s >= 0 {
			for _, r := range readers[s] {
				for _, w := range writers[b] {
					edge(r, w)
				}
			}
		}
		// Several copies that fill one buffer keep their order.
		for i := 1; i < len(writers[b]); i++ {
			edge(writers[b][i-1], writers[b][i])
		}
	}
	return next
}
