package contrast

import (
	"fmt"
	"math"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/nn"
)

// Temperature of Radford et al. (2021), section 2.5: where it starts, and the
// largest factor that it may become.
const (
	coldest = 100
	initial = .07
)

// Training is one step: AdamW on the loss.
func (m *contrast) Training(batch int) (*model.Training, error) {
	if batch < 1 {
		return nil, fmt.Errorf("a batch holds at least 1 picture, not %d", batch)
	}
	var t *model.Training
	err := graph.Catch(func() { t = m.training(batch) })
	return t, err
}

func (m *contrast) training(batch int) *model.Training {
	g := graph.New()
	s := nn.NewScope(g)
	tokens, x := m.tokens(g, batch), m.images(g, batch)
	_, pooled, _ := m.Read(s, tokens)
	words, pictures := m.said(s, pooled), m.look(s, m.perturbed(x))
	scale := s.Sub("temperature").Param("log", nn.Constant(float32(-math.Log(initial)))).Exp().Min(g.Full(coldest))
	loss, hit := agreement(words, pictures, scale, alike(tokens))

	ps := s.Params()
	grads := graph.Grad(loss, nn.Values(ps)...)
	guard := nn.NewGuard(grads, m.c.Clip, 0)
	adam := nn.Adam{Beta1: m.c.Beta1, Beta2: m.c.Beta2, Eps: 1e-8, Decay: m.c.Decay}
	updates := adam.Update(s.Sub("adam"), ps, grads, g.Input(model.InputRate), guard)
	metrics := []model.Metric{{Name: "loss", Value: loss}, {Name: "first", Value: hit}, {Name: "scale", Value: scale}}
	if guard.Norm != nil {
		metrics = append(metrics, model.Metric{Name: "gradient", Value: guard.Norm})
	}
	if m.c.HalfLife > 0 {
		decay, count := nn.Decay{HalfLife: g.Full(float32(m.c.HalfLife)), Ramp: ramp, Batch: batch}.Value(s.Sub("ema"))
		updates = append(updates, nn.Average(s, ps, updates, decay)...)
		updates = append(updates, count)
	}
	return &model.Training{
		States: s.States(),
		Steps:  []model.Step{{Name: "train", Graph: g, Metrics: metrics, Updates: updates}},
	}
}

// agreement is the loss of figure 3 in Radford et al. (2021): the mean
// cross-entropy, in nats, of finding for each prompt its picture and for each
// picture its prompt among all of the batch, by scale times the cosine of
// words [b e] and pictures [b e]. Where the mask same [b b] is 1 the prompts of
// a row and a column are one, and the pair counts neither for nor against. Hit
// is the share of prompts to which their own picture is the nearest.
//
// Other prompts of the same concept (another skin tone, another style) do
// count against: they are what teaches these differences.
func agreement(words, pictures, scale, same *graph.Value) (loss, hit *graph.Value) {
	g, b := words.Graph(), words.Dim(0)
	own := identity(g, b)
	masked := same.Sub(own)
	logits := graph.Select(masked, g.Full(-1e4), graph.MatMul(words, pictures, false, true).Mul(scale))
	right := own.MulScalar(1 / float32(b))
	both := logits.LogSoftmax().Add(logits.Transpose(1, 0).LogSoftmax())
	loss = both.Mul(right).Sum().MulScalar(-.5)
	hit = logits.Equal(logits.ReduceMax(1)).Mul(right).Sum()
	return loss, hit
}

// alike is 1 where two rows of tokens [b n] are the same: [b b].
func alike(tokens *graph.Value) *graph.Value {
	b, n := tokens.Dim(0), tokens.Dim(1)
	equal := tokens.Reshape(b, 1, n).Equal(tokens.Reshape(1, b, n)).ReduceSum(2).Reshape(b, b)
	return equal.Equal(tokens.Graph().Full(float32(n)))
}

func identity(g *graph.Graph, n int) *graph.Value {
	t := tensor.New(n, n)
	for i := range n {
		t.Data[i*n+i] = 1
	}
	return g.Constant(t)
}
