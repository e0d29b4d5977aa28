package generate

import (
	"context"
	"math"
	"slices"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
)

const (
	searchSteps = 200 // of Adam, for each picture
	searchRate  = .05 // its rate at the start; half a cosine leads to 0
	candidates  = 256 // latents that are looked at, half of them around the encoder's guess
	around      = .5  // how far from it
	starts      = 16  // the best of them, from which the search begins
	guessSeed   = 1<<63 + 1
	// typical is the weight of the squared length of latents, for each number:
	// far from the prior G makes pictures that it was never trained to make.
	typical = 1e-4
)

// improve moves latents z [n z] towards those whose pictures are nearest to
// targets [n h w c], where these are not below 0, by Adam (Kingma and Ba, 2015,
// algorithm 1) with the latents' density under the prior: Zhu et al.,
// "Generative Visual Manipulation on the Natural Image Manifold" (2016),
// equation 2. It leaves the best ones in z and returns their losses. tell, if
// not nil, is told of every step.
func (a *adversarial) improve(ctx context.Context, targets, z *tensor.Tensor, items []Item, steps int, tell func(step int, images *tensor.Tensor) error) ([]float32, error) {
	n, d := z.Shape[0], z.Shape[1]
	in, err := a.conditions(items)
	if err != nil {
		return nil, err
	}
	in[model.InputImages], in[model.InputLatents] = targets, z.Clone()
	at := in[model.InputLatents].Data
	best := slices.Repeat([]float32{float32(math.Inf(1))}, n)
	m, v := make([]float64, n*d), make([]float64, n*d)
	const beta1, beta2 = .9, .999
	for t := range steps + 1 {
		out, err := a.apply(ctx, model.UseInvert, in, 1, "loss", "gradient", "images")
		if err != nil {
			return nil, err
		}
		if tell != nil && t > 0 {
			if err := tell(t, out[2]); err != nil {
				return nil, err
			}
		}
		rate := searchRate * (1 + math.Cos(math.Pi*float64(t)/float64(steps+1))) / 2
		for i := range n {
			x := at[i*d:][:d]
			density := 0.
			for _, u := range x {
				density += float64(u) * float64(u)
			}
			if loss := out[0].Data[i] + float32(typical/float64(d)*density); loss < best[i] {
				best[i] = loss
				copy(z.Row(i), x)
			}
			for k := range x {
				g := float64(out[1].Data[i*d+k]) + 2*typical/float64(d)*float64(x[k])
				j := i*d + k
				m[j] = beta1*m[j] + (1-beta1)*g
				v[j] = beta2*v[j] + (1-beta2)*g*g
				first := m[j] / (1 - math.Pow(beta1, float64(t+1)))
				second := v[j] / (1 - math.Pow(beta2, float64(t+1)))
				x[k] -= float32(rate * first / (math.Sqrt(second) + 1e-8))
			}
		}
	}
	return best, nil
}

// nearest are the starts best of the rows of latents [k z] for one target [1 h
// w c], by the loss of the pictures under the item's conditions.
func (a *adversarial) nearest(ctx context.Context, target, rows *tensor.Tensor, item Item) (*tensor.Tensor, error) {
	k := rows.Shape[0]
	in, err := a.conditions(slices.Repeat([]Item{item}, k))
	if err != nil {
		return nil, err
	}
	in[model.InputImages], in[model.InputLatents] = repeat(target, k), rows
	out, err := a.apply(ctx, model.UseInvert, in, 1, "loss")
	if err != nil {
		return nil, err
	}
	order := make([]int, k)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		return int(math.Copysign(1, float64(out[0].Data[i]-out[0].Data[j])))
	})
	best := tensor.New(min(starts, k), rows.Shape[1])
	for i := range best.Shape[0] {
		copy(best.Row(i), rows.Row(order[i]))
	}
	return best, nil
}
