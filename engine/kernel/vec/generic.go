package vec

var generic = set{
	add: addGeneric, sub: subGeneric, mul: mulGeneric, div: divGeneric, max: maxGeneric, min: minGeneric,
	less: lessGeneric, lessEq: lessEqGeneric, equal: equalGeneric,
	addS: addSGeneric, mulS: mulSGeneric, subFromS: subFromSGeneric, divIntoS: divIntoSGeneric, maxS: maxSGeneric, minS: minSGeneric,
	lessS: lessSGeneric, lessEqS: lessEqSGeneric, greaterS: greaterSGeneric, greaterEqS: greaterEqSGeneric, equalS: equalSGeneric,
	neg: negGeneric, abs: absGeneric, sign: signGeneric, sqrt: sqrtGeneric, rsqrt: rsqrtGeneric,
	floor: floorGeneric,
	exp:   expGeneric, log: logGeneric, tanh: tanhGeneric, sigmoid: sigmoidGeneric,
	softplus: softplusGeneric, erf: erfGeneric, sin: sinGeneric, cos: cosGeneric,
	fill: fillGeneric, mulAdd: mulAddGeneric, mulAddTwice: mulAddTwiceGeneric, mulAddS: mulAddSGeneric, mulSAddS: mulSAddSGeneric,
	sel: selectGeneric, selectVS: selectVSGeneric, selectSV: selectSVGeneric, selectSS: selectSSGeneric,
	sum: sumGeneric, dot: dotGeneric, maxOf: maxOfGeneric,
	addRows: addRowsGeneric, dotRows: dotRowsGeneric, maxRows: maxRowsGeneric, transpose: transposeGeneric,
	addAlong: addAlongGeneric, subAlong: subAlongGeneric, mulAlong: mulAlongGeneric, divAlong: divAlongGeneric, mulAddAlong: mulAddAlongGeneric, mulAddTwiceAlong: mulAddTwiceAlongGeneric, expAlong: expAlongGeneric, sumAlong: sumAlongGeneric, dotAlong: dotAlongGeneric, maxAlong: maxAlongGeneric, softmax: softmaxGeneric, softmaxGrad: softmaxGradGeneric, standardise: standardiseGeneric, standardiseGrad: standardiseGradGeneric,
	silu: siluGeneric, siluGrad: siluGradGeneric, gelu: geluGeneric, geluGrad: geluGradGeneric,
	adam: adamGeneric, adamAverage: adamAverageGeneric, prefetch: func([]float32) {},
}

func addGeneric(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] + b[i]
	}
}

func subGeneric(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] - b[i]
	}
}

func mulGeneric(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] * b[i]
	}
}

func divGeneric(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] / b[i]
	}
}

func maxGeneric(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		x, y := a[i], b[i]
		if x > y || x != x {
			y = x
		}
		dst[i] = y
	}
}

func minGeneric(dst, a, b []float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		x, y := a[i], b[i]
		if x < y || x != x {
			y = x
		}
		dst[i] = y
	}
}

func addSGeneric(dst, a []float32, s float32) {
	a = a[:len(dst)]
	for i := range dst {
		dst[i] = a[i] + s
	}
}

func mulSGeneric(dst, a []float32, s float32) {
	a = a[:len(dst)]
	for i := range dst {
		dst[i] = a[i] * s
	}
}

func subFromSGeneric(dst, a []float32, s float32) {
	a = a[:len(dst)]
	for i := range dst {
		dst[i] = s - a[i]
	}
}

func divIntoSGeneric(dst, a []float32, s float32) {
	a = a[:len(dst)]
	for i := range dst {
		dst[i] = s / a[i]
	}
}

func maxSGeneric(dst, a []float32, s float32) {
	a = a[:len(dst)]
	for i := range dst {
		y := a[i]
		if s > y {
			y = s
		}
		dst[i] = y
	}
}

func minSGeneric(dst, a []float32, s float32) {
	a = a[:len(dst)]
	for i := range dst {
		y := a[i]
		if s < y {
			y = s
		}
		dst[i] = y
	}
}

// fma rounds the exact product plus c to float64, then to float32.
func fma(a, b, c float32) float32 { return float32(float64(a)*float64(b) + float64(c)) }

func mulAddTwiceGeneric(dst, a, b, c []float32) {
	for i := range dst {
		dst[i] = fma(2*a[i], b[i], c[i])
	}
}

func mulAddGeneric(dst, a, b, c []float32) {
	a, b, c = a[:len(dst)], b[:len(dst)], c[:len(dst)]
	for i := range dst {
		dst[i] = fma(a[i], b[i], c[i])
	}
}

func mulAddSGeneric(dst, a []float32, s float32, c []float32) {
	a, c = a[:len(dst)], c[:len(dst)]
	for i := range dst {
		dst[i] = fma(a[i], s, c[i])
	}
}

func mulSAddSGeneric(dst, a []float32, s, t float32) {
	a = a[:len(dst)]
	for i := range dst {
		dst[i] = fma(a[i], s, t)
	}
}

func fillGeneric(dst []float32, s float32) {
	for i := range dst {
		dst[i] = s
	}
}
