package tensor

import (
	"math"
	"testing"
)

// Vectors from Random123's kat_vectors (philox4x32, 10 rounds).
func TestPhiloxPublishedVectors(t *testing.T) {
	const f = 0xffffffff
	for _, c := range []struct {
		ctr  [4]uint32
		key  [2]uint32
		want [4]uint32
	}{
		{[4]uint32{}, [2]uint32{}, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[4]uint32{f, f, f, f}, [2]uint32{f, f}, [4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, [2]uint32{0xa4093822, 0x299f31d0},
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		if got := philox4x32(c.ctr, c.key); got != c.want {
			t.Errorf("philox(%x, %x) = %x, want %x", c.ctr, c.key, got, c.want)
		}
	}
}

// Any split of a stream gives the same elements.
func TestPhiloxSplitInvariant(t *testing.T) {
	p := Philox{Seed: 7, Stream: StreamOf("eps"), Step: 3}
	fills := map[string]func([]float32, int){"uniform": p.Uniform, "normal": p.Normal}
	for name, fill := range fills {
		whole := make([]float32, 1003)
		fill(whole, 0)
		for _, cut := range []int{1, 2, 3, 5, 64, 1002} {
			parts := make([]float32, 1003)
			fill(parts[:cut], 0)
			fill(parts[cut:], cut)
			for i := range whole {
				if whole[i] != parts[i] {
					t.Fatalf("%s cut at %d: element %d differs", name, cut, i)
				}
			}
		}
	}
}

func TestPhiloxMoments(t *testing.T) {
	p := Philox{Seed: 1}
	x := make([]float32, 1<<18)
	for name, c := range map[string]struct {
		fill       func([]float32, int)
		mean, var_ float64
	}{"uniform": {p.Uniform, .5, 1. / 12}, "normal": {p.Normal, 0, 1}} {
		c.fill(x, 0)
		var m, v float64
		for _, e := range x {
			m += float64(e)
		}
		m /= float64(len(x))
		for _, e := range x {
			v += (float64(e) - m) * (float64(e) - m)
		}
		v /= float64(len(x))
		if math.Abs(m-c.mean) > .01 || math.Abs(v-c.var_) > .01 {
			t.Errorf("%s: mean %.4f variance %.4f", name, m, v)
		}
	}
}

func TestUnitIsOpen(t *testing.T) {
	if lo, hi := unit(0), unit(math.MaxUint32); lo <= 0 || hi >= 1 {
		t.Fatalf("unit reaches %v, %v", lo, hi)
	}
}

func BenchmarkPhilox(b *testing.B) {
	x := make([]float32, 4096)
	p := Philox{Seed: 1}
	for name, fill := range map[string]func([]float32, int){"uniform": p.Uniform, "normal": p.Normal} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(4 * len(x)))
			for range b.N {
				fill(x, 0)
			}
		})
	}
}
