package tile

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/limner-ai/limner/engine/kernel/fence"
	"github.com/limner-ai/limner/engine/kernel/gemm/meter"
	"github.com/limner-ai/limner/engine/kernel/isa"
)

// kernels are all kernels that can run here.
func kernels() []Kernel {
	var ks []Kernel
	for _, l := range isa.Available() {
		for _, n := range []int{8, 16, 32} {
			ks = append(ks, New(l, n))
		}
		ks = append(ks, NewFlat(l, 3, 32))
	}
	return ks
}

func random(tb testing.TB, r *rand.Rand, n int) []float32 {
	s := fence.Floats(tb, n)
	for i := range s {
		s[i] = float32(r.NormFloat64())
	}
	return s
}

// offsets places n rows in shuffled order, step floats apart.
func offsets(r *rand.Rand, n, step int) []int {
	off := r.Perm(n)
	for i := range off {
		off[i] *= step
	}
	return off
}

func compare(t *testing.T, name string, k int, got, want []float32) {
	t.Helper()
	for i, w := range want {
		if !(math.Abs(float64(got[i]-w)) <= 1e-5*math.Sqrt(float64(k)+1)) {
			t.Fatalf("%s: %d is %v, want %v", name, i, got[i], w)
		}
	}
}

// run applies f and the portable kernel to two copies of c that end at a
// guard page, and compares.
func run(t *testing.T, name string, k int, c []float32, a Args, f func(*Args), portable func(*Args, int), nr int) {
	t.Helper()
	for acc := range 2 {
		got, want := fence.Floats(t, len(c)), fence.Floats(t, len(c))
		copy(got, c)
		copy(want, c)
		a.Acc, a.C = acc, Pointer(got, 0)
		f(&a)
		a.C = Pointer(want, 0)
		portable(&a, nr)
		compare(t, fmt.Sprintf("%s %+v", name, a), k, got, want)
	}
}

func TestKernels(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, kn := range kernels() {
		for rows := 1; rows <= 2*kn.MR()+2; rows++ {
			for _, s := range [][3]int{{1, 1, 0}, {1, 3, 0}, {1, 4, 0}, {2, 5, 7}, {3, 8, 2}, {1, 19, 0}, {4, 1, 1}} {
				segs, segLen, skip := s[0], s[1], s[2]
				k, nr := segs*segLen, kn.NR()
				span := k + (segs-1)*skip
				a := random(t, r, rows*span)
				b := random(t, r, k*nr)
				c := random(t, r, rows*nr)
				args := Args{A: Pointer(a, 0), B: Pointer(b, 0), AOff: &offsets(r, rows, span)[0], COff: &offsets(r, rows, nr)[0],
					Rows: rows, Segs: segs, SegLen: segLen, ASkip: skip}
				run(t, "rows", k, c, args, kn.Rows, rowsGeneric, nr)

				mr := kn.MR()
				step := min(rows, mr) + 2
				a = random(t, r, (rows-1)/mr*(k*step+1)+(k-1)*step+step-2)
				b = random(t, r, (k-1)*(nr+3)+nr)
				args = Args{A: Pointer(a, 0), B: Pointer(b, 0), AStep: step, KOff: &offsets(r, k, step)[0], ATile: k*step + 1, COff: &offsets(r, rows, nr)[0],
					BStep: nr + 3, BOff: &offsets(r, k, nr+3)[0],
					Rows: rows, SegLen: k}
				run(t, "outer", k, c, args, kn.Outer, func(a *Args, nr int) { outerGeneric(a, mr, nr) }, nr)
				run(t, "walk", k, c, args, kn.Walk, func(a *Args, nr int) { walkGeneric(a, mr, nr) }, nr)

				if rows > kn.DepthRows() {
					continue
				}
				a = random(t, r, (k+rows-1)*nr)
				args.BStep = nr + 3
				args.A, args.AOff, args.KOff = Pointer(a, 0), &offsets(r, rows, nr)[0], &offsets(r, k, nr)[0]
				run(t, "depth", k, c, args, kn.Depth, depthGeneric, nr)
			}
		}
	}
}

func TestDots(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for _, level := range isa.Available() {
		for cols := 1; cols <= DotsMax; cols++ {
			d := NewDots(level, cols)
			for rows := 1; rows <= d.MR(); rows++ {
				for _, s := range [][3]int{{1, 1, 0}, {1, 8, 0}, {1, 15, 0}, {2, 16, 7}, {3, 19, 2}, {2, 33, 1}} {
					segs, segLen, skip := s[0], s[1], s[2]
					k := segs * segLen
					span := k + (segs-1)*skip
					args := Args{A: Pointer(random(t, r, rows*span), 0), B: Pointer(random(t, r, (cols-1)*(k+1)+k), 0),
						AOff: &offsets(r, rows, span)[0], COff: &offsets(r, rows, 1)[0],
						Rows: rows, Segs: segs, SegLen: segLen, ASkip: skip, BStep: k + 1, CStep: rows}
					run(t, fmt.Sprint("dots", cols), k, random(t, r, rows*cols), args, d.Dot, dotGeneric, cols)
				}
			}
		}
	}
}

