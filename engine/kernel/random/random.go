// Package random fills slices with the numbers of Philox4x32-10, the
// counter-based generator of Salmon et al., "Parallel Random Numbers: As Easy
// as 1, 2, 3" (SC 2011), section 4.3. It exists in portable Go, AVX2 and
// AVX-512, which give the same bits; isa.Active chooses one when the program
// starts.
//
// The lower half of the 128-bit counter is the index of a block of four
// elements, the upper half names a stream.
package random

import "github.com/limner-ai/limner/engine/kernel/isa"

// filler fills dst, a whole number of turns, with what the counter blocks from
// block on give.
type filler func(dst []float32, seed, block, stream uint64)

// set is one implementation.
type set struct {
	uniform, normal filler
	turn            int // elements
}

var generic = set{uniformGeneric, normalGeneric, 4}

// active is the set in force. Tests exchange it.
var active = implementations[isa.Active()]

// Uniform fills dst with elements [at, at+len(dst)) of the uniforms on the
// open interval (0, 1), 24 random bits each:
//
//	for i := range dst { dst[i] = unit(word(at + i)) }
func Uniform(dst []float32, at int, seed, stream uint64) {
	fill(false, dst, at, seed, stream)
}

// Normal fills dst with elements [at, at+len(dst)) of the standard normals, by
// Box and Muller's transform of pairs of words:
//
//	for i := range dst {
//		z, y := boxMuller(word((at+i)&^1), word((at+i)|1))
//		if (at+i)&1 == 0 { dst[i] = z } else { dst[i] = y }
//	}
func Normal(dst []float32, at int, seed, stream uint64) {
	fill(true, dst, at, seed, stream)
}

// span is the most elements that one call of an assembly kernel makes: the
// runtime cannot stop a goroutine within one.
const span = 1 << 14

// fill computes whole turns in the active set. Blocks that are left over and
// blocks that dst begins or ends within come from portable code, called by its
// name so that the compiler sees that side need not lie on the heap.
func fill(normal bool, dst []float32, at int, seed, stream uint64) {
	f, plain := active.uniform, uniformGeneric
	if normal {
		f, plain = active.normal, normalGeneric
	}
	for len(dst) > 0 {
		block := uint64(at) >> 2
		n := min(len(dst)&^(active.turn-1), span)
		switch {
		case at&3 == 0 && n > 0:
			f(dst[:n], seed, block, stream)
		case at&3 == 0 && len(dst) >= 4:
			n = 4
			plain(dst[:n], seed, block, stream)
		default:
			var side [4]float32
			if normal {
				normalGeneric(side[:], seed, block, stream)
			} else {
				uniformGeneric(side[:], seed, block, stream)
			}
			n = copy(dst, side[at&3:])
		}
		dst, at = dst[n:], at+n
	}
}

// Philox applies ten rounds to a counter under the key seed.
func Philox(counter [2]uint64, seed uint64) [4]uint32 {
	// The words are kept in variables: arrays would go through memory in every
	// round.
	c0, c1 := uint64(uint32(counter[0])), uint32(counter[0]>>32)
	c2, c3 := uint64(uint32(counter[1])), uint32(counter[1]>>32)
	k0, k1 := uint32(seed), uint32(seed>>32)
	for range 10 {
		p0, p1 := 0xD2511F53*c0, 0xCD9E8D57*c2
		c0, c1, c2, c3 = uint64(uint32(p1>>32)^c1^k0), uint32(p1), uint64(uint32(p0>>32)^c3^k1), uint32(p0)
		k0 += 0x9E3779B9
		k1 += 0xBB67AE85
	}
	return [4]uint32{uint32(c0), c1, uint32(c2), c3}
}
