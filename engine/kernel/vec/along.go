package vec

// The kernels of this file go along the rows of a matrix of len(s) rows, which
// follow each other without gaps, with one number s[r] a row. Rows have at
// most span columns.

// AddAlong is: for r := range s { for i := range cols { dst[r*cols+i] = a[r*cols+i] + s[r] } }
func AddAlong(dst, a, s []float32, cols int) { along(active.addAlong, dst, a, s, cols) }

// SubAlong is: for r := range s { for i := range cols { dst[r*cols+i] = a[r*cols+i] - s[r] } }
func SubAlong(dst, a, s []float32, cols int) { along(active.subAlong, dst, a, s, cols) }

// MulAlong is: for r := range s { for i := range cols { dst[r*cols+i] = a[r*cols+i] * s[r] } }
func MulAlong(dst, a, s []float32, cols int) { along(active.mulAlong, dst, a, s, cols) }

// DivAlong is a[r*cols+i]/s[r] within 1.5 ulp: rows may be multiplied by
// 1/s[r], which takes a fifth of the time, where that is a normal number.
func DivAlong(dst, a, s []float32, cols int) { along(active.divAlong, dst, a, s, cols) }

// ExpAlong is e to the a[r*cols+i] - s[r], as by Exp.
func ExpAlong(dst, a, s []float32, cols int) { along(active.expAlong, dst, a, s, cols) }

// MulAddAlong is a[r*cols+i]*s[r] + c[r*cols+i], rounded as by MulAdd.
func MulAddAlong(dst, a, s, c []float32, cols int) {
	mulAddsAlong(active.mulAddAlong, dst, a, s, c, cols)
}

// MulAddTwiceAlong is MulAddTwice with s[r] for b.
func MulAddTwiceAlong(dst, a, s, c []float32, cols int) {
	mulAddsAlong(active.mulAddTwiceAlong, dst, a, s, c, cols)
}

func mulAddsAlong(f func(dst, a, c, s []float32, cols int), dst, a, s, c []float32, cols int) {
	matrix(len(s), cols, len(dst))
	same(len(dst), len(a))
	same(len(dst), len(c))
	for per := rowsOf(cols); len(s) > per; s = s[per:] {
		n := per * cols
		f(dst[:n], a[:n], c[:n], s[:per], cols)
		dst, a, c = dst[n:], a[n:], c[n:]
	}
	f(dst, a, c, s, cols)
}

// SumAlong is the sum of every row of a. A row is added as at least 32 partial
// sums; the error is at most cols/32·2⁻²⁴ of the sum of its magnitudes, and a
// little for those.
func SumAlong(dst, a []float32, cols int) { foldAlong(active.sumAlong, dst, a, cols) }

// DotAlong is SumAlong of a[i]*b[i].
func DotAlong(dst, a, b []float32, cols int) {
	matrix(len(dst), cols, len(a))
	same(len(a), len(b))
	for per := rowsOf(cols); len(dst) > per; dst = dst[per:] {
		active.dotAlong(dst[:per], a[:per*cols], b[:per*cols], cols)
		a, b = a[per*cols:], b[per*cols:]
	}
	active.dotAlong(dst, a, b, cols)
}

// MaxAlong is the largest of every row of a, NaN if it holds one.
func MaxAlong(dst, a []float32, cols int) { foldAlong(active.maxAlong, dst, a, cols) }

// matrix panics unless a slice has the elements of rows×cols.
func matrix(rows, cols, got int) {
	if cols > span {
		panic(&LengthError{cols, span})
	}
	same(rows*cols, got)
}

// rowsOf is how many rows a call of an assembly kernel may take.
func rowsOf(cols int) int { return span / max(cols, 1) }

func along(f func(dst, a, s []float32, cols int), dst, a, s []float32, cols int) {
	matrix(len(s), cols, len(dst))
	same(len(dst), len(a))
	for per := rowsOf(cols); len(s) > per; s = s[per:] {
		f(dst[:per*cols], a[:per*cols], s[:per], cols)
		dst, a = dst[per*cols:], a[per*cols:]
	}
	f(dst, a, s, cols)
}

func foldAlong(f func(dst, a []float32, cols int), dst, a []float32, cols int) {
	matrix(len(dst), cols, len(a))
	for per := rowsOf(cols); len(dst) > per; dst = dst[per:] {
		f(dst[:per], a[:per*cols], cols)
		a = a[per*cols:]
	}
	f(dst, a, cols)
}

func addAlongGeneric(dst, a, s []float32, cols int) {
	for r, x := range s {
		addSGeneric(dst[r*cols:(r+1)*cols], a[r*cols:(r+1)*cols], x)
	}
}

func subAlongGeneric(dst, a, s []float32, cols int) {
	for r, x := range s {
		addSGeneric(dst[r*cols:(r+1)*cols], a[r*cols:(r+1)*cols], -x)
	}
}

func mulAlongGeneric(dst, a, s []float32, cols int) {
	for r, x := range s {
		mulSGeneric(dst[r*cols:(r+1)*cols], a[r*cols:(r+1)*cols], x)
	}
}

func divAlongGeneric(dst, a, s []float32, cols int) {
	for r, x := range s {
		for i := r * cols; i < (r+1)*cols; i++ {
			dst[i] = a[i] / x
		}
	}
}

func expAlongGeneric(dst, a, s []float32, cols int) {
	subAlongGeneric(dst, a, s, cols)
	expGeneric(dst, dst)
}

func dotAlongGeneric(dst, a, b []float32, cols int) {
	for r := range dst {
		dst[r] = dotGeneric(a[r*cols:(r+1)*cols], b[r*cols:(r+1)*cols])
	}
}

func mulAddAlongGeneric(dst, a, c, s []float32, cols int) {
	for r, x := range s {
		lo, hi := r*cols, (r+1)*cols
		mulAddSGeneric(dst[lo:hi], a[lo:hi], x, c[lo:hi])
	}
}

func mulAddTwiceAlongGeneric(dst, a, c, s []float32, cols int) {
	for i := range dst {
		x := s[i/cols]
		dst[i] = fma(2*a[i], x, c[i])
	}
}

func sumAlongGeneric(dst, a []float32, cols int) {
	for r := range dst {
		dst[r] = sumGeneric(a[r*cols : (r+1)*cols])
	}
}

func maxAlongGeneric(dst, a []float32, cols int) {
	for r := range dst {
		dst[r] = maxOfGeneric(a[r*cols : (r+1)*cols])
	}
}
