package vec

// Less is 1 where a[i] < b[i], else 0.
func Less(dst, a, b []float32) { binary(active.less, dst, a, b) }

// LessEq is 1 where a[i] <= b[i], else 0.
func LessEq(dst, a, b []float32) { binary(active.lessEq, dst, a, b) }

// Equal is 1 where a[i] == b[i], else 0.
func Equal(dst, a, b []float32) { binary(active.equal, dst, a, b) }

// LessS is 1 where a[i] < s, else 0.
func LessS(dst, a []float32, s float32) { scalar(active.lessS, dst, a, s) }

// LessEqS is 1 where a[i] <= s, else 0.
func LessEqS(dst, a []float32, s float32) { scalar(active.lessEqS, dst, a, s) }

// GreaterS is 1 where a[i] > s, else 0.
func GreaterS(dst, a []float32, s float32) { scalar(active.greaterS, dst, a, s) }

// GreaterEqS is 1 where a[i] >= s, else 0.
func GreaterEqS(dst, a []float32, s float32) { scalar(active.greaterEqS, dst, a, s) }

// EqualS is 1 where a[i] == s, else 0.
func EqualS(dst, a []float32, s float32) { scalar(active.equalS, dst, a, s) }

// Select takes a where c is not zero (a NaN is not), else b:
//
//	for i := range dst { if c[i] != 0 { dst[i] = a[i] } else { dst[i] = b[i] } }
func Select(dst, c, a, b []float32) { ternary(active.sel, dst, c, a, b) }

// SelectVS is Select with the scalar t for b.
func SelectVS(dst, c, a []float32, t float32) {
	same(len(dst), len(c))
	same(len(dst), len(a))
	for len(dst) > span {
		pause()
		active.selectVS(dst[:span], c[:span], a[:span], t)
		dst, c, a = dst[span:], c[span:], a[span:]
	}
	active.selectVS(dst, c, a, t)
}

// SelectSV is Select with the scalar s for a.
func SelectSV(dst, c []float32, s float32, b []float32) {
	same(len(dst), len(c))
	same(len(dst), len(b))
	for len(dst) > span {
		pause()
		active.selectSV(dst[:span], c[:span], s, b[:span])
		dst, c, b = dst[span:], c[span:], b[span:]
	}
	active.selectSV(dst, c, s, b)
}

// SelectSS is Select with the scalars s for a and t for b.
func SelectSS(dst, c []float32, s, t float32) {
	same(len(dst), len(c))
	for len(dst) > span {
		pause()
		active.selectSS(dst[:span], c[:span], s, t)
		dst, c = dst[span:], c[span:]
	}
	active.selectSS(dst, c, s, t)
}
