package tensor

import "math"

// Philox is the counter-based generator Philox4x32-10 of Salmon et al.,
// "Parallel Random Numbers: As Easy as 1, 2, 3" (SC 2011), section 4.3.
// The 128-bit counter is split into a 64-bit block index, a 32-bit stream and
// a 32-bit step, so that element i of a tensor is a pure function of
// (seed, stream, step, i): the result does not depend on who computes it.
type Philox struct {
	Seed   uint64
	Stream uint32
	Step   uint32
}

const (
	philoxM0 = 0xD2511F53
	philoxM1 = 0xCD9E8D57
	philoxW0 = 0x9E3779B9
	philoxW1 = 0xBB67AE85
)

// philox4x32 applies ten rounds to counter c under key k. The words are kept
// in variables, because arrays would go through memory in every round.
func philox4x32(c [4]uint32, k [2]uint32) [4]uint32 {
	c0, c1, c2, c3 := uint64(c[0]), c[1], uint64(c[2]), c[3]
	k0, k1 := k[0], k[1]
	for range 10 {
		p0, p1 := philoxM0*c0, philoxM1*c2
		c0, c1, c2, c3 = uint64(uint32(p1>>32)^c1^k0), uint32(p1), uint64(uint32(p0>>32)^c3^k1), uint32(p0)
		k0 += philoxW0
		k1 += philoxW1
	}
	return [4]uint32{uint32(c0), c1, uint32(c2), c3}
}

// Block returns the four words of counter block i.
func (p Philox) Block(i uint64) [4]uint32 {
	return philox4x32(
		[4]uint32{uint32(i), uint32(i >> 32), p.Stream, p.Step},
		[2]uint32{uint32(p.Seed), uint32(p.Seed >> 32)})
}

// Uniform fills dst with elements [at, at+len(dst)) of the stream of
// uniforms on the open interval (0, 1), 24 random bits each.
func (p Philox) Uniform(dst []float32, at int) {
	for len(dst) > 0 {
		w := p.Block(uint64(at) >> 2)
		if at&3 == 0 && len(dst) >= 4 {
			dst[0], dst[1], dst[2], dst[3] = unit(w[0]), unit(w[1]), unit(w[2]), unit(w[3])
			dst, at = dst[4:], at+4
			continue
		}
		dst[0] = unit(w[at&3])
		dst, at = dst[1:], at+1
	}
}

// Normal fills dst with elements [at, at+len(dst)) of the stream of standard
// normals, by Box and Muller's transform of pairs of words.
func (p Philox) Normal(dst []float32, at int) {
	for i := 0; i < len(dst); {
		e := uint64(at + i)
		w := p.Block(e >> 2)
		var z [4]float32
		z[0], z[1] = boxMuller(w[0], w[1])
		z[2], z[3] = boxMuller(w[2], w[3])
		for j := int(e & 3); j < 4 && i < len(dst); j++ {
			dst[i] = z[j]
			i++
		}
	}
}

// unit maps a word to (k + 1/2) / 2^24, k = its upper 24 bits but for the
// last step, which would round to one.
func unit(w uint32) float32 {
	k := w >> 8
	if k == 1<<24-1 {
		k--
	}
	return (float32(k) + 0.5) * (1.0 / (1 << 24))
}

func boxMuller(a, b uint32) (float32, float32) {
	// 32 bits of the first word reach 6.66 sigma; the half keeps log finite.
	u := (float64(a) + 0.5) * (1.0 / (1 << 32))
	r := math.Sqrt(-2 * math.Log(u))
	sin, cos := math.Sincos(2 * math.Pi * float64(b) * (1.0 / (1 << 32)))
	return float32(r * cos), float32(r * sin)
}

// StreamOf names a stream by the FNV-1a hash of a text.
func StreamOf(name string) uint32 {
	h := uint32(2166136261)
	for i := range len(name) {
		h = (h ^ uint32(name[i])) * 16777619
	}
	return h
}
