// Package alignment measures whether pictures show what was asked for in
// words, by a network that was trained to tell which words belong to which
// picture, apart from every generator.
package alignment

import (
	"fmt"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/family"
	"github.com/limner-ai/limner/model/trained"
)

// Batch is how many pictures or texts the network takes at once.
const Batch = 32

const embedding = "embedding"

// Encoder embeds words and pictures as rows of unit length: the closer they
// belong together, the greater their product.
type Encoder struct {
	Name     string
	Digest   string
	Pictures model.Pictures
	Dim      int

	words      model.Worded
	read, look *trained.Call
}

// NewEncoder takes a model that reads words and looks at pictures, of the
// family contrast.
func NewEncoder(m *trained.Model) (*Encoder, error) {
	words, ok := m.Model.(model.Worded)
	if !ok || words.Tokens() == 0 || !m.Has(model.UseRead) || !m.Has(model.UseLook) {
		return nil, fmt.Errorf("the %s model %s does not hold words against pictures: name one of the family contrast", m.Manifest.Family, m.Manifest.Name)
	}
	e := &Encoder{Name: m.Manifest.Name, Digest: m.Digest, Pictures: m.Manifest.Pictures, words: words}
	var err error
	if e.read, err = m.Call(model.UseRead, Batch); err != nil {
		return nil, err
	}
	if e.look, err = m.Call(model.UseLook, Batch); err != nil {
		return nil, err
	}
	r, l := e.read.Output(embedding), e.look.Output(embedding)
	if r == nil || l == nil || r.Shape.Rank() != 2 || !r.Shape.Equal(l.Shape) || e.read.Input(model.InputTokens) == nil || e.look.Input(model.InputImages) == nil {
		return nil, fmt.Errorf("the model %s lacks embeddings of equal length of words and of pictures", e.Name)
	}
	e.Dim = r.Shape[1]
	return e, nil
}

// Open takes the model at path, a file or the folder of a run.
func Open(path string, engine trained.Engine) (*Encoder, error) {
	m, err := trained.Open(path, family.All(), engine)
	if err != nil {
		return nil, err
	}
	return NewEncoder(m)
}

// Read embeds texts as rows [n Dim].
func (e *Encoder) Read(texts []string) (*tensor.Tensor, error) {
	in := e.read.Input(model.InputTokens)
	return e.embed(e.read, len(texts), func(slot, i int) { e.words.Tokenise(in.Row(slot), texts[i]) })
}

// Look embeds images [n h w c] as rows [n Dim].
func (e *Encoder) Look(images *tensor.Tensor) (*tensor.Tensor, error) {
	in := e.look.Input(model.InputImages)
	if images.Shape.Rank() != 4 || !images.Shape[1:].Equal(in.Shape[1:]) {
		return nil, fmt.Errorf("the network %s sees pictures of %v, not %v", e.Name, in.Shape[1:], images.Shape)
	}
	return e.embed(e.look, images.Shape[0], func(slot, i int) { copy(in.Row(slot), images.Row(i)) })
}

// embed runs a call on n things, which fill puts into the slots of a batch.
func (e *Encoder) embed(call *trained.Call, n int, fill func(slot, i int)) (*tensor.Tensor, error) {
	out := tensor.New(n, e.Dim)
	for at := 0; at < n; at += Batch {
		count := min(Batch, n-at)
		for slot := range Batch {
			fill(slot, at+min(slot, count-1))
		}
		if err := call.Run(0, 0); err != nil {
			return nil, err
		}
		copy(out.Data[at*e.Dim:], call.Output(embedding).Data[:count*e.Dim])
	}
	return out, nil
}
