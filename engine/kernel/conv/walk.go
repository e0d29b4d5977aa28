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

// gradientAxes are the walks of the input gradient. Input position i takes
// part with tap t in output position (i+pad−t·dil)/stride where that is whole.
// Which taps those are depends on (i+pad) mod stride alone, the phase; within
// one phase they are every (stride/gcd)th, and the output positions go down
// in steps of dil/gcd as the taps go up. Each phase is thus a correlation of
// stride 1 with the reversed sub-filter.
func gradientAxes(taps, stride, dil, pad int) []axis {
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
