package likelihood

import (
	"errors"
	"math"
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
)

// linear is the model whose evidence is known: z ~ N(0, 1), x = a z + N(0, s²)
// for pictures of two pixels. Its q(z|x) = N(mean(x), sigma²) is the
// posterior N(a·x/(s²+|a|²), s²/(s²+|a|²)) if shift is 0 and widen is 1.
type linear struct{ shift, widen float64 }

var loading = [2]float64{.8, -.5}

const spread = .3 // s

func (linear) Config() any                                     { return nil }
func (linear) Training(int) (*model.Training, error)           { return nil, errors.New("fixed") }
func (linear) Uses() []model.Use                               { return []model.Use{model.UseBound} }
func (m linear) Build(_ model.Use, b int) (*model.Call, error) { return m.Bound(b, 1) }

func (m linear) Bound(batch, draws int) (*model.Call, error) {
	g := graph.New()
	x := g.Input(model.InputImages, batch, 1, 2, 1).Reshape(batch, 1, 2)
	a := g.Constant(tensor.From([]float32{float32(loading[0]), float32(loading[1])}, 1, 1, 2))
	total := spread*spread + loading[0]*loading[0] + loading[1]*loading[1]
	sigma := m.widen * spread / math.Sqrt(total)

	mu := x.Mul(a).ReduceSum(2).MulScalar(float32(1 / total)).AddScalar(float32(m.shift)) // [n 1 1]
	eps := g.Normal("latents", batch, draws, 1)
	z := eps.MulScalar(float32(sigma)).Add(mu)
	noise := x.Sub(z.Mul(a)).Square().ReduceSum(2).Squeeze(2) // [n draws]
	logPx := noise.MulScalar(float32(-.5 / (spread * spread))).AddScalar(float32(-math.Log(2 * math.Pi * spread * spread)))
	ratio := eps.Square().Sub(z.Square()).Squeeze(2).MulScalar(.5).AddScalar(float32(math.Log(sigma)))
	weight := logPx.Add(ratio)
	mean := func(v *graph.Value) *graph.Value { return v.ReduceMean(1).Squeeze(1) }
	return &model.Call{Graph: g, Outputs: []model.Output{
		{Name: "log_weight", Value: weight}, {Name: "elbo", Value: mean(weight)},
		{Name: "rec", Value: mean(logPx)}, {Name: "kl", Value: mean(ratio.Neg())},
	}}, nil
}

// evidence is the mean of log N(x; 0, a aᵀ + s²) over a set.
func evidence(set noise) float64 {
	s2 := spread * spread
	a2 := loading[0]*loading[0] + loading[1]*loading[1]
	sum := 0.
	for i := range set.n {
		var x [2]float32
		set.pixels(i, x[:])
		ax := loading[0]*float64(x[0]) + loading[1]*float64(x[1])
		x2 := float64(x[0])*float64(x[0]) + float64(x[1])*float64(x[1])
		// det = s²(s² + |a|²); the inverse by Sherman and Morrison.
		quad := (x2 - ax*ax/(s2+a2)) / s2
		sum += -math.Log(2*math.Pi) - .5*math.Log(s2*(s2+a2)) - .5*quad
	}
	return sum / float64(set.n)
}

func TestLinearGaussian(t *testing.T) {
	e := cpu(t, 1)
	set := noise{n: 40, h: 1, w: 2}
	truth := evidence(set)
	of := func(m linear, k int) Result {
		return measure(t, trained.New(m, trained.Manifest{}, nil, e), e, set, Options{Draws: k, Seed: 2})
	}
	// With the true posterior every weight is p(x).
	exact := of(linear{0, 1}, 300)
	near(t, "ELBO with the posterior", exact.ELBO, truth, 1e-5)
	near(t, "IWAE with the posterior", exact.IWAE, truth, 1e-5)
	near(t, "effective draws with the posterior", exact.Effective, 300, 1e-2)

	off := of(linear{.2, 1.4}, 5000)
	// E log p(x)/w is the divergence of q from the posterior.
	total := spread*spread + loading[0]*loading[0] + loading[1]*loading[1]
	gap := .5*(1.4*1.4+.2*.2*total/(spread*spread)-1) - math.Log(1.4)
	near(t, "ELBO beside the posterior", off.ELBO, truth-gap, .01)
	near(t, "IWAE beside the posterior", off.IWAE, truth, .005)
	if off.Effective > 4500 || off.Effective < 1000 {
		t.Errorf("%v effective draws", off.Effective)
	}
}
