package random

import (
	"fmt"
	"math"
	"testing"

	"github.com/limner-ai/limner/engine/kernel/fence"
	"github.com/limner-ai/limner/engine/kernel/isa"
)

// Vectors from Random123's kat_vectors (philox4x32, 10 rounds).
func TestPublishedVectors(t *testing.T) {
	const f = 1<<64 - 1
	for _, c := range []struct {
		counter [2]uint64
		key     uint64
		want    [4]uint32
	}{
		{[2]uint64{}, 0, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[2]uint64{f, f}, f, [4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{[2]uint64{0x85a308d3_243f6a88, 0x03707344_13198a2e}, 0x299f31d0_a4093822,
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		if got := Philox(c.counter, c.key); got != c.want {
			t.Errorf("Philox(%x, %x) = %x, want %x", c.counter, c.key, got, c.want)
		}
		// The kernels see the published words through the first step of unit.
		eachLevel(t, func(t *testing.T) {
			got := make([]float32, 2*active.turn)
			active.uniform(got, c.key, c.counter[0], c.counter[1])
			for i, w := range c.want {
				if want := float32((float64(w>>8) + 0.5) / (1 << 24)); got[i] != want {
					t.Errorf("element %d is %v, want %v", i, got[i], want)
				}
			}
		})
	}
}

func eachLevel(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	defer func(s *set) { active = s }(active)
	for _, l := range isa.Available() {
		active = implementations[l]
		t.Run(l.String(), f)
	}
}

// fills has both kernels beside their meaning: the words of one element at a
// time, in float64.
var fills = []struct {
	name  string
	fill  func(dst []float32, at int, seed, stream uint64)
	exact func(w [4]uint32, i int) float64
	ulps  float64
}{
	{"uniform", Uniform, func(w [4]uint32, i int) float64 { return (float64(w[i]>>8) + 0.5) / (1 << 24) }, 0.5},
	{"normal", Normal, func(w [4]uint32, i int) float64 {
		f := float64(float32(float64(w[i&^1]) + 0.5))
		r := math.Sqrt(-2 * math.Log(f/(1<<32)))
		sin, cos := math.Sincos(2 * math.Pi * float64(w[i|1]) / (1 << 32))
		return r * [2]float64{cos, sin}[i&1]
	}, 6},
}

// TestMeaning holds every set to float64 and to the bits of the portable one,
// at counters that carry from one half of the block index into the other.
func TestMeaning(t *testing.T) {
	const n = 3 * 64
	for _, f := range fills {
		for _, wide := range []uint64{0, 4 << 31, (1<<32 - 5) * 4, 1 << 60} {
			at := int(wide)
			if uint64(at) != wide {
				continue // on a machine of 32 bits
			}
			want := make([]float32, n)
			active = &generic
			f.fill(want, at, 0x1234567_89abcdef, 0xfedcba98_76543210)
			for i, x := range want {
				e := f.exact(Philox([2]uint64{uint64(at+i) / 4, 0xfedcba98_76543210}, 0x1234567_89abcdef), i%4)
				if ulp := math.Abs(float64(math.Nextafter32(float32(e), 9)) - float64(float32(e))); math.Abs(float64(x)-e) > f.ulps*ulp {
					t.Errorf("%s: element %d of %#x is %v, want %v", f.name, i, at, x, e)
				}
			}
			eachLevel(t, func(t *testing.T) {
				got := make([]float32, n)
				f.fill(got, at, 0x1234567_89abcdef, 0xfedcba98_76543210)
				same(t, f.name, got, want)
			})
		}
	}
	active = implementations[isa.Active()]
}

func same(t *testing.T, name string, got, want []float32) {
	t.Helper()
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
			t.Fatalf("%s: element %d is %x, want %x", name, i, math.Float32bits(got[i]), math.Float32bits(want[i]))
		}
	}
}

// TestBits compares the sets on a long stream.
func TestBits(t *testing.T) {
	const n = 1 << 20
	for _, f := range fills {
		want, got := make([]float32, n), make([]float32, n)
		active = &generic
		f.fill(want, 0, 42, 7)
		eachLevel(t, func(t *testing.T) {
			f.fill(got, 0, 42, 7)
			same(t, f.name, got, want)
		})
	}
	active = implementations[isa.Active()]
}

// TestSplits cuts a stream anywhere, in memory that ends where the slice does.
func TestSplits(t *testing.T) {
	const n = 333
	mem := fence.Floats(t, n)
	for _, f := range fills {
		whole := make([]float32, n)
		f.fill(whole, 0, 3, 9)
		eachLevel(t, func(t *testing.T) {
			for cut := 1; cut < n; cut++ {
				for i := range mem {
					mem[i] = fence.Canary
				}
				f.fill(mem[cut:], cut, 3, 9)
				same(t, fmt.Sprintf("%s from %d", f.name, cut), mem[cut:], whole[cut:])
				for i, x := range mem[:cut] {
					if math.Float32bits(x) != math.Float32bits(fence.Canary) {
						t.Fatalf("%s from %d wrote element %d", f.name, cut, i)
					}
				}
				f.fill(mem[n-cut:], 0, 3, 9)
				same(t, fmt.Sprintf("%s to %d", f.name, cut), mem[n-cut:], whole[:cut])
			}
		})
	}
}

// TestMoments checks four moments and the correlation of neighbours.
func TestMoments(t *testing.T) {
	x := make([]float32, 1<<20)
	for name, c := range map[string]struct {
		fill func([]float32, int, uint64, uint64)
		want [4]float64 // mean, then central
	}{"uniform": {Uniform, [4]float64{.5, 1. / 12, 0, 1. / 80}}, "normal": {Normal, [4]float64{0, 1, 0, 3}}} {
		c.fill(x, 0, 1, 0)
		var got [4]float64
		var next float64
		n := float64(len(x))
		for _, e := range x {
			got[0] += float64(e) / n
		}
		for i, e := range x {
			d := float64(e) - got[0]
			got[1] += d * d / n
			got[2] += d * d * d / n
			got[3] += d * d * d * d / n
			next += d * (float64(x[(i+1)%len(x)]) - got[0]) / n
		}
		for i := range got {
			if math.Abs(got[i]-c.want[i]) > .02 {
				t.Errorf("%s: moment %d is %.4f, want %.4f", name, i+1, got[i], c.want[i])
			}
		}
		if math.Abs(next) > .005 {
			t.Errorf("%s: neighbours have the covariance %.4f", name, next)
		}
	}
}

// The ends of both words, where logarithm and angle have their edges.
func TestEdges(t *testing.T) {
	if lo, hi := unit(0), unit(math.MaxUint32); lo <= 0 || hi >= 1 {
		t.Errorf("unit reaches %v, %v", lo, hi)
	}
	for _, a := range []uint32{0, 1, 2, 1 << 31, math.MaxUint32 - 200, math.MaxUint32 - 1, math.MaxUint32} {
		for q := range uint32(8) {
			for _, off := range []uint32{0, 1, 1<<29 - 1, math.MaxUint32} {
				b := q<<29 + off
				x, y := boxMuller(a, b)
				r := math.Sqrt(-2 * math.Log(float64(float32(float64(a)+0.5))/(1<<32)))
				sin, cos := math.Sincos(2 * math.Pi * float64(b) / (1 << 32))
				if !(math.Abs(float64(x)-r*cos) <= 2e-6 && math.Abs(float64(y)-r*sin) <= 2e-6) {
					t.Errorf("boxMuller(%#x, %#x) = %v, %v, want %v, %v", a, b, x, y, r*cos, r*sin)
				}
			}
		}
	}
}

func TestNoAllocations(t *testing.T) {
	x := make([]float32, 101)
	if n := testing.AllocsPerRun(10, func() { Normal(x, 3, 1, 2); Uniform(x, 5, 1, 2) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkFill(b *testing.B) {
	x := make([]float32, 4096)
	defer func(s *set) { active = s }(active)
	for _, l := range isa.Available() {
		active = implementations[l]
		for _, f := range fills {
			b.Run(fmt.Sprintf("%s/%s", l, f.name), func(b *testing.B) {
				b.SetBytes(int64(4 * len(x)))
				for range b.N {
					f.fill(x, 0, 1, 2)
				}
			})
		}
	}
}
