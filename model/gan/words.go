package gan

import (
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/nn"
)

// Tokens implements model.Worded.
func (m *gan) Tokens() int {
	if m.words == nil {
		return 0
	}
	return m.words.Tokens()
}

// Tokenise implements model.Worded.
func (m *gan) Tokenise(dst []float32, prompt string) {
	if m.words != nil {
		m.words.Tokenise(dst, prompt)
	}
}

// read is what the text encoder, which is not trained, makes of prompts as a
// whole: [n d] of tokens [n k].
func (m *gan) read(s *nn.Scope, tokens *graph.Value) *graph.Value {
	_, pooled, _ := m.words.Read(s.Sub(wordsScope).Frozen(), tokens)
	return pooled
}

// embed is what the net in s makes of readings [n d]: [n embedding].
func (m *gan) embed(s *nn.Scope, prompt *graph.Value) *graph.Value {
	return leaky.Apply(nn.Dense(s.Sub("words"), nn.PixelNorm(prompt), m.c.Embedding, nn.KaimingIn(leaky.Gain)))
}

// modulate is what a prompt does to the channels of pictures x [n h w c] at one
// resolution of G, x·(1 + γ) + β with γ and β linear in G's rows z [n d]: the
// affine layer of Tao et al. (2022), section 3.4, whose γ and β come of a hidden
// layer each. It begins as nothing. Without words it is nothing.
func (c Config) modulate(s *nn.Scope, x, z *graph.Value) *graph.Value {
	if !c.worded() {
		return x
	}
	n := x.Dim(3)
	by := nn.Linear(s.Sub("affine"), z, 2*n, nn.Zeros).Reshape(-1, 1, 1, 2*n)
	return x.Mul(by.Slice(3, 0, n).AddScalar(1)).Add(by.Slice(3, n, 2*n))
}

// listen makes a round of prompts. Some are left empty, as told by noise of
// that name. The pictures' prompts, rolled by one, are those of others; where
// these say nothing else they say nothing wrong, and count 0.
func (m *gan) listen(r *round, tokens *graph.Value, name string) {
	b, n := tokens.Dim(0), tokens.Dim(1)
	empty := tensor.New(1, n)
	m.Tokenise(empty.Data, "")
	silence := r.g.Constant(empty).BroadcastTo(b, n)
	said := tokens
	if m.c.Drop > 0 {
		dropped := r.g.Uniform("drop/"+name, b, 1).Less(r.g.Full(float32(m.c.Drop)))
		said = graph.Select(dropped.BroadcastTo(b, n), silence, tokens)
	}
	others := rolled(said)
	right := alike(others, tokens).Max(alike(others, silence))
	r.wrong = right.Neg().AddScalar(1)
	r.told.prompt = m.read(r.s, said)
}

// mismatched tells of each picture the prompt of another.
func (t told) mismatched() told { return told{t.y, rolled(t.prompt)} }

// rolled is x with its last row before the first.
func rolled(x *graph.Value) *graph.Value {
	n := x.Dim(0)
	if n == 1 {
		return x
	}
	return graph.Concat(0, x.Slice(0, n-1, n), x.Slice(0, 0, n-1))
}

// alike is 1 where rows of a and b [n k] are the same: [n].
func alike(a, b *graph.Value) *graph.Value {
	return a.Equal(b).ReduceSum(1).Squeeze(1).Equal(a.Graph().Full(float32(a.Dim(1))))
}
