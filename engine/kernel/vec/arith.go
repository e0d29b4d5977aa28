package vec

// Add is: for i := range dst { dst[i] = a[i] + b[i] }
func Add(dst, a, b []float32) { binary(active.add, dst, a, b) }

// Sub is: for i := range dst { dst[i] = a[i] - b[i] }
func Sub(dst, a, b []float32) { binary(active.sub, dst, a, b) }

// Mul is: for i := range dst { dst[i] = a[i] * b[i] }
func Mul(dst, a, b []float32) { binary(active.mul, dst, a, b) }

// Div is: for i := range dst { dst[i] = a[i] / b[i] }
func Div(dst, a, b []float32) { binary(active.div, dst, a, b) }

// Max is the larger of a[i] and b[i], NaN if either is. Of two zeros it is
// b[i], whatever their signs:
//
//	for i := range dst {
//		if a[i] > b[i] || a[i] != a[i] { dst[i] = a[i] } else { dst[i] = b[i] }
//	}
func Max(dst, a, b []float32) { binary(active.max, dst, a, b) }

// Min is Max with < for >.
func Min(dst, a, b []float32) { binary(active.min, dst, a, b) }

// AddS is: for i := range dst { dst[i] = a[i] + s }
func AddS(dst, a []float32, s float32) { scalar(active.addS, dst, a, s) }

// MulS is: for i := range dst { dst[i] = a[i] * s }
func MulS(dst, a []float32, s float32) { scalar(active.mulS, dst, a, s) }

// SubFromS is: for i := range dst { dst[i] = s - a[i] }
func SubFromS(dst, a []float32, s float32) { scalar(active.subFromS, dst, a, s) }

// DivIntoS is: for i := range dst { dst[i] = s / a[i] }
func DivIntoS(dst, a []float32, s float32) { scalar(active.divIntoS, dst, a, s) }

// MaxS is the larger of a[i] and s, NaN if either is. Of two zeros it is a[i]:
//
//	for i := range dst {
//		if s > a[i] || s != s { dst[i] = s } else { dst[i] = a[i] }
//	}
func MaxS(dst, a []float32, s float32) {
	if s != s {
		same(len(dst), len(a))
		Fill(dst, s)
		return
	}
	scalar(active.maxS, dst, a, s)
}

// MinS is MaxS with < for >.
func MinS(dst, a []float32, s float32) {
	if s != s {
		same(len(dst), len(a))
		Fill(dst, s)
		return
	}
	scalar(active.minS, dst, a, s)
}

// MulAdd is a[i]*b[i] + c[i] rounded once:
//
//	for i := range dst { dst[i] = fma(a[i], b[i], c[i]) }
//
// The portable set rounds the sum to float64 first, which moves a result by
// one unit in the last place when it lies within 2⁻²⁹ of a tie.
func MulAdd(dst, a, b, c []float32) { ternary(active.mulAdd, dst, a, b, c) }

// MulAddTwice is (2*a[i])*b[i] + c[i] rounded as by MulAdd: what the derivative of
// a square adds to c.
func MulAddTwice(dst, a, b, c []float32) { ternary(active.mulAddTwice, dst, a, b, c) }

// MulAddS is a[i]*s + c[i] rounded as by MulAdd. With dst = c it is BLAS's
// axpy:
//
//	for i := range dst { dst[i] = fma(a[i], s, c[i]) }
func MulAddS(dst, a []float32, s float32, c []float32) {
	same(len(dst), len(a))
	same(len(dst), len(c))
	for len(dst) > span {
		pause()
		active.mulAddS(dst[:span], a[:span], s, c[:span])
		dst, a, c = dst[span:], a[span:], c[span:]
	}
	active.mulAddS(dst, a, s, c)
}

// MulSAddS is a[i]*s + t rounded as by MulAdd:
//
//	for i := range dst { dst[i] = fma(a[i], s, t) }
func MulSAddS(dst, a []float32, s, t float32) {
	same(len(dst), len(a))
	for len(dst) > span {
		pause()
		active.mulSAddS(dst[:span], a[:span], s, t)
		dst, a = dst[span:], a[span:]
	}
	active.mulSAddS(dst, a, s, t)
}

// Copy is: for i := range dst { dst[i] = a[i] }
func Copy(dst, a []float32) {
	same(len(dst), len(a))
	for len(dst) > span {
		pause()
		copy(dst[:span], a)
		dst, a = dst[span:], a[span:]
	}
	copy(dst, a)
}

// Fill is: for i := range dst { dst[i] = s }
func Fill(dst []float32, s float32) {
	for len(dst) > span {
		pause()
		active.fill(dst[:span], s)
		dst = dst[span:]
	}
	active.fill(dst, s)
}
