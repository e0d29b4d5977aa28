package neon

import (
	"fmt"
	"slices"
)

// A Value is what an instruction of a block reads: the result of another one,
// a register that the function holds, or a constant.
type Value struct {
	id       int // below 32 a register, from there on a result
	constant bool
	bits     uint32
}

// Held is a register that keeps its value over the whole function.
func Held(v int) Value { return Value{id: v} }

// Bits is the constant of a bit pattern in every lane.
func Bits(b uint32) Value { return Value{constant: true, bits: b} }

// A Block is a straight run of code whose results get registers at the end:
// each the lowest that is free, until its last use.
type Block struct {
	f     *Func
	insts []inst
	next  int
	held  map[uint32]int // constants in registers
	uses  map[uint32]int // how often a constant in a register would have served
}

type inst struct {
	dst  int // -1 if there is none
	in   []int
	tied bool
	text func(d int, in []int) string
}

// Do writes an instruction and returns its result.
func (b *Block) Do(o Op, in ...Value) Value {
	i := inst{tied: o.Tied, text: o.text}
	for n, v := range in {
		i.in = append(i.in, b.read(v, o.Tied && n == 0))
	}
	i.dst = b.fresh()
	b.insts = append(b.insts, i)
	return Value{id: i.dst}
}

// Into writes an instruction whose result goes to a held register. A tied
// instruction reads that register first.
func (b *Block) Into(d int, o Op, in ...Value) {
	i := inst{dst: d, text: o.text}
	if o.Tied {
		i.in = append(i.in, d)
	}
	for _, v := range in {
		i.in = append(i.in, b.read(v, false))
	}
	b.insts = append(b.insts, i)
}

// Load writes an instruction such as FMOVQ that loads from an operand.
func (b *Block) Load(name, operand string) Value {
	d := b.fresh()
	b.insts = append(b.insts, inst{dst: d, text: func(d int, _ []int) string { return fmt.Sprintf("%s %s, F%d", name, operand, d) }})
	return Value{id: d}
}

// Store writes the opposite.
func (b *Block) Store(name string, v Value, operand string) {
	b.insts = append(b.insts, inst{dst: -1, in: []int{b.read(v, false)},
		text: func(_ int, in []int) string { return fmt.Sprintf("%s F%d, %s", name, in[0], operand) }})
}

func (b *Block) fresh() int {
	b.next++
	return b.next - 1
}

// read is the number of a value. A constant that the instruction overwrites is
// loaded afresh, which costs no more than a copy.
func (b *Block) read(v Value, overwritten bool) int {
	if !v.constant {
		return v.id
	}
	if !overwritten {
		b.uses[v.bits]++
		if r, ok := b.held[v.bits]; ok {
			return r
		}
	}
	return b.Load("FMOVQ", b.f.constant(v.bits)).id
}

// merge takes instructions of several blocks in turn, so that one can go on
// where another one waits.
func merge(blocks []*Block) []inst {
	var out []inst
	for i := 0; ; i++ {
		more, base := false, 0
		for _, b := range blocks {
			if i < len(b.insts) {
				more = true
				in := b.insts[i]
				in.in = append([]int(nil), in.in...)
				for j := range in.in {
					if in.in[j] >= 32 {
						in.in[j] += base
					}
				}
				if in.dst >= 32 {
					in.dst += base
				}
				out = append(out, in)
			}
			base += b.next - 32
		}
		if !more {
			return out
		}
	}
}

// assign gives registers below limit to the results and returns the lines, or
// false if there are too few.
func assign(insts []inst, limit int) ([]string, bool) {
	last := map[int]int{}
	for at, i := range insts {
		for _, v := range i.in {
			last[v] = at
		}
	}
	where := map[int]int{}
	var taken [32]bool
	free := func() int {
		for r := range limit {
			if !taken[r] {
				return r
			}
		}
		return -1
	}
	var lines []string
	for at, i := range insts {
		var in []int
		for _, v := range i.in {
			if v < 32 {
				in = append(in, v)
			} else {
				in = append(in, where[v])
			}
		}
		d := i.dst
		// The register of a source may be written when it is not read again; that
		// of a tied instruction's other sources only after its first is copied.
		release := func(from int) {
			for _, v := range i.in[from:] {
				if v >= 32 && last[v] == at {
					taken[where[v]] = false
				}
			}
		}
		switch {
		case i.tied && i.in[0] >= 32 && last[i.in[0]] == at:
			d = in[0]
			release(1)
		case i.tied:
			if d = free(); d < 0 {
				return nil, false
			}
			lines = append(lines, MOV.Line(d, in[0]))
			release(0)
		default:
			release(0)
			if d >= 32 {
				if d = free(); d < 0 {
					return nil, false
				}
			}
		}
		if i.dst >= 32 {
			where[i.dst] = d
			_, used := last[i.dst]
			taken[d] = used
		}
		lines = append(lines, i.text(d, in))
	}
	return lines, true
}

// Body writes n blocks, four merged into each other at a time, which keep below
// register limit; held says which constants are in registers. It returns how
// often constants are read, in the order of first use, and whether the
// registers sufficed.
func (f *Func) Body(n, limit int, held map[uint32]int, write func(b *Block, i int)) (uses []Use, ok bool) {
	counts := map[uint32]int{}
	var blocks []*Block
	for i := range n {
		b := &Block{f: f, next: 32, held: held, uses: counts}
		write(b, i)
		blocks = append(blocks, b)
	}
	ok = true
	for some := range slices.Chunk(blocks, 4) {
		lines, fits := assign(merge(some), limit)
		ok = ok && fits
		for _, l := range lines {
			f.I("%s", l)
		}
	}
	for _, c := range f.pool {
		if counts[c] > 0 {
			uses = append(uses, Use{c, counts[c]})
		}
	}
	return uses, ok
}

// A Use is how often a constant is read.
type Use struct {
	Bits  uint32
	Count int
}

// Try writes and, if the result is false, takes back what was written.
func (f *Func) Try(write func() bool) bool {
	lines := len(f.lines)
	ok := write()
	if !ok {
		f.lines = f.lines[:lines]
	}
	return ok
}
