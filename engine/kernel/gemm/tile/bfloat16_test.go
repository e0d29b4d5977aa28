package tile

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/limner-ai/limner/engine/kernel/fence"
	"github.com/limner-ai/limner/engine/kernel/isa"
)

// known are floats and the upper half of what they are rounded to, as Intel
// defines VCVTNEPS2BF16.
var known = [][2]uint32{
	{0x00000000, 0x0000}, {0x80000000, 0x8000}, // zeros
	{0x00000001, 0x0000}, {0x807fffff, 0x8000}, {0x007f8000, 0x0000}, // denormals
	{0x00800000, 0x0080}, {0x00808000, 0x0080}, {0x00818000, 0x0082}, {0x80808001, 0x8081}, // the least normal ones
	{0x3f800000, 0x3f80}, {0xbf800000, 0xbf80}, {0x40490fdb, 0x4049}, // 1, −1, π
	{0x3f807fff, 0x3f80}, {0x3f808000, 0x3f80}, {0x3f808001, 0x3f81}, // about a tie that goes down
	{0x3f817fff, 0x3f81}, {0x3f818000, 0x3f82}, {0x3f818001, 0x3f82}, // and one that goes up
	{0x3fffffff, 0x4000}, {0x477fe000, 0x4780}, // to the next power of two
	{0x7f7f7fff, 0x7f7f}, {0x7f7f8000, 0x7f80}, {0xff7fffff, 0xff80}, // beyond the largest
	{0x7f800000, 0x7f80}, {0xff800000, 0xff80}, // infinities
	{0x7f800001, 0x7fc0}, {0xff80ffff, 0xffc0}, {0x7fc12345, 0x7fc1}, {0xffffffff, 0xffff}, // NaN
}

// nearest is the bfloat16 number next to x, by distances.
func nearest(x float32) uint32 {
	bits := math.Float32bits(x)
	switch size := math.Abs(float64(x)); {
	case x != x:
		return bits>>16 | 0x40
	case size < 0x1p-126:
		return bits >> 16 & 0x8000
	case math.IsInf(size, 0):
		return bits >> 16
	default:
		value := func(upper uint32) float64 {
			if upper&0x7fff == 0x7f80 {
				return 0x1p128 // where the numbers would go on
			}
			return float64(math.Float32frombits(upper & 0x7fff << 16))
		}
		down := bits >> 16
		below, above := size-value(down), value(down+1)-size
		if above < below || above == below && down&1 != 0 {
			return down + 1
		}
		return down
	}
}

// floats of all upper halves, hence all signs and exponents, with lower halves
// at and beside ties; and known ones.
func everyHalf(tb testing.TB) []float32 {
	lower := []uint32{0, 1, 0x7fff, 0x8000, 0x8001, 0xffff}
	s := fence.Floats(tb, len(lower)<<16+3)
	for i := range s {
		s[i] = math.Float32frombits(uint32(i/len(lower))<<16 | lower[i%len(lower)])
	}
	return s
}

func TestRounding(t *testing.T) {
	for _, c := range known {
		if got := nearest(math.Float32frombits(c[0])); got != c[1] {
			t.Errorf("the reference rounds %08x to %04x, want %04x", c[0], got, c[1])
		}
		if got := rounded(math.Float32frombits(c[0])); got != c[1]<<16 {
			t.Errorf("%08x becomes %08x, want %04x", c[0], got, c[1])
		}
	}
	x := everyHalf(t)
	for _, level := range isa.Available() {
		kn := NewPaired(level, 16)
		got := fence.Floats(t, len(x))
		copy(got, x)
		kn.Round(got)
		pairs := fence.Floats(t, (len(x)+1)/2)
		kn.FoldLine(pairs, x)
		for i, v := range x {
			if b := math.Float32bits(got[i]); b != nearest(v)<<16 {
				t.Fatalf("%s: %08x becomes %08x, want %04x", level, math.Float32bits(v), b, nearest(v))
			}
			half := math.Float32bits(pairs[i/2]) >> 16
			if i%2 != 0 {
				half = math.Float32bits(pairs[i/2]) & 0xffff
			}
			if half != nearest(v) {
				t.Fatalf("%s: %08x becomes %04x in a pair, want %04x", level, math.Float32bits(v), half, nearest(v))
			}
		}
	}
}

func TestFoldLine(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for _, level := range isa.Available() {
		kn := NewPaired(level, 32)
		for n := range 100 {
			src, dst := random(t, r, n), fence.Floats(t, (n+1)/2)
			kn.FoldLine(dst, src)
			for i, w := range words(dst) {
				want := nearest(src[2*i]) << 16
				if 2*i+1 < n {
					want |= nearest(src[2*i+1])
				}
				if w != want {
					t.Fatalf("%s: pair %d of %d is %08x, want %08x", level, i, n, w, want)
				}
			}
		}
	}
}

func TestFold(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	for _, level := range isa.Available() {
		for _, n := range []int{8, 16, 32} {
			kn := NewPaired(level, n)
			for _, width := range []int{kn.MR(), kn.NR()} {
				for rows := range 12 {
					for _, ld := range []int{width, width + 5} {
						src := random(t, r, max((rows-1)*ld+width, 0))
						want := make([]uint32, (rows+1)/2*width)
						for i := range want {
							at := i/width*2*ld + i%width
							want[i] = nearest(src[at]) << 16
							if i/width*2+1 < rows {
								want[i] |= nearest(src[at+ld])
							}
						}
						dst := fence.Floats(t, len(want))
						if ld == width && rows%4 < 2 {
							dst = src
						}
						kn.Fold(dst, src, rows, width, ld)
						for i, w := range want {
							if got := words(dst)[i]; got != w {
								t.Fatalf("%v fold of %d rows of %d, %d apart: %d is %08x, want %08x", kn, rows, width, ld, i, got, w)
							}
						}
					}
				}
			}
		}
	}
}

