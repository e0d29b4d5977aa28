package nn

import "github.com/limner-ai/limner/engine/graph"

// Modulation is what a condition does to a branch of a block: [b 1 c] each.
// Peebles and Xie, "Scalable Diffusion Models with Transformers" (2023),
// section 3.2, call them β, γ and α.
type Modulation struct {
	Shift, Scale, Gate *graph.Value
}

// Modulate is x·(1 + scale) + shift for tokens x [b n c], which have been
// normalised without an affine map of their own.
func (m Modulation) Modulate(x *graph.Value) *graph.Value {
	return x.Mul(m.Scale.AddScalar(1)).Add(m.Shift)
}

// Residual is x + gate·f(modulate(norm(x))), a branch of a DiT block: Peebles
// and Xie (2023), figure 3.
func (m Modulation) Residual(x *graph.Value, norm, f func(*graph.Value) *graph.Value) *graph.Value {
	return x.Add(m.Gate.Mul(f(m.Modulate(norm(x)))))
}

// AdaLNZero makes the modulations of a block's branches from a condition
// [b e]: SiLU, then Dense to 3·branches·c numbers, which starts at zero, so
// that every block begins as the identity: Peebles and Xie (2023), section
// 3.2. Its parameters are w [e 3·branches·c] and b.
func AdaLNZero(s *Scope, cond *graph.Value, branches, c int) []Modulation {
	return modulations(Dense(s, SiLU(cond), 3*branches*c, Zeros), branches)
}

// AdaLNSingle is the one map from a condition that all blocks share, [b
// 3·branches·c]: Chen et al., "PixArt-α" (2023), section 2.3. Its parameters
// are w and b as in AdaLNZero. [AdaLNBlock] makes of it what a block needs.
func AdaLNSingle(s *Scope, cond *graph.Value, branches, c int) *graph.Value {
	return Dense(s, SiLU(cond), 3*branches*c, Zeros)
}

// AdaLNBlock adds a block's own parameter table [3·branches·c] to the shared
// map [b 3·branches·c]: S(i) = g(S̄, E(i)), Chen et al. (2023), section 2.3. The
// table starts at zero, and with it every gate.
func AdaLNBlock(s *Scope, shared *graph.Value, branches int) []Modulation {
	return modulations(shared.Add(s.Param("table", Zeros, shared.Dim(1))), branches)
}

// modulations parts [b 3·branches·c] into shift, scale and gate of one branch
// after the other.
func modulations(all *graph.Value, branches int) []Modulation {
	out := make([]Modulation, branches)
	c := all.Dim(1) / (3 * branches)
	for i := range out {
		part := func(j int) *graph.Value {
			at := (3*i + j) * c
			return all.Slice(1, at, at+c).Reshape(-1, 1, c)
		}
		out[i] = Modulation{Shift: part(0), Scale: part(1), Gate: part(2)}
	}
	return out
}

// FinalModulation is the shift and scale before the output layer, without a
// gate: Dense from SiLU(cond) to 2c, which starts at zero. Peebles and Xie
// (2023), section 3.2. Its parameters are w [e 2c] and b.
func FinalModulation(s *Scope, cond *graph.Value, c int) Modulation {
	y := Dense(s, SiLU(cond), 2*c, Zeros)
	return Modulation{Shift: y.Slice(1, 0, c).Reshape(-1, 1, c), Scale: y.Slice(1, c, 2*c).Reshape(-1, 1, c)}
}
