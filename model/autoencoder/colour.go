package autoencoder

import "github.com/limner-ai/limner/engine/graph"

// over lays pictures as the nets see them [n h w c] over a colour b
// [n 1 1 3] in [0, 1], and stays in [−1, 1]. Pictures without alpha cover it.
func over(x, b *graph.Value) *graph.Value {
	if x.Dim(3) != 4 {
		return x
	}
	// c = p + (1−α)b with p = (x+1)/2: 2c − 1 = x + b·(1 − xα).
	a := x.Slice(3, 3, 4)
	return x.Slice(3, 0, 3).Add(a.Neg().AddScalar(1).Mul(b))
}

// overError is over(x, b) − over(y, b) of e = x − y.
func overError(e, b *graph.Value) *graph.Value {
	return e.Slice(3, 0, 3).Sub(e.Slice(3, 3, 4).Mul(b))
}
