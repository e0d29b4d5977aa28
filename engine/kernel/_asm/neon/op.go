package neon

import "fmt"

// An Op is an instruction on vector registers of four float32 or int32: one
// register is written, up to three are read.
type Op struct {
	// Tied says that the first register read is the one written, too.
	Tied bool
	text func(d int, in []int) string
}

// Line is the instruction as the Go assembler reads it.
func (o Op) Line(d int, in ...int) string { return o.text(d, in) }

// word is an instruction that the Go assembler does not know, with its usual
// spelling as a comment.
func word(code uint32, format string, args ...any) string {
	return fmt.Sprintf("WORD $0x%08x // "+format, append([]any{code}, args...)...)
}

// three is an instruction of two sources, d = n∘m.
func three(name string, code uint32) Op {
	return Op{text: func(d int, in []int) string {
		n, m := in[0], in[1]
		return word(code|uint32(m)<<16|uint32(n)<<5|uint32(d), "%s v%d.4s, v%d.4s, v%d.4s", name, d, n, m)
	}}
}

// two is an instruction of one source; tail follows it in the spelling.
func two(name string, code uint32, tail string) Op {
	return Op{text: func(d int, in []int) string {
		return word(code|uint32(in[0])<<5|uint32(d), "%s v%d.4s, v%d.4s%s", name, d, in[0], tail)
	}}
}

// known is an instruction of two sources that the Go assembler knows. It takes
// operands from the last to the first.
func known(name, shape string) Op {
	return Op{text: func(d int, in []int) string {
		return fmt.Sprintf("%s V%d.%s, V%d.%s, V%d.%s", name, in[1], shape, in[0], shape, d, shape)
	}}
}

// tied is such an instruction which also reads what it writes.
func tied(name, shape string) Op {
	return Op{Tied: true, text: func(d int, in []int) string {
		return fmt.Sprintf("%s V%d.%s, V%d.%s, V%d.%s", name, in[2], shape, in[1], shape, d, shape)
	}}
}

var (
	FADD  = three("fadd", 0x4e20d400)
	FSUB  = three("fsub", 0x4ea0d400)
	FMUL  = three("fmul", 0x6e20dc00)
	FDIV  = three("fdiv", 0x6e20fc00)
	FMAX  = three("fmax", 0x4e20f400) // NaN if either is, and +0 above -0
	FMIN  = three("fmin", 0x4ea0f400)
	FCMEQ = three("fcmeq", 0x4e20e400) // masks: all ones or all zeros
	FCMGE = three("fcmge", 0x6e20e400)
	FCMGT = three("fcmgt", 0x6ea0e400)
	FADDP = three("faddp", 0x6e20d400) // sums of neighbours
	FMAXP = three("fmaxp", 0x6e20f400)

	FABS   = two("fabs", 0x4ea0f800, "")
	FNEG   = two("fneg", 0x6ea0f800, "")
	FSQRT  = two("fsqrt", 0x6ea1f800, "")
	FRINTM = two("frintm", 0x4e219800, "") // toward -∞
	SCVTF  = two("scvtf", 0x4e21d800, "")  // from int32
	FCMGT0 = two("fcmgt", 0x4ea0c800, ", #0.0")
	FCMEQ0 = two("fcmeq", 0x4ea0d800, ", #0.0")
	CMLT0  = two("cmlt", 0x4ea0a800, ", #0") // the sign bit as a mask
	ADD    = known("VADD", "S4")
	SUB    = known("VSUB", "S4")
	AND    = known("VAND", "B16")
	ORR    = known("VORR", "B16")
	EOR    = known("VEOR", "B16")
	TRN1   = known("VTRN1", "S4") // even lanes of both in turn
	TRN2   = known("VTRN2", "S4")
	TRN1D  = known("VTRN1", "D2")
	TRN2D  = known("VTRN2", "D2")
	FMLA   = tied("VFMLA", "S4") // d + n*m, rounded once
	FMLS   = tied("VFMLS", "S4") // d - n*m
	BSL    = tied("VBSL", "B16") // n where the mask d is set, else m
	BIT    = tied("VBIT", "B16") // n where the mask m is set, else d
	MOV    = Op{text: func(d int, in []int) string { return fmt.Sprintf("VMOV V%d.B16, V%d.B16", in[0], d) }}
	SPREAD = Op{text: func(d int, in []int) string { return fmt.Sprintf("VDUP V%d.S[0], V%d.S4", in[0], d) }}
)

// SHL and SSHR shift by a constant, 0 < n < 32; SSHR repeats the sign.
func SHL(n int) Op {
	return Op{text: func(d int, in []int) string { return fmt.Sprintf("VSHL $%d, V%d.S4, V%d.S4", n, in[0], d) }}
}

func SSHR(n int) Op {
	return two("sshr", 0x4f000400|uint32(64-n)<<16, fmt.Sprintf(", #%d", n))
}

// FMLALane is d + n*m[lane], rounded once.
func FMLALane(lane int) Op {
	return Op{Tied: true, text: func(d int, in []int) string {
		n, m := in[1], in[2]
		code := 0x4f801000 | uint32(lane&1)<<21 | uint32(lane>>1)<<11 | uint32(m)<<16 | uint32(n)<<5 | uint32(d)
		return word(code, "fmla v%d.4s, v%d.4s, v%d.s[%d]", d, n, m, lane)
	}}
}

// LoadAt loads a vector from the sum of two general registers.
func LoadAt(base, index int) Op {
	return Op{text: func(d int, _ []int) string {
		return word(0x3ce06800|uint32(index)<<16|uint32(base)<<5|uint32(d), "ldr q%d, [x%d, x%d]", d, base, index)
	}}
}