// dot adds the products of pairs as VDPBF16PS does: the upper ones first, and
// rounding once for each. A float64 holds the exact sum of numbers that are not
// too unlike.
func dot(a, b []uint32) (sum float32) {
	for i := range a {
		for _, shift := range []int{0, 16} {
			x := math.Float32frombits(a[i] << shift >> 16 << 16)
			y := math.Float32frombits(b[i] << shift >> 16 << 16)
			sum = float32(float64(sum) + float64(x)*float64(y))
		}
	}
	return sum
}

// randomPairs fills fenced words with pairs of normally distributed numbers.
func randomPairs(tb testing.TB, r *rand.Rand, n int) []float32 {
	s := fence.Floats(tb, n)
	for i := range s {
		words(s)[i] = pair(float32(r.NormFloat64()), float32(r.NormFloat64()))
	}
	return s
}

func TestPairedKernels(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	for _, level := range isa.Available() {
		for _, n := range []int{8, 16, 32} {
			kn := NewPaired(level, n)
			nr := kn.NR()
			for rows := 1; rows <= 2*kn.MR()+2; rows++ {
				for _, s := range [][3]int{{1, 1, 0}, {1, 4, 0}, {2, 5, 7}, {3, 8, 2}, {1, 19, 0}, {4, 1, 1}} {
					segs, segLen, skip := s[0], s[1], s[2]
					k := segs * segLen
					span := k + (segs-1)*skip
					a, b, c := randomPairs(t, r, rows*span), randomPairs(t, r, k*nr), random(t, r, rows*nr)
					aOff, cOff := offsets(r, rows, span), offsets(r, rows, nr)
					inRow := func(row, k int) int { return aOff[row] + k/segLen*(segLen+skip) + k%segLen }
					paired(t, kn, k, a, b, c, kn.RowsPaired, inRow, func(k, n int) int { return k*nr + n },
						Args{AOff: &aOff[0], COff: &cOff[0], Rows: rows, Segs: segs, SegLen: segLen, ASkip: skip}, cOff)

					mr := kn.MR()
					step := min(rows, mr) + 2
					a, b = randomPairs(t, r, (rows-1)/mr*(k*step+1)+(k-1)*step+step-2), randomPairs(t, r, (k-1)*(nr+3)+nr)
					paired(t, kn, k, a, b, c, kn.OuterPaired, func(row, k int) int { return row/mr*(segs*segLen*step+1) + k*step + row%mr },
						func(k, n int) int { return k*(nr+3) + n },
						Args{AStep: step, ATile: k*step + 1, BStep: nr + 3, COff: &cOff[0], Rows: rows, SegLen: k}, cOff)
				}
			}
		}
	}
}

// paired runs a micro-kernel and holds every bit of the tile to dot.
func paired(t *testing.T, kn Kernel, k int, a, b, c []float32, f func(*Args), inA, inB func(int, int) int, args Args, cOff []int) {
	t.Helper()
	x, y := make([]uint32, k), make([]uint32, k)
	for acc := range 2 {
		got := fence.Floats(t, len(c))
		copy(got, c)
		args.A, args.B, args.C, args.Acc = Pointer(a, 0), Pointer(b, 0), Pointer(got, 0), acc
		f(&args)
		for row := range args.Rows {
			for n := range kn.NR() {
				for i := range k {
					x[i], y[i] = words(a)[inA(row, i)], words(b)[inB(i, n)]
				}
				want := dot(x, y)
				if acc != 0 {
					want += c[cOff[row]+n]
				}
				if v := got[cOff[row]+n]; v != want {
					t.Fatalf("%v %d rows, K %d: [%d,%d] is %v, want %v", kn, args.Rows, k, row, n, v, want)
				}
			}
		}
	}
}

// VDPBF16PS takes denormal sums for zero; the portable kernels keep them.
func TestDenormalSums(t *testing.T) {
	for _, level := range isa.Available() {
		kn := NewPaired(level, 16)
		a, b, c := fence.Floats(t, 1), fence.Floats(t, kn.NR()), fence.Floats(t, kn.NR())
		words(a)[0] = pair(0x1p-100, 0)
		for i := range b {
			words(b)[i] = pair(0x1p-30, 0)
		}
		zero := 0
		kn.RowsPaired(&Args{A: Pointer(a, 0), B: Pointer(b, 0), C: Pointer(c, 0), AOff: &zero, COff: &zero, Rows: 1, Segs: 1, SegLen: 1})
		want := float32(0x1p-130)
		if BFloat16(level) == Paired {
			want = 0
		}
		if c[0] != want {
			t.Errorf("%s: the sum is %v, want %v", level, c[0], want)
		}
	}
}

// BenchmarkPaired reports GFLOP/s with all operands in the first-level cache.
func BenchmarkPaired(b *testing.B) {
	const k = 128 // pairs
	for _, level := range isa.Available() {
		if BFloat16(level) != Paired {
			continue
		}
		kn := NewPaired(level, 32)
		mr, nr := kn.MR(), kn.NR()
		x, y, c := make([]float32, mr*k), make([]float32, k*nr), make([]float32, mr*nr)
		var cOff []int
		for i := range mr {
			cOff = append(cOff, i*nr)
		}
		args := Args{A: Pointer(x, 0), B: Pointer(y, 0), C: Pointer(c, 0), COff: &cOff[0], AStep: mr, BStep: nr,
			Rows: mr, SegLen: k}
		b.Run(level.String(), func(b *testing.B) {
			for b.Loop() {
				kn.OuterPaired(&args)
			}
			b.ReportMetric(4*float64(mr*nr*k)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
		})
	}
}
