package quality

// laplacianVariance is the variance of the sum of the four neighbours minus
// four times the pixel, over all pixels that have four.
func (p *plane) laplacianVariance() float64 {
	if p.w < 3 || p.h < 3 {
		return 0
	}
	var sum, squares, n int64
	for y := 1; y < p.h-1; y++ {
		for x := 1; x < p.w-1; x++ {
			i := y*p.w + x
			l := int64(p.luma[i-1]) + int64(p.luma[i+1]) + int64(p.luma[i-p.w]) + int64(p.luma[i+p.w]) - 4*int64(p.luma[i])
			sum += l
			squares += l * l
			n++
		}
	}
	mean := float64(sum) / float64(n)
	return float64(squares)/float64(n) - float64(mean*mean)
}

// minEdge is the difference of luma between the ends of what counts as an edge.
const minEdge = 24

// edgeWidth is the mean length of the runs along rows and columns in which the
// luma rises, or falls, by minEdge or more in all, in pixels from end to end.
func (p *plane) edgeWidth() float64 {
	var length, edges int64
	run := func(from, n, stride int) {
		at := func(i int) int { return int(p.luma[from+i*stride]) }
		for i := 1; i < n; {
			direction := sign(at(i) - at(i-1))
			if direction == 0 {
				i++
				continue
			}
			begin := i - 1
			for i < n && sign(at(i)-at(i-1)) == direction {
				i++
			}
			if rise := at(i-1) - at(begin); max(rise, -rise) >= minEdge {
				length += int64(i - begin)
				edges++
			}
		}
	}
	for y := range p.h {
		run(y*p.w, p.w, 1)
	}
	for x := range p.w {
		run(x, p.h, p.w)
	}
	if edges == 0 {
		return 0
	}
	return float64(length) / float64(edges)
}

func sign(v int) int {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return 0
}
