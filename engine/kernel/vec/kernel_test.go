package vec

import (
	"math"
	"testing"

	"github.com/limner-ai/limner/engine/kernel/isa"
)

// eachLevel runs f with every implementation that this processor has.
func eachLevel(t *testing.T, f func(t *testing.T, l isa.Level)) {
	t.Helper()
	defer func(s *set) { active = s }(active)
	for _, l := range isa.Available() {
		active = implementations[l]
		t.Run(l.String(), func(t *testing.T) { f(t, l) })
	}
}

// A kernel is an elementwise kernel with its meaning in float64. It uses the
// slices that uses names, and the scalars s and t as it likes.
type kernel struct {
	name string
	uses string
	ulps float64 // largest error; 0.5 and less also means the same bits at every level
	run  func(dst, a, b, c []float32, s, t float32)
	want func(a, b, c, s, t float64) float64
}

func on1(name string, ulps float64, run func(dst, a []float32), want func(x float64) float64) kernel {
	return kernel{name, "a", ulps, func(dst, a, _, _ []float32, _, _ float32) { run(dst, a) },
		func(a, _, _, _, _ float64) float64 { return want(a) }}
}

func on2(name string, ulps float64, run func(dst, a, b []float32), want func(x, y float64) float64) kernel {
	return kernel{name, "ab", ulps, func(dst, a, b, _ []float32, _, _ float32) { run(dst, a, b) },
		func(a, b, _, _, _ float64) float64 { return want(a, b) }}
}

func onS(name string, ulps float64, run func(dst, a []float32, s float32), want func(x, s float64) float64) kernel {
	return kernel{name, "a", ulps, func(dst, a, _, _ []float32, s, _ float32) { run(dst, a, s) },
		func(a, _, _, s, _ float64) float64 { return want(a, s) }}
}

// half is the error of a correctly rounded result, and a little for the
// rounding of the reference itself.
const half = 0.5 + 1e-7

