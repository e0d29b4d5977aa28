// Package vec holds float32 kernels over slices: arithmetic, elementary
// functions, comparisons, reductions and the Adam step. Each is documented as
// the Go loop that it replaces, and exists in portable Go, AVX2, AVX-512 and NEON;
// isa.Active chooses one set when the program starts.
//
// All slices of a call have the length of dst, or the call panics with a
// LengthError. dst may be one of the sources or lie apart from them; it must
// not overlap one partly. No length or alignment is special.
//
// A NaN in a source is a NaN in the result of every arithmetic kernel and
// elementary function, so a diverging training run shows. Comparisons with a
// NaN are false (0). Denormal numbers are kept, not flushed.
package vec

import (
	"fmt"

	"github.com/limner-ai/limner/engine/kernel/isa"
)

// set is one implementation of every kernel. Lengths are checked and long
// slices cut up before these are called.
type set struct {
	add, sub, mul, div, max, min, less, lessEq, equal func(dst, a, b []float32)

	addS, mulS, subFromS, divIntoS, maxS, minS   func(dst, a []float32, s float32)
	lessS, lessEqS, greaterS, greaterEqS, equalS func(dst, a []float32, s float32)
	neg, abs, sign, sqrt, rsqrt, floor           func(dst, a []float32)
	exp, log, tanh, sigmoid, softplus, erf       func(dst, a []float32)
	sin, cos                                     func(dst, a []float32)
	silu, gelu                                   func(dst, a []float32)
	siluGrad, geluGrad                           func(dst, a, b []float32)
	fill                                         func(dst []float32, s float32)
	mulAdd, mulAddTwice, sel                     func(dst, a, b, c []float32)
	mulAddS                                      func(dst, a []float32, s float32, c []float32)
	mulSAddS                                     func(dst, a []float32, s, t float32)
	selectVS                                     func(dst, c, a []float32, t float32)
	selectSV                                     func(dst, c []float32, s float32, b []float32)
	selectSS                                     func(dst, c []float32, s, t float32)
	sum, maxOf                                   func(a []float32) float32
	dot                                          func(a, b []float32) float32
	dotRows                                      func(acc, a, b []float32, rows, ld int)
	addRows, maxRows                             func(acc, a []float32, rows, ld int)
	transpose                                    func(dst, src []float32, rows, cols int)
	addAlong, subAlong, mulAlong, divAlong       func(dst, a, s []float32, cols int)
	expAlong                                     func(dst, a, s []float32, cols int)
	mulAddAlong, mulAddTwiceAlong                func(dst, a, c, s []float32, cols int)
	sumAlong, maxAlong                           func(dst, a []float32, cols int)
	dotAlong                                     func(dst, a, b []float32, cols int)
	softmax                                      func(dst, a []float32, rows, cols int)
	softmaxGrad                                  func(dst, y, grad []float32, rows, cols int)
	standardise                                  func(dst, inverse, a []float32, rows, cols int, unit, eps float32)
	standardiseGrad                              func(dst, y, inverse, grad []float32, rows, cols int, unit float32)
	prefetch                                     func(a []float32)
	adam                                         func(toP, toM, toV, p, m, v, grad []float32, tau1, tau2, pace, unit, eps, decay, gain float32)
	adamAverage                                  func(toP, toM, toV, toE, p, m, v, e, grad []float32, tau1, tau2, pace, unit, eps, decay, gain float32)
}

// active is the set in force. Tests exchange it.
var active = implementations[isa.Active()]

// A LengthError is the panic of a call whose slices do not fit each other.
type LengthError struct {
	Want, Got int // elements
}

func (e *LengthError) Error() string {
	return fmt.Sprintf("vec: slice of %d elements where %d are needed", e.Got, e.Want)
}

// same panics unless a slice has the length of dst.
func same(want, got int) {
	if want != got {
		panic(&LengthError{want, got})
	}
}

// span is the most elements that one call of an assembly kernel sees. The
// runtime cannot stop a goroutine inside assembly, and a garbage collection
// waits for it, so a call must stay well under 0.2 ms.
const span = 1 << 15

// pause is where the runtime can stop a goroutine between two calls of
// assembly: it is not leaf, so it checks its stack when it is entered, which
// neither assembly nor the way into it does. A loop of such calls alone holds
// the garbage collector up until it ends.
//
//go:noinline
func pause() { nothing() }

//go:noinline
func nothing() {}

func unary(f func(dst, a []float32), dst, a []float32) {
	same(len(dst), len(a))
	for len(dst) > span {
		pause()
		f(dst[:span], a[:span])
		dst, a = dst[span:], a[span:]
	}
	f(dst, a)
}

func binary(f func(dst, a, b []float32), dst, a, b []float32) {
	same(len(dst), len(a))
	same(len(dst), len(b))
	for len(dst) > span {
		pause()
		f(dst[:span], a[:span], b[:span])
		dst, a, b = dst[span:], a[span:], b[span:]
	}
	f(dst, a, b)
}

func scalar(f func(dst, a []float32, s float32), dst, a []float32, s float32) {
	same(len(dst), len(a))
	for len(dst) > span {
		pause()
		f(dst[:span], a[:span], s)
		dst, a = dst[span:], a[span:]
	}
	f(dst, a, s)
}

func ternary(f func(dst, a, b, c []float32), dst, a, b, c []float32) {
	same(len(dst), len(a))
	same(len(dst), len(b))
	same(len(dst), len(c))
	for len(dst) > span {
		pause()
		f(dst[:span], a[:span], b[:span], c[:span])
		dst, a, b, c = dst[span:], a[span:], b[span:], c[span:]
	}
	f(dst, a, b, c)
}
