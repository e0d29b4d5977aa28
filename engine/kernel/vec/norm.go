package vec

// Standardise brings every row of cols columns, at most 2¹⁵, to mean 0 and
// variance 1, and notes in inverse, one number a row, by what it multiplied:
//
//	for r := range inverse {
//		m := Σ row / cols
//		inverse[r] = 1 / √(Σ (row-m)² / cols + eps)
//		dst = (row - m) * inverse[r]
//	}
//
// Sums are as by SumAlong: Ba, Kiros and Hinton, "Layer Normalization" (2016),
// equation 4.
func Standardise(dst, inverse, a []float32, cols int, eps float32) {
	same(len(dst), len(a))
	inRows(len(dst), cols)
	same(len(dst)/cols, len(inverse))
	unit, per := 1/float32(cols), rowsOf(cols)
	for n := per * cols; len(dst) > n; dst, a, inverse = dst[n:], a[n:], inverse[per:] {
		pause()
		active.standardise(dst[:n], inverse[:per], a[:n], per, cols, unit, eps)
	}
	active.standardise(dst, inverse, a, len(inverse), cols, unit, eps)
}

// StandardiseGrad is the gradient in the input of Standardise, of which y and
// inverse are the results and grad is the gradient in y:
//
//	for r := range inverse {
//		dst = inverse[r] * (grad - Σ grad / cols - y * Σ (y*grad) / cols)
//	}
func StandardiseGrad(dst, y, inverse, grad []float32, cols int) {
	same(len(dst), len(y))
	same(len(dst), len(grad))
	inRows(len(dst), cols)
	same(len(dst)/cols, len(inverse))
	unit, per := 1/float32(cols), rowsOf(cols)
	for n := per * cols; len(dst) > n; dst, y, inverse, grad = dst[n:], y[n:], inverse[per:], grad[n:] {
		pause()
		active.standardiseGrad(dst[:n], y[:n], inverse[:per], grad[:n], per, cols, unit)
	}
	active.standardiseGrad(dst, y, inverse, grad, len(inverse), cols, unit)
}

func standardiseGeneric(dst, inverse, a []float32, rows, cols int, unit, eps float32) {
	for r := range rows {
		x, y := a[r*cols:(r+1)*cols], dst[r*cols:(r+1)*cols]
		addSGeneric(y, x, -sumGeneric(x)*unit)
		inverse[r] = 1 / sqrt(dotGeneric(y, y)*unit+eps)
		mulSGeneric(y, y, inverse[r])
	}
}

func standardiseGradGeneric(dst, y, inverse, grad []float32, rows, cols int, unit float32) {
	for r := range rows {
		lo, hi := r*cols, (r+1)*cols
		mean, slope := sumGeneric(grad[lo:hi])*unit, dotGeneric(y[lo:hi], grad[lo:hi])*unit
		for i := lo; i < hi; i++ {
			dst[i] = inverse[r] * (grad[i] - mean - y[i]*slope)
		}
	}
}
