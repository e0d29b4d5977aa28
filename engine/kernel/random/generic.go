package random

import "math"

func uniformGeneric(dst []float32, seed, block, stream uint64) {
	for ; len(dst) >= 4; dst, block = dst[4:], block+1 {
		w := Philox([2]uint64{block, stream}, seed)
		dst[0], dst[1], dst[2], dst[3] = unit(w[0]), unit(w[1]), unit(w[2]), unit(w[3])
	}
}

func normalGeneric(dst []float32, seed, block, stream uint64) {
	for ; len(dst) >= 4; dst, block = dst[4:], block+1 {
		w := Philox([2]uint64{block, stream}, seed)
		dst[0], dst[1] = boxMuller(w[0], w[1])
		dst[2], dst[3] = boxMuller(w[2], w[3])
	}
}

// unit maps a word to (k + 1/2) / 2²⁴, k = its upper 24 bits but for the last
// value, which would round to one.
func unit(w uint32) float32 {
	k := min(w>>8, 1<<24-2)
	return (float32(k) + 0.5) * (1.0 / (1 << 24))
}

// boxMuller maps two words to two standard normals: Box and Muller, "A Note on
// the Generation of Random Normal Deviates" (1958). Everything is float32 and
// every product and sum is rounded on its own (an explicit conversion forbids
// fusing them), so that the assembly gives the same bits.
func boxMuller(a, b uint32) (float32, float32) {
	// 32 bits of the first word reach 6.66 sigma; the half keeps log finite.
	f := math.Float32bits(float32(float64(a) + 0.5))
	// f = 2ⁿ(1+x) with √½ ≤ 1+x ≤ √2.
	n := int32(f-0x3f3504f3) >> 23
	x := math.Float32frombits(f-uint32(n)<<23) - 1
	p := float32(x * -0.07684313505887985)
	p = float32((p + 0.12792959809303284) * x)
	p = float32((p - 0.13162820041179657) * x)
	p = float32((p + 0.14200976490974426) * x)
	p = float32((p - 0.16623333096504211) * x)
	p = float32((p + 0.20001260936260223) * x)
	p = float32((p - 0.250008225440979) * x)
	p = float32((p + 0.3333333134651184) * x)
	p = float32((p - 0.5) * float32(x*x))
	l := float32(float32(n-32)*math.Ln2) + (p + x)
	r := float32(math.Sqrt(float64(float32(l * -2))))

	// The angle is b/2³² of a turn: a quarter, and up to an eighth either way.
	q := b + 1<<29
	t := float32(float32(int32(q&(1<<30-1)-1<<29)) * (2 * math.Pi / (1 << 32)))
	z := float32(t * t)
	s := float32(z * -0.00019517895998433232)
	s = float32((s + 0.008332187309861183) * z)
	s = float32((s-0.16666655242443085)*float32(z*t)) + t
	c := float32(z * 2.4432327336398885e-05)
	c = float32((c - 0.0013887309469282627) * z)
	c = float32((c + 0.04166664555668831) * z)
	c = float32((c-0.5)*z) + 1
	switch q >> 30 {
	case 0:
		return r * c, r * s
	case 1:
		return r * -s, r * c
	case 2:
		return r * -c, r * -s
	}
	return r * s, r * -c
}