func when(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func pick(c, a, b float64) float64 {
	if c != 0 {
		return a
	}
	return b
}

// larger and smaller are written as the documentation has them, ties included.
func larger(x, y float64) float64 {
	if x > y || x != x {
		return x
	}
	return y
}

func smaller(x, y float64) float64 { return -larger(-x, -y) }

func signOf(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x
}

func sigmoid64(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func softplus64(x float64) float64 {
	return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
}

// kernels is every elementwise kernel of the package.
var kernels = []kernel{
	on2("Add", half, Add, func(x, y float64) float64 { return x + y }),
	on2("Sub", half, Sub, func(x, y float64) float64 { return x - y }),
	on2("Mul", half, Mul, func(x, y float64) float64 { return x * y }),
	on2("Div", half, Div, func(x, y float64) float64 { return x / y }),
	on2("Max", 0, Max, larger),
	on2("Min", 0, Min, smaller),
	on2("Less", 0, Less, func(x, y float64) float64 { return when(x < y) }),
	on2("LessEq", 0, LessEq, func(x, y float64) float64 { return when(x <= y) }),
	on2("Equal", 0, Equal, func(x, y float64) float64 { return when(x == y) }),

	onS("AddS", half, AddS, func(x, s float64) float64 { return x + s }),
	onS("MulS", half, MulS, func(x, s float64) float64 { return x * s }),
	onS("SubFromS", half, SubFromS, func(x, s float64) float64 { return s - x }),
	onS("DivIntoS", half, DivIntoS, func(x, s float64) float64 { return s / x }),
	onS("MaxS", 0, MaxS, func(x, s float64) float64 { return larger(s, x) }),
	onS("MinS", 0, MinS, func(x, s float64) float64 { return smaller(s, x) }),
	onS("LessS", 0, LessS, func(x, s float64) float64 { return when(x < s) }),
	onS("LessEqS", 0, LessEqS, func(x, s float64) float64 { return when(x <= s) }),
	onS("GreaterS", 0, GreaterS, func(x, s float64) float64 { return when(x > s) }),
	onS("GreaterEqS", 0, GreaterEqS, func(x, s float64) float64 { return when(x >= s) }),
	onS("EqualS", 0, EqualS, func(x, s float64) float64 { return when(x == s) }),

	{"MulAdd", "abc", 0.51, func(dst, a, b, c []float32, _, _ float32) { MulAdd(dst, a, b, c) },
		func(a, b, c, _, _ float64) float64 { return math.FMA(a, b, c) }},
	{"MulAddTwice", "abc", 0.51, func(dst, a, b, c []float32, _, _ float32) { MulAddTwice(dst, a, b, c) },
		func(a, b, c, _, _ float64) float64 { return math.FMA(float64(float32(2*a)), b, c) }},
	{"MulAddS", "ac", 0.51, func(dst, a, _, c []float32, s, _ float32) { MulAddS(dst, a, s, c) },
		func(a, _, c, s, _ float64) float64 { return math.FMA(a, s, c) }},
	{"MulSAddS", "a", 0.51, func(dst, a, _, _ []float32, s, t float32) { MulSAddS(dst, a, s, t) },
		func(a, _, _, s, t float64) float64 { return math.FMA(a, s, t) }},
	{"Select", "abc", 0, func(dst, a, b, c []float32, _, _ float32) { Select(dst, c, a, b) },
		func(a, b, c, _, _ float64) float64 { return pick(c, a, b) }},
	{"SelectVS", "ac", 0, func(dst, a, _, c []float32, _, t float32) { SelectVS(dst, c, a, t) },
		func(a, _, c, _, t float64) float64 { return pick(c, a, t) }},
	{"SelectSV", "bc", 0, func(dst, _, b, c []float32, s, _ float32) { SelectSV(dst, c, s, b) },
		func(_, b, c, s, _ float64) float64 { return pick(c, s, b) }},
	{"SelectSS", "c", 0, func(dst, _, _, c []float32, s, t float32) { SelectSS(dst, c, s, t) },
		func(_, _, c, s, t float64) float64 { return pick(c, s, t) }},
	{"Fill", "", 0, func(dst, _, _, _ []float32, s, _ float32) { Fill(dst, s) },
		func(_, _, _, s, _ float64) float64 { return s }},

	on1("Copy", 0, Copy, func(x float64) float64 { return x }),
	on1("Neg", 0, Neg, func(x float64) float64 { return -x }),
	on1("Abs", 0, Abs, math.Abs),
	on1("Sign", 0, Sign, signOf),
	on1("Sqrt", half, Sqrt, math.Sqrt),
	on1("Rsqrt", 1.51, Rsqrt, func(x float64) float64 { return 1 / math.Sqrt(x) }),
	on1("Floor", 0, Floor, math.Floor),
	on1("Exp", 1, Exp, math.Exp),
	on1("Log", 1, Log, math.Log),
	on1("Tanh", 3, Tanh, math.Tanh),
	on1("Sigmoid", 3, Sigmoid, sigmoid64),
	on1("Softplus", 3, Softplus, softplus64),
	on1("Erf", 1.5, Erf, math.Erf),
	on1("Sin", 2, Sin, math.Sin),
	on1("Cos", 2, Cos, math.Cos),
}

// at is the kernel's meaning at element i.
func (k kernel) at(i int, a, b, c []float32, s, t float32) float64 {
	return k.want(float64(a[i]), float64(b[i]), float64(c[i]), float64(s), float64(t))
}

// ulps is how far got is from want, in units of the last place of want as a
// float32. Two NaNs are 0 apart, a NaN and a number infinitely far.
func ulps(got float32, want float64) float64 {
	g, w := float64(got), float64(float32(want))
	switch {
	case g != g && w != w, g == w && (w == 0 || math.IsInf(w, 0)):
		return 0
	case g != g || w != w:
		return math.Inf(1)
	}
	if math.IsInf(g, 0) || math.IsInf(w, 0) {
		// Beyond the largest float32 the next one would be 2¹²⁸.
		next := math.Ldexp(1, 128)
		g, want = math.Max(-next, math.Min(next, g)), math.Max(-next, math.Min(next, want))
		return math.Abs(g-want) / math.Ldexp(1, 104)
	}
	_, e := math.Frexp(want)
	return math.Abs(g-want) / math.Ldexp(1, max(e-24, -149))
}
