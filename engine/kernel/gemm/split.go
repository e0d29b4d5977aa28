package gemm

const (
	taskFlops = 1 << 20 // a smaller task would not pay for waking a worker
	rowsMax   = 264     // a block of C and its share of A stay in the second-level cache
	colsMax   = 512
	depthMax  = 320 // a panel of B stays in the first-level cache
	groupMax  = 64  // columns packed at a time
	packMin   = 256 // columns of C that pay for packing A, unless its rows are short

	// Unpacked, B is read a piece of a row at a time; the pieces of so many rows
	// are followed at once.
	depthDirect = 64
)

// split chooses the blocks from the shape.
func (p *Plan) split() {
	most := depthMax
	if p.direct {
		most = depthDirect
	}
	p.depth = max(p.k, 1)
	if p.k > most {
		p.depth = ceil(ceil(p.k, ceil(p.k, most)), 8) * 8
	}
	if p.thin != neither {
		const tasksGood, taskGood, maxTasks = 16, 16 << 20, 64
		flops := 2 * float64(p.m) * float64(p.n) * float64(p.k)
		p.splitThin(int(min(max(flops/taskGood, min(flops/taskFlops, tasksGood)), maxTasks)))
		return
	}
	p.chooseBlock()
	p.group = min(ceil(groupMax, p.kn.NR())*p.kn.NR(), p.cols)
}

// chooseBlock takes the block of C that is computed fastest, as estimated for
// several numbers of threads together.
func (p *Plan) chooseBlock() {
	best := 0.
	for rows := range sizes(p.m, rowsMax, p.kn.MR()) {
		for cols := range sizes(p.n, colsMax, p.kn.NR()) {
			if c := p.cost(rows, cols); best == 0 || c < best {
				best, p.rows, p.cols = c, rows, cols
			}
		}
	}
}

// sizes are the even divisions of n into parts of at most limit, each a
// multiple of unit, down to a single unit; the smaller, the fewer of them.
func sizes(n, limit, unit int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		last := 0
		for parts := max(ceil(n, limit), 1); ; parts += max(1, parts/3) {
			s := even(n, ceil(max(n, 1), parts), unit)
			if s != last && !yield(s) || s <= unit {
				return
			}
			last = s
		}
	}
}

// cost estimates the time of the whole product in processor cycles, summed
// over numbers of threads, for blocks of rows×cols. The figures were fitted on
// a processor with two 256-bit multiply-adds a cycle.
func (p *Plan) cost(rows, cols int) float64 {
	const (
		lanes   = 16. // multiply-adds a cycle
		visit   = 80. // cycles to begin and end a tile
		packA   = .6  // cycles an element, from memory
		packB   = 1.
		stream  = .25 // to read an element that is not in the nearest caches
		perTask = 2000.
	)
	mr, nr := p.kn.MR(), p.kn.NR()
	k := float64(p.k)
	down, across := ceil(p.m, rows), ceil(p.n, cols)
	tiles := float64(ceil(rows, mr) * ceil(cols, nr))
	each := perTask + tiles*(k*float64(mr*nr)/lanes+visit*float64(ceil(max(p.k, 1), p.depth))) + stream*k*float64(rows+cols)
	before := 0.
	if p.packs {
		if work := packA * k * float64(rows); across > 1 {
			before += work * float64(down)
		} else {
			each += work
		}
	}
	if work := packB * k * float64(cols); down > 1 {
		before += work * float64(across)
	} else {
		each += work
	}
	sum := 0.
	for threads := 1; threads <= 16; threads *= 2 {
		sum += float64(ceil(down*across, threads)*threads)*each + before
	}
	return sum
}

func ceil(a, b int) int { return (a + b - 1) / b }

// even divides n into equal parts of at most limit, each a multiple of unit,
// and returns their size.
func even(n, limit, unit int) int {
	parts := max(ceil(n, max(limit, unit)), 1)
	return max(ceil(ceil(n, parts), unit), 1) * unit
}
