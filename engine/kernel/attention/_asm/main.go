// Command _asm writes the assembly of package attention: passes over a block
// of scores, row by row.
package main

import (
	"flag"
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

//go:generate go run . -level avx2 -out ../avx2_amd64.s -stubs ../stubs_avx2_amd64.go -pkg attention
//go:generate go run . -level avx512 -out ../avx512_amd64.s -stubs ../stubs_avx512_amd64.go -pkg attention

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
	largest()
	exponentials()
	products()
	Generate()
}

func begin(name, params, doc string) {
	TEXT(name+suffix, attr.NOSPLIT, "func("+params+")")
	Pragma("noescape")
	Doc(name + suffix + " is " + doc + ".")
}

func vector() reg.VecVirtual {
	if lanes == 16 {
		return ZMM()
	}
	return YMM()
}

var constants = map[uint32]Mem{}

// constant is a vector of one number in memory.
func constant(f float64) Mem {
	b := math.Float32bits(float32(f))
	m, ok := constants[b]
	if !ok {
		m = GLOBL(fmt.Sprintf("c%08x", b), attr.RODATA|attr.NOPTR)
		for i := range lanes {
			DATA(4*i, U32(b))
		}
		constants[b] = m
	}
	return m
}

// spread fills a vector with a number in memory.
func spread(m Op) reg.VecVirtual {
	v := vector()
	VBROADCASTSS(m, v)
	return v
}

func parameter(name string) reg.VecVirtual {
	b, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return spread(b.Addr)
}

func load(m Mem) reg.VecVirtual {
	v := vector()
	VMOVUPS(m, v)
	return v
}

// fold leaves f of v's lanes in its first.
func fold(v reg.VecVirtual, f func(...Op)) {
	if lanes == 16 {
		upper := YMM()
		VEXTRACTF64X4(U8(1), v, upper)
		f(upper, v.AsY(), v.AsY())
	}
	upper := XMM()
	VEXTRACTF128(U8(1), v.AsY(), upper)
	f(upper, v.AsX(), v.AsX())
	VPERMILPS(U8(0x4e), v.AsX(), upper)
	f(upper, v.AsX(), v.AsX())
	VPERMILPS(U8(0xb1), v.AsX(), upper)
	f(upper, v.AsX(), v.AsX())
}

// grid walks over rows × cols floats, ld apart: before each row start, then
// body for each vector, with the mask of the lanes that exist where the row
// ends in part of one, then finish. Both are given the row as an index.
func grid(matrices []string, start, finish func(row reg.Register), body func(at []Mem, mask *reg.VecVirtual)) {
	var bases []reg.GPVirtual
	for _, m := range matrices {
		bases = append(bases, Load(Param(m).Base(), GP64()).(reg.GPVirtual))
	}
	ld, rows, cols := Load(Param("ld"), GP64()), Load(Param("rows"), GP64()), Load(Param("cols"), GP64()).(reg.GPVirtual)
	SHLQ(U8(2), ld)
	whole, rest, row, i := GP64(), GP64(), GP64(), GP64()
	MOVQ(cols, whole)
	ANDQ(I32(-lanes), whole)
	MOVQ(cols, rest)
	SUBQ(whole, rest)
	mask := vector()
	table := GP64()
	LEAQ(masks().Offset(4*lanes), table)
	NEGQ(rest)
	VMOVUPS(Mem{Base: table, Index: rest, Scale: 4}, mask)
	places := func() (out []Mem) {
		for _, b := range bases {
			out = append(out, Mem{Base: b, Index: i, Scale: 4})
		}
		return out
	}
	XORQ(row, row)
	Label("row")
	start(row)
	XORQ(i, i)
	CMPQ(i, whole)
	JGE(LabelRef("rest"))
	Label("vectors")
	body(places(), nil)
	ADDQ(I32(lanes), i)
	CMPQ(i, whole)
	JL(LabelRef("vectors"))
	Label("rest")
	TESTQ(rest, rest)
	JZ(LabelRef("end"))
	body(places(), &mask)
	Label("end")
	finish(row)
	for _, b := range bases {
		ADDQ(ld, b)
	}
	INCQ(row)
	CMPQ(row, rows)
	JL(LabelRef("row"))
	VZEROUPPER()
	RET()
}

// masks are as many lanes of ones as a vector has, then of zeros.
func masks() Mem {
	const key = 0xffffffff // a NaN that is no constant
	if m, ok := constants[key]; ok {
		return m
	}
	m := GLOBL("masks", attr.RODATA|attr.NOPTR)
	constants[key] = m
	for i := range 2 * lanes {
		if i < lanes {
			DATA(4*i, U32(1<<32-1))
		} else {
			DATA(4*i, U32(0))
		}
	}
	return m
}

