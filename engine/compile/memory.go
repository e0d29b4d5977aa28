package compile

import "slices"

// align keeps buffers on cache lines: 16 floats.
const align = 16

// plan gives every arena buffer an offset such that buffers alive at the same
// time do not overlap: the largest first, each at the lowest place that is
// free over its lifetime (greedy by size; Pisarchyk and Lee, "Efficient
// Memory Management for Deep Neural Net Inference", 2020, section 4.3). A loop
// may write over an operand that nobody reads afterwards.
func (c *compiler) plan(p *Program) {
	first := make([]int, len(c.buffers))
	last := make([]int, len(c.buffers))
	for b := range c.buffers {
		first[b], last[b] = -1, -1
	}
	touch := func(b, at int) {
		if first[b] < 0 {
			first[b] = at
		}
		last[b] = max(last[b], at)
	}
	for at, u := range c.units {
		for _, b := range u.writes {
			touch(b, at)
		}
		for _, b := range u.reads {
			touch(b, at)
		}
	}
	for b := range c.buffers {
		if c.buffers[b].keep {
			last[b] = len(c.units)
		}
	}
	same := c.overwrites(last)
	// Each class of buffers that share memory is one block.
	type block struct{ size, first, last, offset int }
	blocks := map[int]*block{}
	var order []*block
	for b := range c.buffers {
		if c.buffers[b].Kind != Arena || first[b] < 0 {
			continue
		}
		root := same.find(b)
		k := blocks[root]
		if k == nil {
			k = &block{size: c.buffers[b].Size, first: first[b], last: last[b]}
			blocks[root] = k
			order = append(order, k)
		}
		k.size = max(k.size, c.buffers[b].Size)
		k.first, k.last = min(k.first, first[b]), max(k.last, last[b])
	}
	slices.SortStableFunc(order, func(a, b *block) int { return b.size - a.size })
	var placed []*block // by offset
	for _, k := range order {
		at := 0
		for _, o := range placed {
			if o.first > k.last || k.first > o.last {
				continue
			}
			if o.offset >= at+k.size {
				break
			}
			at = max(at, (o.offset+o.size+align-1)/align*align)
		}
		k.offset = at
		i, _ := slices.BinarySearchFunc(placed, at, func(o *block, at int) int { return o.offset - at })
		placed = slices.Insert(placed, i, k)
		p.Arena = max(p.Arena, (at+k.size+align-1)/align*align)
	}
	alive := make([]int, len(c.units)+1)
	for _, k := range order {
		for at := k.first; at <= k.last; at++ {
			alive[at] += (k.size + align - 1) / align * align
		}
	}
	p.Live = slices.Max(alive)
	for b := range c.buffers {
		out := c.buffers[b].Buffer
		if s := c.buffers[b].alias; s >= 0 {
			out = c.buffers[s].Buffer
		}
		if k := blocks[same.find(b)]; k != nil && out.Kind == Arena {
			out.Offset = k.offset
		}
		if out.Kind == Arena && first[b] < 0 {
			out.Size = 0 // a step keeps it to itself
		}
		p.Buffers = append(p.Buffers, out)
	}
}

// overwrites lets the stores of a loop take the memory of an operand that the
// loop reads at its own index for the last time.
func (c *compiler) overwrites(last []int) classes {
	same := make(classes, len(c.buffers))
	for b := range same {
		same[b] = b
	}
	for at, u := range c.units {
		if u.loop == nil {
			continue
		}
		taken := map[int]bool{}
		for _, s := range u.loop.Stores {
			if c.buffers[s.Buffer].Kind != Arena {
				continue
			}
			for _, a := range u.loop.Args {
				b := a.Buffer
				if !a.Direct() || taken[b] || c.buffers[b].Kind != Arena || c.buffers[b].Size != c.buffers[s.Buffer].Size ||
					last[b] != at || c.readElsewhere(u, b) {
					continue
				}
				taken[b] = true
				same[same.find(s.Buffer)] = same.find(b)
				break
			}
		}
	}
	return same
}

// readElsewhere reports whether the unit also reads b at other indices than
// its loop's own: as an operand of the contraction, or by a broadcast.
func (c *compiler) readElsewhere(u *unit, b int) bool {
	if slices.Contains(u.hosted, b) {
		return true
	}
	for _, a := range u.loop.Args {
		if a.Buffer == b && !a.Direct() {
			return true
		}
	}
	return false
}

// classes is a union-find forest.
type classes []int

func (s classes) find(b int) int {
	for s[b] != b {
		b = s[b]
	}
	return b
}
