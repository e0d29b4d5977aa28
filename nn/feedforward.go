package nn

import "github.com/limner-ai/limner/engine/graph"

// FeedForward is the two-layer net that a transformer applies to each token of
// x [… c]: act(x·W₁ + b₁)·W₂ + b₂, Vaswani et al. (2017), equation 2. Its
// parameters are in/w [c hidden], in/b, out/w [hidden c] and out/b.
func FeedForward(s *Scope, x *graph.Value, hidden int, act Activation) *graph.Value {
	in, out := s.Sub("in"), s.Sub("out")
	h := act.Apply(Bias(in, Project(in, x, hidden, KaimingIn(act.Gain))))
	return Bias(out, Project(out, h, x.Dim(-1), KaimingIn(1)))
}

// SwiGLU is the gated net (SiLU(x·W) ∘ x·V)·W₂ without biases: Shazeer, "GLU
// Variants Improve Transformer" (2020), equation 6. It has the parameters of
// a FeedForward at two thirds of its hidden channels. They are gate/w and
// in/w [c hidden], and out/w [hidden c].
func SwiGLU(s *Scope, x *graph.Value, hidden int) *graph.Value {
	gate := SiLU(Project(s.Sub("gate"), x, hidden, KaimingIn(1)))
	h := gate.Mul(Project(s.Sub("in"), x, hidden, KaimingIn(1)))
	// E[SiLU(z)²] of a standard normal z is 1/1.68².
	return Project(s.Sub("out"), h, x.Dim(-1), KaimingIn(1.676532))
}