func TestPacking(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, kn := range kernels() {
		for _, k := range []int{0, 1, 7, 8, 9, 24, 31} {
			for n := 1; n <= 2*kn.NR()+1; n++ {
				nr, ld, panel := kn.NR(), n+3, k*kn.NR()+5
				src := random(t, r, max((k-1)*ld+n, 0))
				dst := fence.Floats(t, (n-1)/nr*panel+k*nr)
				kn.Copy(dst, src, k, n, ld, panel)
				for row := range k {
					for col := range (n + nr - 1) / nr * nr {
						v := dst[col/nr*panel+row*nr+col%nr]
						if col < n && v != src[row*ld+col] || col >= n && v != 0 {
							t.Fatalf("%v copy %d×%d: [%d,%d] = %v", kn, k, n, row, col, v)
						}
					}
				}
				step := n + 2
				dst = fence.Floats(t, max((k-1)*step+n, 0))
				kn.Move(dst, src, k, n, step, ld)
				for i := range k * n {
					if row, col := i/n, i%n; dst[row*step+col] != src[row*ld+col] {
						t.Fatalf("%v move %d×%d: [%d,%d] = %v", kn, k, n, row, col, dst[row*step+col])
					}
				}
				if n > nr {
					continue
				}
				ld = k + 5
				src = random(t, r, (n-1)*ld+k)
				for _, width := range []int{kn.NR(), kn.MR()} {
					if n > width {
						continue
					}
					dst = fence.Floats(t, k*width+7)
					kn.Transpose(dst, src, k, n, ld, width)
					for i := range k * n {
						if row, col := i/n, i%n; dst[row*width+col] != src[col*ld+row] {
							t.Fatalf("%v transpose %d×%d: [%d,%d] = %v", kn, k, n, row, col, dst[row*width+col])
						}
					}
				}
			}
		}
	}
}

func TestGather(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, kn := range kernels() {
		for rows := 1; rows < 40; rows++ {
			for _, k := range []int{0, 1, 5} {
				mr, tile := kn.MR(), k*kn.MR()+7
				src, off := random(t, r, max(rows*k, 1)), offsets(r, k, rows)
				dst := fence.Floats(t, (rows+mr-1)/mr*tile)
				kn.Gather(dst, src, off, rows, tile)
				for i := range rows {
					for j, o := range off {
						if got := dst[i/mr*tile+j*mr+i%mr]; got != src[o+i] {
							t.Fatalf("%v %d×%d: [%d,%d] = %v, want %v", kn, rows, k, i, j, got, src[o+i])
						}
					}
				}
			}
		}
	}
}

func TestPeak(t *testing.T) {
	for _, l := range isa.Available() {
		if p := Peak(l); (p > 0.01) != (l != isa.Generic) {
			t.Errorf("%s: peak %v GFLOP/s", l, p)
		}
	}
}

// BenchmarkTile reports GFLOP/s with all operands in the first-level cache.
func BenchmarkTile(b *testing.B) {
	const k = 256
	for _, kn := range kernels() {
		mr, nr := kn.MR(), kn.NR()
		x, y, c := make([]float32, mr*(k+16)+64), make([]float32, k*nr), make([]float32, mr*nr)
		var aOff, cOff, kOff, bOff []int
		for i := range mr {
			aOff, cOff = append(aOff, i*(k+16)), append(cOff, i*nr)
		}
		for i := range k {
			kOff, bOff = append(kOff, i*mr), append(bOff, i*nr)
		}
		args := Args{A: Pointer(x, 0), B: Pointer(y, 0), C: Pointer(c, 0), AOff: &aOff[0], COff: &cOff[0], AStep: mr,
			KOff: &kOff[0], BStep: nr, BOff: &bOff[0],
			Rows: mr, Segs: 1, SegLen: k}
		for name, f := range map[string]func(*Args){"rows": kn.Rows, "outer": kn.Outer, "walk": kn.Walk} {
			b.Run(fmt.Sprintf("%s/%s%dx%d", name, kn.level, mr, nr), func(b *testing.B) {
				const calls = 20
				m := meter.Run(b, func(m *meter.Meter) {
					m.Each(1, func(int) {
						for range calls {
							f(&args)
						}
					})
				})
				m.Report(b, calls*2*float64(mr*nr*k), Peak(kn.level))
			})
		}
	}
}
