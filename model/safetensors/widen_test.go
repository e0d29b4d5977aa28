package safetensors

import (
	"encoding/binary"
	"math"
	"testing"
)

// Every bfloat16 is the upper half of its float32, in rows of any length.
func TestWidenBF16(t *testing.T) {
	const all = 1 << 16
	src := make([]byte, 2*all)
	for i := range all {
		binary.LittleEndian.PutUint16(src[2*i:], uint16(i*40503)) // every pattern once, in no order
	}
	for _, n := range []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, all - 1, all} {
		dst := make([]float32, n+1)
		dst[n] = 42
		widenBF16(dst, src[:2*n])
		for i, x := range dst[:n] {
			if got, want := math.Float32bits(x), uint32(uint16(i*40503))<<16; got != want {
				t.Fatalf("value %d of %d is %#x, want %#x", i, n, got, want)
			}
		}
		if dst[n] != 42 {
			t.Fatalf("%d values wrote over the one after them", n)
		}
	}
}
