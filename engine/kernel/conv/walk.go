package conv

// axis says how one axis (rows or columns) of a correlation walks over its
// source: output position i meets filter positions taps[0], taps[1], … at
// source positions first(i), first(i)+step, …
type axis struct {
	taps  []int
	step  int
	first func(i int) (pos int, ok bool) // ok: i belongs to this phase
}

// forwardAxis is the walk of the convolution itself.
func forwardAxis(taps, stride, dil, pad int) axis {
	a := axis{step: dil, first: func(i int) (int, bool) { return i*stride - pad, true }}
	for t := range taps {
		a.taps = append(a.taps, t)
	}
	return a
}

const pointsMax = 8 // positions that may be phases of their own

// gradientAxes are the walks of the input gradient. Input position i takes
// part with tap t in output position (i+pad−t·dil)/stride where that is whole.
// Which taps those are depends on (i+pad) mod stride alone, the phase; within
// one phase they are every (stride/gcd)th, and the output positions go down
// in steps of dil/gcd as the taps go up. Each phase is thus a correlation of
// stride 1 with the reversed sub-filter.
func gradientAxes(size, outputs, taps, stride, dil, pad int) []axis {
	if outputs == 1 && size <= pointsMax {
		return pointAxes(size, taps, dil, pad)
	}
	step := dil / gcd(stride, dil)
	axes := make([]axis, stride)
	for phase := range axes {
		a := axis{step: step}
		for t := taps - 1; t >= 0; t-- {
			if (phase-t*dil)%stride == 0 {
				a.taps = append(a.taps, t)
			}
		}
		last := 0
		if len(a.taps) > 0 {
			last = a.taps[0] * dil
		}
		a.first = func(i int) (int, bool) { return (i + pad - last) / stride, (i+pad)%stride == phase }
		axes[phase] = a
	}
	return axes
}

// pointAxes are the walks of the input gradient of a convolution with a single
// output position: each of size input positions meets one tap at most, and is a
// phase of its own, lest it multiply the zeros around that position.
func pointAxes(size, taps, dil, pad int) []axis {
	axes := make([]axis, size)
	for p := range axes {
		a := axis{step: 1, first: func(i int) (int, bool) { return 0, i == p }}
		if t := (p + pad) / dil; (p+pad)%dil == 0 && t < taps {
			a.taps = []int{t}
		}
		axes[p] = a
	}
	return axes
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// extent is the range of source positions that outputs lo to hi meet.
func extent(axes []axis, lo, hi int) (from, to int) {
	found := false
	for _, a := range axes {
		if len(a.taps) == 0 {
			continue
		}
		for i := lo; i < hi; i++ {
			pos, ok := a.first(i)
			if !ok {
				continue
			}
			end := pos + (len(a.taps)-1)*a.step + 1
			if !found {
				from, to, found = pos, end, true
			}
			from, to = min(from, pos), max(to, end)
		}
	}
	return from, to
}
