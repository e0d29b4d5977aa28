// Command _asm writes the assembly of package rotary.
package main

import (
	"flag"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

//go:generate go run . -level avx2 -out ../avx2_amd64.s -stubs ../stubs_avx2_amd64.go -pkg rotary
//go:generate go run . -level avx512 -out ../avx512_amd64.s -stubs ../stubs_avx512_amd64.go -pkg rotary

var (
	lanes  = 8
	suffix = "AVX2"
)

func main() {
	level := flag.String("level", "avx2", "avx2 or avx512")
	flag.Parse()
	if *level == "avx512" {
		lanes, suffix = 16, "AVX512"
	}
	turn()
	turnGrad()
	Generate()
}

func vector() reg.VecVirtual {
	if lanes == 16 {
		return ZMM()
	}
	return YMM()
}

func zero(v reg.VecVirtual) {
	if lanes == 16 {
		VPXORQ(v, v, v)
	} else {
		VXORPS(v, v, v)
	}
}

func spread(src reg.Register, dst reg.VecVirtual) { VBROADCASTSS(src, dst) }

// total leaves the sum of v's lanes in its first.
func total(v reg.VecVirtual) {
	if lanes == 16 {
		upper := YMM()
		VEXTRACTF64X4(U8(1), v, upper)
		VADDPS(upper, v.AsY(), v.AsY())
	}
	upper := XMM()
	VEXTRACTF128(U8(1), v.AsY(), upper)
	VADDPS(upper, v.AsX(), v.AsX())
	VHADDPS(v.AsX(), v.AsX(), v.AsX())
	VHADDPS(v.AsX(), v.AsX(), v.AsX())
}

// scalar loads a parameter into the first lane.
func scalar(name string) reg.VecVirtual {
	x := XMM()
	Load(Param(name), x)
	return x
}

func base(name string) reg.GPVirtual { return Load(Param(name).Base(), GP64()).(reg.GPVirtual) }

// bytes loads a count of floats as bytes.
func bytes(name string) reg.GPVirtual {
	n := Load(Param(name), GP64()).(reg.GPVirtual)
	SHLQ(U8(2), n)
	return n
}

// counter is a loop variable in memory; registers are few.
func counter() (set func(param string), next func(label string)) {
	m := AllocLocal(8)
	return func(param string) {
			r := Load(Param(param), GP64())
			MOVQ(r, m)
		}, func(label string) {
			DECQ(m)
			JNZ(LabelRef(label))
		}
}

func at(base, index reg.Register) Mem { return Mem{Base: base, Index: index, Scale: 1} }

func load(m Mem) reg.VecVirtual {
	v := vector()
	VMOVUPS(m, v)
	return v
}

func step() Op { return U8(4 * lanes) }

// pairs walks over the pairs of a head of d channels: first and second are
// the places of their channels, place that of their angle, in bytes.
func pairs(prefix string, half reg.Register, body func(first, second, place reg.Register)) {
	first, second, place, end := GP64(), GP64(), GP64(), GP64()
	set, next := counter()
	set("groups")
	XORQ(first, first)
	XORQ(place, place)
	Label(prefix + "group")
	LEAQ(Mem{Base: first, Index: half, Scale: 1}, second)
	MOVQ(second, end)
	Label(prefix + "pairs")
	body(first, second, place)
	ADDQ(step(), first)
	ADDQ(step(), second)
	ADDQ(step(), place)
	CMPQ(first, end)
	JL(LabelRef(prefix + "pairs"))
	MOVQ(second, first)
	next(prefix + "group")
}

// root leaves 1/√(square·inverse + eps) in square's first lane.
func root(square reg.VecVirtual, inverse, eps reg.Register) {
	one := XMM()
	VMULSS(inverse, square.AsX(), square.AsX())
	VADDSS(eps, square.AsX(), square.AsX())
	VSQRTSS(square.AsX(), square.AsX(), square.AsX())
	r := GP32()
	MOVL(U32(0x3f800000), r)
	VMOVD(r, one)
	VDIVSS(square.AsX(), one, square.AsX())
}

func turn() {
	TEXT("turn"+suffix, attr.NOSPLIT, "func(dst, x, scale, cos, sin []float32, heads, groups, half int, inverse, eps float32)")
	Pragma("noescape")
	Doc("turn" + suffix + " is turn for one token.")
	dst, x, scale, cos, sin := base("dst"), base("x"), base("scale"), base("cos"), base("sin")
	half, width := bytes("half"), Load(Param("scale").Len(), GP64()).(reg.GPVirtual)
	SHLQ(U8(2), width)
	inverse, eps := scalar("inverse"), scalar("eps")
	set, next := counter()
	set("heads")
	Label("head")
	square := vector()
	zero(square)
	i := GP64()
	XORQ(i, i)
	Label("square")
	v := load(at(x, i))
	VFMADD231PS(v, v, square)
	ADDQ(step(), i)
	CMPQ(i, width)
	JL(LabelRef("square"))
	total(square)
	root(square, inverse, eps)
	r := vector()
	spread(square.AsX(), r)
	pairs("", half, func(first, second, place reg.Register) {
		a, b := load(at(x, first)), load(at(x, second))
		VMULPS(r, a, a)
		VMULPS(r, b, b)
		VMULPS(at(scale, first), a, a)
		VMULPS(at(scale, second), b, b)
		c, s := load(at(cos, place)), load(at(sin, place))
		p, q := vector(), vector()
		VMULPS(b, s, p)
		VFMSUB231PS(a, c, p) // a·c − b·s
		VMULPS(a, s, q)
		VFMADD231PS(b, c, q)
		VMOVUPS(p, at(dst, first))
		VMOVUPS(q, at(dst, second))
	})
	ADDQ(width, x)
	ADDQ(width, dst)
	next("head")
	VZEROUPPER()
	RET()
}

func turnGrad() {
	TEXT("turnGrad"+suffix, attr.NOSPLIT, "func(dx, dscale, grad, x, scale, cos, sin []float32, heads, groups, half int, inverse, eps float32)")
	Pragma("noescape")
	Doc("turnGrad" + suffix + " is turnGrad for one token.")
	dx, grad, x, scale, cos, sin := base("dx"), base("grad"), base("x"), base("scale"), base("cos"), base("sin")
	half := bytes("half")
	inverse, eps := scalar("inverse"), scalar("eps")
	set, next := counter()
	set("heads")
	Label("head")
	square, mean := vector(), vector()
	zero(square)
	zero(mean)
	pairs("", half, func(first, second, place reg.Register) {
		a, b := load(at(grad, first)), load(at(grad, second))
		c, s := load(at(cos, place)), load(at(sin, place))
		p, q := vector(), vector()
		VMULPS(b, s, p)
		VFMADD231PS(a, c, p) // turned back
		VMULPS(a, s, q)
		VFMSUB231PS(b, c, q)
		VMOVUPS(p, at(dx, first))
		VMOVUPS(q, at(dx, second))
		for _, o := range []struct{ u, at reg.Register }{{p, first}, {q, second}} {
			v := load(at(x, o.at))
			VFMADD231PS(v, v, square)
			VMULPS(at(scale, o.at), v, v)
			VFMADD231PS(o.u, v, mean)
		}
	})
	total(square)
	total(mean)
	root(square, inverse, eps)
	// mean becomes r³·mean/d
	VMULSS(inverse, mean.AsX(), mean.AsX())
	for range 3 {
		VMULSS(square.AsX(), mean.AsX(), mean.AsX())
	}
	r, m := vector(), vector()
	spread(square.AsX(), r)
	spread(mean.AsX(), m)
	dscale, i, width := base("dscale"), GP64(), Load(Param("scale").Len(), GP64()).(reg.GPVirtual)
	SHLQ(U8(2), width)
	XORQ(i, i)
	Label("channels")
	u, v := load(at(dx, i)), load(at(x, i))
	VMULPS(r, u, u)
	sum := load(at(dscale, i))
	VFMADD231PS(u, v, sum)
	VMOVUPS(sum, at(dscale, i))
	VMULPS(at(scale, i), u, u)
	VFNMADD231PS(v, m, u)
	VMOVUPS(u, at(dx, i))
	ADDQ(step(), i)
	CMPQ(i, width)
	JL(LabelRef("channels"))
	ADDQ(width, x)
	ADDQ(width, dx)
	ADDQ(width, grad)
	next("head")
	VZEROUPPER()
	RET()
}
