package text

import (
	"errors"
	"fmt"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/nn"
)

// Encoder is a transformer that reads prompts: pre-norm blocks (Xiong et al.,
// "On Layer Normalization in the Transformer Architecture", 2020, figure 1b)
// of self-attention with normalised queries and keys and a SwiGLU net of 8/3
// as many channels, which has the parameters of a plain net of 4 times.
type Encoder struct {
	Vocabulary int `json:"vocabulary"` // pieces
	Length     int `json:"length"`     // pieces a prompt is cut or filled up to, with its start and end
	Channels   int `json:"channels"`   // of a state
	Layers     int `json:"layers"`
	Heads      int `json:"heads"` // of attention
}

// DefaultEncoder has 1.7 million parameters.
var DefaultEncoder = Encoder{Vocabulary: 2048, Length: 32, Channels: 192, Layers: 3, Heads: 4}

// Check returns an error if the numbers make no encoder.
func (e Encoder) Check() error {
	switch {
	case e.Vocabulary < Least || e.Vocabulary > Most:
		return fmt.Errorf("vocabulary: want %d to %d pieces, not %d", Least, Most, e.Vocabulary)
	case e.Length < 3 || e.Length > 1<<12:
		return fmt.Errorf("length: want 3 to %d pieces, not %d", 1<<12, e.Length)
	case e.Layers < 1 || e.Layers > 1<<8:
		return fmt.Errorf("layers: want 1 to %d, not %d", 1<<8, e.Layers)
	case e.Channels < 1 || e.Channels > 1<<14:
		return fmt.Errorf("channels: want 1 to %d, not %d", 1<<14, e.Channels)
	case e.Heads < 1 || e.Channels%e.Heads != 0:
		return errors.New("heads: want a number that divides the channels")
	}
	return nil
}

// Read describes tokens [b n], n ≤ Length, by a state for each [b n d] and
// their mean [b d]; present [b n] is 1 at pieces and 0 at Pad, which nothing
// looks at. Rows of nothing but Pad have a mean of 0. The parameters in s are
// pieces/table, places/w, layer0…, norm/scale.
func (e Encoder) Read(s *nn.Scope, tokens *graph.Value) (states, pooled, present *graph.Value) {
	b, n, d := tokens.Dim(0), tokens.Dim(1), e.Channels
	present = tokens.Greater(s.Graph.Full(Pad))
	// A block adds about as much as this, so that at first a state still tells
	// its piece from the others that attention mixes in.
	x := nn.Embedding(s.Sub("pieces"), tokens.Reshape(b*n), e.Vocabulary, d, nn.Normal(.3)).Reshape(b, n, d)
	x = x.Add(s.Sub("places").Param("w", nn.Normal(.1), e.Length, d).Slice(0, 0, n))
	mask := nn.KeyMask(present)
	for i := range e.Layers {
		at := s.Sub(fmt.Sprintf("layer%d", i))
		x = nn.Residual(x, func(x *graph.Value) *graph.Value {
			see := at.Sub("attention")
			return nn.SelfAttention(see, nn.RMSNorm(see.Sub("norm"), x), nn.Attention{Heads: e.Heads, Norm: true, Bias: mask})
		})
		x = nn.Residual(x, func(x *graph.Value) *graph.Value {
			think := at.Sub("net")
			return nn.SwiGLU(think, nn.RMSNorm(think.Sub("norm"), x), (8*d+2)/3)
		})
	}
	states = nn.RMSNorm(s.Sub("norm"), x)
	weight := present.Reshape(b, n, 1)
	count := present.ReduceSum(1).Max(s.Graph.Full(1)) // [b 1]
	pooled = states.Mul(weight).ReduceSum(1).Reshape(b, d).Div(count.Reshape(b, 1))
	return states, pooled, present
}
