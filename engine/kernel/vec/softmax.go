package vec

// Softmax is exp(x)/Σexp(x) of every row of cols columns, at most 2¹⁵:
//
//	for r := range len(a) / cols { m := MaxOf(row); dst = exp(row-m) / Σ exp(row-m) }
//
// The error is that of Exp, of a sum as by SumAlong and 1.5 ulp. A row with a
// NaN or +Inf, or of -Inf alone, is NaN.
func Softmax(dst, a []float32, cols int) {
	same(len(dst), len(a))
	inRows(len(dst), cols)
	for n := rowsOf(cols) * cols; len(dst) > n; dst, a = dst[n:], a[n:] {
		pause()
		active.softmax(dst[:n], a[:n], n/cols, cols)
	}
	active.softmax(dst, a, len(dst)/cols, cols)
}

// SoftmaxGrad is the gradient in the input of Softmax, of which y is the
// result and grad the gradient: y·(grad - Σ y·grad) in every row, the sum as
// by DotAlong.
func SoftmaxGrad(dst, y, grad []float32, cols int) {
	same(len(dst), len(y))
	same(len(dst), len(grad))
	inRows(len(dst), cols)
	for n := rowsOf(cols) * cols; len(dst) > n; dst, y, grad = dst[n:], y[n:], grad[n:] {
		pause()
		active.softmaxGrad(dst[:n], y[:n], grad[:n], n/cols, cols)
	}
	active.softmaxGrad(dst, y, grad, len(dst)/cols, cols)
}

// inRows panics unless n elements are whole rows of cols columns.
func inRows(n, cols int) {
	if cols <= 0 || cols > span {
		panic(&LengthError{cols, span})
	}
	same(n/cols*cols, n)
}

func softmaxGeneric(dst, a []float32, rows, cols int) {
	for r := range rows {
		x, y := a[r*cols:(r+1)*cols], dst[r*cols:(r+1)*cols]
		addSGeneric(y, x, -maxOfGeneric(x))
		expGeneric(y, y)
		var sum float64
		for _, e := range y {
			sum += float64(e)
		}
		mulSGeneric(y, y, float32(1/sum))
	}
}

func softmaxGradGeneric(dst, y, grad []float32, rows, cols int) {
	for r := range rows {
		lo, hi := r*cols, (r+1)*cols
		s := dotGeneric(y[lo:hi], grad[lo:hi])
		for i := lo; i < hi; i++ {
			dst[i] = y[i] * (grad[i] - s)
		}
	}
}
