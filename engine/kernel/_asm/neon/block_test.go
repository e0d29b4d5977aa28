package neon

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestAssign runs random blocks twice: one after the other with a register for
// every result, and merged with those that assign gives.
func TestAssign(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		limit := 4 + r.IntN(6)
		var blocks []*Block
		for b := range 1 + r.IntN(3) {
			x := &Block{f: &Func{}, next: 32, uses: map[uint32]int{}}
			values := []Value{Held(31), Held(30)}
			for i := range 2 + r.IntN(12) {
				o := Op{text: line(fmt.Sprint(b, "-", i))}
				if r.IntN(2) == 0 {
					o = Op{Tied: true, text: line(fmt.Sprint("tied", b, "-", i))}
				}
				in := make([]Value, 1+r.IntN(3))
				for j := range in {
					in[j] = values[max(len(values)-1-r.IntN(4), 0)]
				}
				values = append(values, x.Do(o, in...))
			}
			x.Into(20+b, Op{text: line("out")}, values[len(values)-1], values[len(values)-2])
			blocks = append(blocks, x)
		}
		var plain []string
		for _, b := range blocks {
			for _, i := range b.insts {
				plain = append(plain, i.text(i.dst, i.in))
			}
		}
		lines, ok := assign(merge(blocks), limit)
		if !ok {
			continue
		}
		want, got := simulate(plain, false), simulate(lines, true)
		for reg := 20; reg < 32; reg++ {
			if want[reg] != got[reg] {
				t.Fatalf("register %d is %q, want %q, by\n%s", reg, got[reg], want[reg], strings.Join(lines, "\n"))
			}
		}
		for reg := limit; reg < 20; reg++ {
			if got[reg] != "" {
				t.Fatalf("register %d of %d is written", reg, limit)
			}
		}
	}
}

// line is an instruction that simulate understands.
func line(name string) func(d int, in []int) string {
	return func(d int, in []int) string {
		return fmt.Sprintf("%s %d %s", name, d, strings.Trim(fmt.Sprint(in), "[]"))
	}
}

// simulate returns what the registers hold: a text of how it was made. Where
// assigned, a tied instruction reads the register that it writes.
func simulate(lines []string, assigned bool) map[int]string {
	regs := map[int]string{30: "x", 31: "y"}
	for _, l := range lines {
		var from, to int
		if n, _ := fmt.Sscanf(l, "VMOV V%d.B16, V%d.B16", &from, &to); n == 2 {
			regs[to] = regs[from]
			continue
		}
		f := strings.Fields(l)
		var d int
		text := f[0] + "("
		for i, x := range f[1:] {
			var reg int
			fmt.Sscan(x, &reg)
			if i == 0 {
				d = reg
				continue
			}
			if i == 1 && assigned && strings.HasPrefix(f[0], "tied") {
				reg = d
			}
			text += regs[reg] + ","
		}
		if len(text) > 500 {
			text = fmt.Sprintf("%s…%d", text[:80], hash(text))
		}
		regs[d] = text + ")"
	}
	return regs
}

func hash(s string) (h uint64) {
	for _, c := range []byte(s) {
		h = h*1099511628211 + uint64(c)
	}
	return h
}
