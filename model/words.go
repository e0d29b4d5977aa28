package model

import (
	"fmt"
	"iter"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/nn"
)

// Worded is a model that takes prompts in words.
type Worded interface {
	Model
	// Tokens is how many pieces a prompt is cut or filled up to; 0: this
	// configuration takes no words.
	Tokens() int
	// Tokenise writes the pieces of a prompt, Tokens of them, to dst.
	Tokenise(dst []float32, prompt string)
}

// TextEncoder is a Worded model whose encoder others can contain.
type TextEncoder interface {
	Worded
	// Read describes tokens [b n] by a state each [b n d] and one for all
	// [b d]; present [b n] is 0 where there is only filling. Its parameters
	// lie in s as they do in the root of the encoder's own model.
	Read(s *nn.Scope, tokens *graph.Value) (states, pooled, present *graph.Value)
	// Width is d.
	Width() int
}

// BuildEncoder builds a part that reads prompts, of one of the families.
func (p Part) BuildEncoder(families ...Family) (TextEncoder, error) {
	part, err := p.Build(families...)
	if err != nil {
		return nil, fmt.Errorf("words: %w", err)
	}
	encoder, ok := part.(TextEncoder)
	if !ok {
		return nil, fmt.Errorf("words: a model of the family %s reads no text", p.Family)
	}
	return encoder, nil
}

// Learner is a family that learns something from the words of its set before
// its models can be built: the pieces of a tokeniser.
type Learner interface {
	Family
	// Learn returns the configuration that decode gives with what was learnt
	// filled in; nil if it is there already.
	Learn(corpus iter.Seq[string], decode func(any) error) (config any, err error)
	// Inherit returns it with what an earlier model of the family learnt, whose
	// weights mean something with that alone; nil if it is there already. It
	// refuses a configuration that has learnt something else.
	Inherit(earlier, decode func(any) error) (config any, err error)
}
