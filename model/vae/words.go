package vae

import (
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/nn"
)

// wordsScope is the scope of the text encoder, and its key in a configuration.
const wordsScope = "words"

var (
	_ model.Worded    = (*vae)(nil)
	_ model.Composite = Family{}
)

// Parts implements model.Composite.
func (Family) Parts(decode func(any) error) (map[string]model.Part, error) {
	var c Config
	if err := decode(&c); err != nil || !c.worded() {
		return nil, err
	}
	return map[string]model.Part{wordsScope: c.Words}, nil
}

// Tokens implements model.Worded.
func (m *vae) Tokens() int {
	if m.words == nil {
		return 0
	}
	return m.words.Tokens()
}

// Tokenise implements model.Worded.
func (m *vae) Tokenise(dst []float32, prompt string) {
	if m.words != nil {
		m.words.Tokenise(dst, prompt)
	}
}

// told is what the nets are told of pictures: both of them their classes y as
// one-hot rows [n classes], the decoder alone what the text encoder makes of their
// prompts, [n d]; a prior of words is told too. Either is nil where there is none.
// Since q(z|x) is not told, a picture has the same latents whatever is said of it, and
// since what is said costs no nats, the bound leaves it out of z.
type told struct{ y, said *graph.Value }

// read is what the text encoder, which is not trained, makes of prompts as a
// whole: [n d] of tokens [n k].
func (m *vae) read(s *nn.Scope, tokens *graph.Value) *graph.Value {
	_, pooled, _ := m.words.Read(s.Sub(wordsScope).Frozen(), tokens)
	return pooled
}

// silence is the reading of the empty prompt, n times; nil without words.
func (m *vae) silence(s *nn.Scope, n int) *graph.Value {
	if m.words == nil {
		return nil
	}
	read := m.read(s, m.empty(s.Graph))
	return read.BroadcastTo(n, read.Dim(1))
}

// empty is the empty prompt, [1 k].
func (m *vae) empty(g *graph.Graph) *graph.Value {
	tokens := tensor.New(1, m.Tokens())
	m.Tokenise(tokens.Data, "")
	return g.Constant(tokens)
}

// untold are n pictures of classes y of which nothing is said in words.
func (m *vae) untold(s *nn.Scope, y *graph.Value, n int) told { return told{y, m.silence(s, n)} }

// listen reads the prompts of a batch, some of which are left empty.
func (m *vae) listen(s *nn.Scope, batch int) *graph.Value {
	if m.words == nil {
		return nil
	}
	g := s.Graph
	tokens := g.Input(model.InputTokens, batch, m.Tokens())
	if m.c.Drop > 0 {
		dropped := g.Uniform("drop", batch, 1).Less(g.Full(float32(m.c.Drop), batch, 1))
		tokens = graph.Select(dropped.BroadcastTo(tokens.Shape()...), m.empty(g).BroadcastTo(tokens.Shape()...), tokens)
	}
	return m.read(s, tokens)
}

// conditions are the rows that stand beside latents: the classes, and what the
// decoder in s makes of readings.
func (m *vae) conditions(s *nn.Scope, t told) *graph.Value {
	if t.said == nil {
		return t.y
	}
	said := m.act.Apply(nn.Dense(s.Sub("words"), nn.PixelNorm(t.said), m.c.Embedding, m.kaiming()))
	if t.y == nil {
		return said
	}
	return graph.Concat(1, t.y, said)
}

// times repeats each row of what is told.
func (t told) times(draws int) told { return told{repeat(t.y, draws), repeat(t.said, draws)} }

// repeat repeats each row of v [n d], if there is any.
func repeat(v *graph.Value, times int) *graph.Value {
	if v == nil {
		return nil
	}
	n, d := v.Dim(0), v.Dim(1)
	return v.Reshape(n, 1, d).BroadcastTo(n, times, d).Reshape(n*times, d)
}
