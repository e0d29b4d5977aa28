package conv

const (
	taskFlops  = 4 << 20 // a smaller task would not pay for waking a worker
	maxTasks   = 64
	stripMax   = 64 << 10 // floats; with the output below, a second-level cache
	outputMax  = 32 << 10
	pixelsGood = 128 // output pixels of a phase that pay for loading a panel of the filter
	tasksGood  = 16

	// To have that many tasks at all, a task may be down to so many pixels.
	pixelsLeast = 24
)

// split divides the output among tasks by the shape: rows of one image if
// images are large, else several images.
func (c *correlation) split(rows []axis, phases int, flops float64) {
	want := int(min(max(flops/taskFlops, 1), maxTasks))
	stripRow := max(c.src.cols*c.src.width*c.src.groups, 1)
	outRow := max(c.outW*c.out*c.groups, 1)
	pixels := pixelsGood * phases
	height := c.outH
	for height > 1 && (height-1)*c.outW >= pixels {
		from, to := extent(rows, 0, height)
		if (to-from)*stripRow <= stripMax && height*outRow <= outputMax {
			break
		}
		height = even(c.outH, height-1)
	}
	height = c.lower(height, want, pixels)
	height = c.lower(height, min(want, tasksGood), pixelsLeast*phases)
	for y := 0; y < c.outH; y += height {
		c.chunks = append(c.chunks, chunk{row0: y, row1: min(y+height, c.outH)})
	}
	c.images = 1
	if len(c.chunks) == 1 && c.n > 0 {
		from, to := extent(rows, 0, c.outH)
		most := min(stripMax/max((to-from)*stripRow, 1), outputMax/max(c.outH*outRow, 1))
		good := min(ceil(pixels, max(c.outH*c.outW, 1)), c.n/min(want, tasksGood))
		c.images = even(c.n, max(min(c.n/want, most), good, 1))
	}
}

// lower reduces the rows of a task, but not below so many pixels, until there
// are as many tasks as wanted.
func (c *correlation) lower(height, tasks, pixels int) int {
	if c.n == 0 || c.n*ceil(c.outH, max(height, 1)) >= tasks {
		return height
	}
	most := even(c.outH, ceil(c.outH, ceil(tasks, c.n)))
	return even(c.outH, min(height, max(most, ceil(pixels, max(c.outW, 1)))))
}
