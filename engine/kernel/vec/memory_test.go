package vec

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/limner-ai/limner/engine/kernel/fence"
	"github.com/limner-ai/limner/engine/kernel/isa"
)

// random is a number between -4 and 4, sometimes 0.
func random(rng *rand.Rand) float32 {
	if rng.IntN(8) == 0 {
		return 0
	}
	return rng.Float32()*8 - 4
}

func randomize(rng *rand.Rand, xs ...[]float32) {
	for _, x := range xs {
		for i := range x {
			x[i] = random(rng)
		}
	}
}

// TestLengths runs every kernel on every length to 70 and some longer, with
// slices that end where memory does and begin at any alignment.
func TestLengths(t *testing.T) {
	const most = 300
	var lengths []int
	for n := range 71 {
		lengths = append(lengths, n)
	}
	lengths = append(lengths, 127, 128, 129, 255, 300)
	rng := rand.New(rand.NewPCG(1, 2))
	fa, fb, fc, fd := fence.Floats(t, most), fence.Floats(t, most), fence.Floats(t, most), fence.Floats(t, most)
	eachLevel(t, func(t *testing.T, l isa.Level) {
		for _, k := range kernels {
			for _, n := range lengths {
				end := func(x []float32, off int) []float32 { return x[most-n-off : most-off] }
				for _, off := range []int{0, 1, 5} {
					if n+off > most {
						continue
					}
					a, b, c := end(fa, 0), end(fb, 0), end(fc, 0)
					randomize(rng, a, b, c)
					for i := range fd {
						fd[i] = fence.Canary
					}
					k.run(end(fd, off), a, b, c, 1.5, -0.5)
					k.check(t, end(fd, off), a, b, c, 1.5, -0.5)
					for i, x := range fd {
						if (i < most-n-off || i >= most-off) && math.Float32bits(x) != math.Float32bits(fence.Canary) {
							t.Fatalf("%s of %d elements wrote element %d", k.name, n, i-(most-n-off))
						}
					}
				}
			}
		}
	})
}

// check fails t where got is not what the kernel means.
func (k kernel) check(t *testing.T, got, a, b, c []float32, s, u float32) {
	t.Helper()
	for i, g := range got {
		if e := ulps(g, k.at(i, a, b, c, s, u)); e > k.ulps {
			t.Fatalf("%s, element %d of %d: %g, want %g", k.name, i, len(got), g, k.at(i, a, b, c, s, u))
		}
	}
}

// TestInPlace lets dst be each of the sources.
func TestInPlace(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	eachLevel(t, func(t *testing.T, l isa.Level) {
		for _, k := range kernels {
			for _, n := range []int{1, 8, 19, 64, 77, 1024, span + 13} {
				if n > 1024 && k.ulps > half {
					continue
				}
				for dst := range strings.SplitSeq(k.uses, "") {
					var src, kept [3][]float32
					for i := range src {
						src[i] = make([]float32, n)
						randomize(rng, src[i])
						kept[i] = append([]float32(nil), src[i]...)
					}
					d := src[dst[0]-'a']
					k.run(d, src[0], src[1], src[2], 1.5, -0.5)
					k.check(t, d, kept[0], kept[1], kept[2], 1.5, -0.5)
				}
			}
		}
	})
}

func TestLengthError(t *testing.T) {
	for _, k := range kernels {
		for _, short := range k.uses {
			a, b, c := make([]float32, 5), make([]float32, 5), make([]float32, 5)
			for i, p := range []*[]float32{&a, &b, &c} {
				if rune('a'+i) == short {
					*p = (*p)[:4]
				}
			}
			func() {
				defer func() {
					if e, ok := recover().(*LengthError); !ok || e.Want != 5 || e.Got != 4 || e.Error() == "" {
						t.Errorf("%s with a short %c: panic %v", k.name, short, e)
					}
				}()
				k.run(make([]float32, 5), a, b, c, 1, 2)
			}()
		}
	}
}

// FuzzKernels gives arbitrary bit patterns to an arbitrary kernel.
func FuzzKernels(f *testing.F) {
	f.Add(uint8(0), uint32(0x3f800000), uint32(0), []byte("0123456789abcdef0123456789abcdef"))
	f.Fuzz(func(t *testing.T, which uint8, s, u uint32, data []byte) {
		k := kernels[int(which)%len(kernels)]
		n := len(data) / 12
		if n > 200 {
			return
		}
		var src [3][]float32
		for i := range src {
			src[i] = fence.Floats(t, n)
			for j := range src[i] {
				d := data[(i*n+j)*4:]
				src[i][j] = math.Float32frombits(uint32(d[0]) | uint32(d[1])<<8 | uint32(d[2])<<16 | uint32(d[3])<<24)
			}
		}
		x, y := math.Float32frombits(s), math.Float32frombits(u)
		dst := fence.Floats(t, n)
		eachLevel(t, func(t *testing.T, l isa.Level) {
			k.run(dst, src[0], src[1], src[2], x, y)
			k.check(t, dst, src[0], src[1], src[2], x, y)
		})
	})
}
