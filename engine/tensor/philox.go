package tensor

import "github.com/limner-ai/limner/engine/kernel/random"

// Philox is the counter-based generator Philox4x32-10 (see package random).
// The 128-bit counter is split into a 64-bit block index, a 32-bit stream and
// a 32-bit step, so that element i of a tensor is a pure function of
// (seed, stream, step, i): the result does not depend on who computes it, nor
// on the processor's instructions.
type Philox struct {
	Seed   uint64
	Stream uint32
	Step   uint32
}

// stream is the upper half of the counter.
func (p Philox) stream() uint64 { return uint64(p.Step)<<32 | uint64(p.Stream) }

// Block returns the four words of counter block i.
func (p Philox) Block(i uint64) [4]uint32 { return random.Philox([2]uint64{i, p.stream()}, p.Seed) }

// Uniform fills dst with elements [at, at+len(dst)) of the stream of
// uniforms on the open interval (0, 1), 24 random bits each.
func (p Philox) Uniform(dst []float32, at int) { random.Uniform(dst, at, p.Seed, p.stream()) }

// Normal fills dst with elements [at, at+len(dst)) of the stream of standard
// normals, by Box and Muller's transform of pairs of words.
func (p Philox) Normal(dst []float32, at int) { random.Normal(dst, at, p.Seed, p.stream()) }

// StreamOf names a stream by the FNV-1a hash of a text.
func StreamOf(name string) uint32 {
	h := uint32(2166136261)
	for i := range len(name) {
		h = (h ^ uint32(name[i])) * 16777619
	}
	return h
}
