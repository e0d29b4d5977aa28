package attention

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/limner-ai/limner/engine/kernel/fence"
	"github.com/limner-ai/limner/engine/kernel/isa"
)

// The passes agree with their definition on blocks that end at a guard page,
// and do not look at what lies behind the columns.
func TestBlock(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	ninf := float32(math.Inf(-1))
	for _, level := range isa.Available() {
		set := implementations[level]
		for cols := 1; cols <= 40; cols++ {
			const rows, scale = 3, .25
			ld := ceil(cols, 16) * 16
			x, p, shift := fence.Floats(t, rows*ld), fence.Floats(t, rows*ld), fence.Floats(t, rows)
			for i := range rows {
				shift[i] = float32(i) - 3
				for j := range cols {
					x[i*ld+j], p[i*ld+j] = float32(20*r.NormFloat64()-40), float32(r.NormFloat64())
				}
			}
			x[cols-1], x[ld] = ninf, -500 // both far below; the arguments of the others are rounded to 2⁻¹⁹
			top, sum := fence.Floats(t, rows), fence.Floats(t, rows)
			set.largest(top, x, ld, rows, cols)
			e, q := fence.Floats(t, len(x)), fence.Floats(t, len(x))
			copy(e, x)
			copy(q, x)
			set.exponentials(sum, e, shift, ld, rows, cols, scale)
			for i := range rows {
				most, total := ninf, 0.
				for j := range cols {
					at := i*ld + j
					most = max(most, x[at])
					want := math.Exp(float64(x[at])*scale + float64(shift[i]))
					if want < 1e-38 {
						want = 0
					}
					total += want
					if d := math.Abs(float64(e[at]) - want); !(d <= 8e-6*want) {
						t.Fatalf("%v: exp of %v is %v, want %v", level, x[at], e[at], want)
					}
				}
				if top[i] != most || !(math.Abs(float64(sum[i])-total) <= 8e-6*total) {
					t.Fatalf("%v, %d columns: largest %v, want %v; sum %v, want %v", level, cols, top[i], most, sum[i], total)
				}
			}
			q[cols-1] = 1
			set.products(q, p, shift, ld, rows, cols, scale)
			for i := range rows {
				for j := range cols {
					from := x[i*ld+j]
					if i == 0 && j == cols-1 {
						from = 1
					}
					want := (float64(from)*scale + float64(shift[i])) * float64(p[i*ld+j])
					if d := math.Abs(float64(q[i*ld+j]) - want); !(d <= 1e-5*(1+math.Abs(want))) {
						t.Fatalf("%v: product %v, want %v", level, q[i*ld+j], want)
					}
				}
			}
			e[0] = float32(math.NaN())
			set.exponentials(sum, e, shift, ld, rows, cols, scale)
			if sum[0] == sum[0] || e[0] == e[0] {
				t.Fatalf("%v: a NaN is lost", level)
			}
		}
	}
}
