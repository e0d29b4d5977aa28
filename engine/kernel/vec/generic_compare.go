package vec

// truth is 1 for true, 0 for false.
func truth(b bool) float32 {
	if b {
		return 1
	}
	return 0
}

func lessGeneric(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = truth(a[i] < b[i])
	}
}

func lessEqGeneric(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = truth(a[i] <= b[i])
	}
}

func equalGeneric(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = truth(a[i] == b[i])
	}
}

func lessSGeneric(dst, a []float32, s float32) {
	a = a[:len(dst)]
	for i := range dst {
		dst[i] = truth(a[i] < s)
	}
}

func lessEqSGeneric(dst, a []float32, s float32) {
	a = a[:len(dst)]
	for i := range dst {
		dst[i] = truth(a[i] <= s)
	}
}

func greaterSGeneric(dst, a []float32, s float32) {
	a = a[:len(dst)]
	for i := range dst {
		dst[i] = truth(a[i] > s)
	}
}

func greaterEqSGeneric(dst, a []float32, s float32) {
	a = a[:len(dst)]
	for i := range dst {
		dst[i] = truth(a[i] >= s)
	}
}

func equalSGeneric(dst, a []float32, s float32) {
	a = a[:len(dst)]
	for i := range dst {
		dst[i] = truth(a[i] == s)
	}
}

func selectGeneric(dst, c, a, b []float32) {
	c, a, b = c[:len(dst)], a[:len(dst)], b[:len(dst)]
	for i := range dst {
		x := b[i]
		if c[i] != 0 {
			x = a[i]
		}
		dst[i] = x
	}
}

func selectVSGeneric(dst, c, a []float32, t float32) {
	c, a = c[:len(dst)], a[:len(dst)]
	for i := range dst {
		x := t
		if c[i] != 0 {
			x = a[i]
		}
		dst[i] = x
	}
}

func selectSVGeneric(dst, c []float32, s float32, b []float32) {
	c, b = c[:len(dst)], b[:len(dst)]
	for i := range dst {
		x := b[i]
		if c[i] != 0 {
			x = s
		}
		dst[i] = x
	}
}

func selectSSGeneric(dst, c []float32, s, t float32) {
	c = c[:len(dst)]
	for i := range dst {
		x := t
		if c[i] != 0 {
			x = s
		}
		dst[i] = x
	}
}