func zero(v reg.VecVirtual) {
	if lanes == 16 {
		VPXORQ(v, v, v)
	} else {
		VXORPS(v, v, v)
	}
}

func largest() {
	begin("largest", "top, x []float32, ld, rows, cols int", "largest")
	top := Load(Param("top").Base(), GP64())
	least := load(constant(math.Inf(-1)))
	acc := vector()
	grid([]string{"x"}, func(reg.Register) { VMOVAPS(least, acc) }, func(row reg.Register) {
		fold(acc, VMAXPS)
		VMOVSS(acc.AsX(), Mem{Base: top, Index: row, Scale: 4})
	}, func(at []Mem, mask *reg.VecVirtual) {
		if mask == nil {
			VMAXPS(at[0], acc, acc)
			return
		}
		// Lanes that do not exist become minus infinity.
		v, hole := load(at[0]), vector()
		VANDPS(*mask, v, v)
		VANDNPS(least, *mask, hole)
		VORPS(hole, v, v)
		VMAXPS(v, acc, acc)
	})
}

// e to the r for |r| ≤ ln2/2, to 2⁻²⁶: the coefficients of package vec.
var polynomial = []float64{1, 1, 0.5, 0.16666531562805176, 0.041666172444820404, 0.008367970585823059, 0.0013970554573461413}

const (
	round = 3 << 22 // added, it leaves the nearest whole number in the low bits
	least = -87.33  // below it the result is 0
)

// exp is e to the x for x up to 88, and 0 where it would be denormal; x is
// lost.
func exp(x reg.VecVirtual) reg.VecVirtual {
	hi := float64(float32(math.Ln2))
	whole, n, keep := vector(), vector(), vector()
	const notLess = 0x15 // holds for NaN
	if lanes == 16 {
		k := K()
		VCMPPS(U8(notLess), constant(least), x, k)
		VPMOVM2D(k, keep)
	} else {
		VCMPPS(U8(notLess), constant(least), x, keep)
	}
	limit := load(constant(least))
	VMAXPS(x, limit, x) // the last operand if it is NaN
	VMOVUPS(constant(math.Log2E), n)
	VFMADD213PS(constant(round+127), x, n)
	VSUBPS(constant(round+127), n, whole)
	VFNMADD231PS(constant(hi), whole, x)
	VFNMADD231PS(constant(math.Ln2-hi), whole, x)
	p := load(constant(polynomial[len(polynomial)-1]))
	for i := len(polynomial) - 2; i >= 0; i-- {
		VFMADD213PS(constant(polynomial[i]), x, p)
	}
	VPSLLD(U8(23), n, n)
	VMULPS(n, p, p)
	VANDPS(keep, p, p)
	return p
}

func exponentials() {
	begin("exponentials", "sum, x, shift []float32, ld, rows, cols int, scale float32", "exponentials")
	sum, shift, scale := Load(Param("sum").Base(), GP64()), Load(Param("shift").Base(), GP64()), parameter("scale")
	acc, add := vector(), vector()
	grid([]string{"x"}, func(row reg.Register) {
		zero(acc)
		VBROADCASTSS(Mem{Base: shift, Index: row, Scale: 4}, add)
	}, func(row reg.Register) {
		fold(acc, VADDPS)
		VMOVSS(acc.AsX(), Mem{Base: sum, Index: row, Scale: 4})
	}, func(at []Mem, mask *reg.VecVirtual) {
		v := load(at[0])
		VFMADD213PS(add, scale, v)
		e := exp(v)
		if mask != nil {
			VANDPS(*mask, e, e)
		}
		VADDPS(e, acc, acc)
		VMOVUPS(e, at[0])
	})
}

func products() {
	begin("products", "x, p, shift []float32, ld, rows, cols int, scale float32", "products")
	shift, scale := Load(Param("shift").Base(), GP64()), parameter("scale")
	add := vector()
	grid([]string{"x", "p"}, func(row reg.Register) {
		VBROADCASTSS(Mem{Base: shift, Index: row, Scale: 4}, add)
	}, func(reg.Register) {}, func(at []Mem, _ *reg.VecVirtual) {
		v := load(at[0])
		VFMADD213PS(add, scale, v)
		VMULPS(at[1], v, v)
		VMOVUPS(v, at[0])
	})
}
