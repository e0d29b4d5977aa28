package flow

import (
	"strings"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/nn"
)

// The parts of the models under test are the simplest that can be: each 2×2
// block of pixels is a latent by a matrix, and each letter of a prompt has a
// vector.

type folding struct{}

func (folding) Name() string { return "folding" }
func (folding) New(p model.Pictures, decode func(any) error) (model.Model, error) {
	f := fold{Pictures: p, Z: 3}
	return f, decode(&f)
}

type fold struct {
	model.Pictures `json:"-"`
	Z              int `json:"z"`
}

func (f fold) Config() any                               { return f }
func (f fold) Training(int) (*model.Training, error)     { return nil, nil }
func (f fold) Uses() []model.Use                         { return nil }
func (f fold) Build(model.Use, int) (*model.Call, error) { return nil, nil }
func (f fold) Grid() (h, w, c int)                       { return f.Height / 2, f.Width / 2, f.Z }
func (f fold) blocks(b, h, w, c int) (split, joined []int) {
	return []int{b, h, 2, w, 2, c}, []int{b, h, w, 4 * c}
}

func (f fold) Encode(s *nn.Scope, x *graph.Value) (mean, std *graph.Value) {
	split, joined := f.blocks(x.Dim(0), f.Height/2, f.Width/2, f.Channels)
	y := x.Reshape(split...).Transpose(0, 1, 3, 2, 4, 5).Reshape(joined...)
	mean = nn.Project(s.Sub("in"), y, f.Z, nn.Glorot)
	return mean, nn.Project(s.Sub("wide"), y, f.Z, nn.Glorot).Sigmoid()
}

func (f fold) Decode(s *nn.Scope, z *graph.Value) *graph.Value {
	b, h, w := z.Dim(0), f.Height/2, f.Width/2
	y := nn.Project(s.Sub("out"), z, 4*f.Channels, nn.Glorot).Sigmoid()
	return y.Reshape(b, h, w, 2, 2, f.Channels).Transpose(0, 1, 3, 2, 4, 5).Reshape(b, f.Height, f.Width, f.Channels)
}

type spelling struct{}

func (spelling) Name() string { return "spelling" }
func (spelling) New(_ model.Pictures, decode func(any) error) (model.Model, error) {
	s := spell{D: 4}
	return s, decode(&s)
}

type spell struct {
	D int `json:"d"`
}

func (s spell) Config() any                               { return s }
func (s spell) Training(int) (*model.Training, error)     { return nil, nil }
func (s spell) Uses() []model.Use                         { return nil }
func (s spell) Build(model.Use, int) (*model.Call, error) { return nil, nil }
func (s spell) Tokens() int                               { return 3 }
func (s spell) Width() int                                { return s.D }

// Tokenise gives letters numbers from 2 on; 1 begins and 0 fills up.
func (s spell) Tokenise(dst []float32, prompt string) {
	clear(dst)
	dst[0] = 1
	letters := strings.Map(func(r rune) rune {
		if r < 'a' || r > 'z' {
			return -1
		}
		return r
	}, prompt)
	for i := range min(len(letters), len(dst)-1) {
		dst[i+1] = float32(letters[i]-'a') + 2
	}
}

func (s spell) Read(at *nn.Scope, tokens *graph.Value) (states, pooled, present *graph.Value) {
	b, n := tokens.Dim(0), tokens.Dim(1)
	present = tokens.Greater(at.Graph.Full(0))
	states = nn.Embedding(at.Sub("letters"), tokens.Reshape(b*n), 28, s.D, nn.Normal(1)).Reshape(b, n, s.D)
	pooled = states.Mul(present.Reshape(b, n, 1)).ReduceSum(1).Reshape(b, s.D)
	return states, pooled, present
}
