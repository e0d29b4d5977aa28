package compile

import "slices"

const (
	// rowMax bounds the elements of a row: a few values of as many must fit
	// into a core's part of the last-level cache.
	rowMax = 1 << 18
	// rowsMin is how many rows there must be, since a row is not split among
	// workers, unless all the work is as small as that.
	rowsMin   = 16
	smallMost = 1 << 16
)

// joinRows joins loops that depend on one another into steps that run row by
// row. Two sets of loops are joined if no path leads from them through other
// steps and back, and if they have rows in common.
func (c *compiler) joinRows() {
	j := &joiner{compiler: c, next: c.dependencies(), set: make([]*rowSet, len(c.units))}
	j.writer = make([]int, len(c.buffers))
	for b := range j.writer {
		j.writer[b] = -1
	}
	for i, u := range c.units {
		for _, b := range u.writes {
			j.writer[b] = i
		}
		if _, ok := u.step.(*Loop); ok && !u.update {
			j.set[i] = &rowSet{units: []int{i}}
		}
	}
	for again := true; again; {
		again = false
		for a := range c.units {
			for _, b := range j.next[a] {
				if j.join(a, b) {
					again = true
				}
			}
		}
	}
	j.write()
}

// joiner finds the sets.
type joiner struct {
	*compiler
	next   [][]int // units by those that they depend on
	writer []int   // the last unit that writes a buffer, or -1
	set    []*rowSet
}

// rowSet is loops that run together, in order.
type rowSet struct {
	units []int
	rows  int
}

func (j *joiner) join(a, b int) bool {
	s, t := j.set[a], j.set[b]
	if s == nil || t == nil || s == t {
		return false
	}
	both := &rowSet{units: slices.Concat(s.units, t.units)}
	if !j.findRows(both) || j.leadsBack(both, s, t) {
		return false
	}
	j.sort(both)
	for _, u := range both.units {
		j.set[u] = both
	}
	return true
}

// leadsBack reports whether a path leads out of s and t and back in.
func (j *joiner) leadsBack(both, s, t *rowSet) bool {
	seen := make([]bool, len(j.next))
	var back func(u int) bool
	back = func(u int) bool {
		if seen[u] {
			return false
		}
		seen[u] = true
		units := []int{u}
		if k := j.set[u]; k != nil {
			units = k.units
		}
		for _, x := range units {
			seen[x] = true
			for _, v := range j.next[x] {
				if j.set[v] != nil && (j.set[v] == s || j.set[v] == t) || back(v) {
					return true
				}
			}
		}
		return false
	}
	for _, u := range both.units {
		for _, v := range j.next[u] {
			if k := j.set[v]; (k == nil || k != s && k != t) && back(v) {
				return true
			}
		}
	}
	return false
}

// sort puts the units into an order in which they may run.
func (j *joiner) sort(s *rowSet) {
	var sorted []int
	var visit func(u int)
	visit = func(u int) {
		if slices.Contains(sorted, u) {
			return
		}
		for _, v := range s.units {
			if v != u && slices.Contains(j.next[v], u) {
				visit(v)
			}
		}
		sorted = append(sorted, u)
	}
	slices.SortFunc(s.units, func(a, b int) int { return j.units[a].order - j.units[b].order })
	for _, u := range s.units {
		visit(u)
	}
	s.units = sorted
}

// findRows looks for the largest number of rows that suits all loops.
func (j *joiner) findRows(s *rowSet) bool {
	common, largest, along := 0, 0, false
	for _, u := range s.units {
		l := j.units[u].loop
		largest = max(largest, l.Size)
		switch {
		case len(l.Reduces) == 0:
			common = gcd(common, l.Size)
		case l.Outer > 1:
			common = gcd(common, l.Outer)
			along = true
		default:
			if l.Inner > maxEpilogueFold {
				return false
			}
			common = gcd(common, l.Reduced)
		}
	}
	if !along {
		return false // nothing would be read twice
	}
	for _, rows := range divisors(common) {
		if rows == 1 || largest/rows > rowMax || rows < rowsMin && largest > smallMost {
			return false
		}
		if j.suits(s, rows) {
			s.rows = rows
			return true
		}
	}
	return false
}

// divisors lists the divisors of n, the largest first.
func divisors(n int) []int {
	var large, small []int
	for d := 1; d*d <= n; d++ {
		if n%d == 0 {
			large = append(large, n/d)
			if d != n/d {
				small = append(small, d)
			}
		}
	}
	slices.Reverse(small)
	return append(large, small...)
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// suits reports whether each loop of s finds what it reads from the others in
// its own row.
func (j *joiner) suits(s *rowSet, rows int) bool {
	for _, u := range s.units {
		l := j.units[u].loop
		for _, a := range l.Args {
			w := j.writer[a.Buffer]
			if w < 0 || !slices.Contains(s.units, w) {
				continue
			}
			from := j.units[w].loop
			for _, r := range from.Reduces {
				if r.Buffer == a.Buffer && from.Outer == 1 {
					return false // known when all rows are done
				}
			}
			if !a.within(l.Size, j.buffers[a.Buffer].Size, rows) {
				return false
			}
		}
	}
	return true
}

// within reports whether row r of a loop of size elements, cut into rows, reads
// nothing but row r of a buffer of as many rows.
func (a Access) within(size, buffer, rows int) bool {
	if buffer%rows != 0 {
		return false
	}
	if a.Direct() {
		return true
	}
	// The outer dims count the rows, the last of them perhaps in part.
	step, left := buffer/rows, rows
	var outer, strides []int
	i, inner := 0, 0
	for ; left > 1; i++ {
		d, s := a.Dims[i], a.Strides[i]
		if left%d == 0 {
			left /= d
		} else if d%left == 0 {
			rest := d / left
			inner += (rest - 1) * s
			d, s, left = left, s*rest, 1
		} else {
			return false
		}
		outer, strides = append(outer, d), append(strides, s)
	}
	for ; i < len(a.Dims); i++ {
		inner += (a.Dims[i] - 1) * a.Strides[i]
	}
	for i := len(outer) - 1; i >= 0; i-- {
		if outer[i] > 1 && strides[i] != step {
			return false
		}
		step *= outer[i]
	}
	return inner < buffer/rows
}

// write replaces the units of each set by one.
func (j *joiner) write() {
	var units []*unit
	done := map[*rowSet]bool{}
	for i, u := range j.units {
		s := j.set[i]
		switch {
		case s == nil || len(s.units) == 1:
			units = append(units, u)
		case !done[s]:
			done[s] = true
			units = append(units, j.unit(s))
		}
	}
	j.units = units
}

// unit is the step of a set.
func (j *joiner) unit(s *rowSet) *unit {
	r := &Rows{Rows: s.rows, Local: map[int]int{}}
	out := &unit{step: r}
	readElsewhere := make([]bool, len(j.buffers))
	for i, u := range j.units {
		if !slices.Contains(s.units, i) {
			for _, b := range u.reads {
				readElsewhere[b] = true
			}
		}
	}
	for _, i := range s.units {
		u := j.units[i]
		r.Loops = append(r.Loops, u.loop)
		out.order = max(out.order, u.order)
		for _, b := range u.writes {
			if !readElsewhere[b] && !j.buffers[b].keep && j.buffers[b].alias < 0 && !r.Across(u.loop) {
				r.Local[b] = j.buffers[b].Size / s.rows
			} else {
				out.writes = append(out.writes, b)
			}
		}
	}
	for _, i := range s.units {
		for _, b := range j.units[i].reads {
			if _, local := r.Local[b]; !local {
				out.reads = append(out.reads, b)
			}
		}
	}
	return out
}
