package vec

// Neg is: for i := range dst { dst[i] = -a[i] }
func Neg(dst, a []float32) { unary(active.neg, dst, a) }

// Abs clears the sign of a[i].
func Abs(dst, a []float32) { unary(active.abs, dst, a) }

// Sign is 1 with the sign of a[i], and a[i] itself where that is 0 or NaN.
func Sign(dst, a []float32) { unary(active.sign, dst, a) }

// Sqrt is the square root of a[i], correctly rounded; NaN below 0.
func Sqrt(dst, a []float32) { unary(active.sqrt, dst, a) }

// Rsqrt is 1/√a[i] within 1.5 ulp: a correctly rounded root, then a correctly
// rounded quotient. +Inf at +0, -Inf at -0, NaN below.
func Rsqrt(dst, a []float32) { unary(active.rsqrt, dst, a) }

// Floor is the largest whole number not above a[i].
func Floor(dst, a []float32) { unary(active.floor, dst, a) }

// Exp is e to the a[i] within 1 ulp. It overflows to +Inf above 88.72 and
// underflows through the denormal numbers to 0.
func Exp(dst, a []float32) { unary(active.exp, dst, a) }

// Log is the natural logarithm of a[i] within 1 ulp: -Inf at 0, NaN below.
func Log(dst, a []float32) { unary(active.log, dst, a) }

// Tanh is the hyperbolic tangent of a[i] within 3 ulp, also near 0.
func Tanh(dst, a []float32) { unary(active.tanh, dst, a) }

// Sigmoid is 1/(1+exp(-a[i])) within 3 ulp.
func Sigmoid(dst, a []float32) { unary(active.sigmoid, dst, a) }

// Softplus is log(1+exp(a[i])) within 3 ulp, for a[i] of any size.
func Softplus(dst, a []float32) { unary(active.softplus, dst, a) }

// Erf is the error function of a[i] within 1.5 ulp.
func Erf(dst, a []float32) { unary(active.erf, dst, a) }

// Sin is the sine of a[i] radians within 2 ulp; NaN at the infinities.
func Sin(dst, a []float32) { unary(active.sin, dst, a) }

// Cos is the cosine of a[i] radians within 2 ulp; NaN at the infinities.
func Cos(dst, a []float32) { unary(active.cos, dst, a) }
