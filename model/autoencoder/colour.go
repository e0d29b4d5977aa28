package autoencoder

import "github.com/limner-ai/limner/engine/graph"

// faint is the alpha below which a pixel rounds to fully transparent.
const faint = .5 / 255

// inside turns pictures [n h w c] in [0, 1] into what the nets see, in
// [−1, 1]. Colours with alpha are multiplied by it: Porter and Duff,
// "Compositing Digital Images" (1984), section 3. What cannot be seen then
// costs nothing.
func inside(x *graph.Value) *graph.Value {
	if x.Dim(3) == 4 {
		a := x.Slice(3, 3, 4)
		x = graph.Concat(3, x.Slice(3, 0, 3).Mul(a), a)
	}
	return x.MulScalar(2).AddScalar(-1)
}

// outside undoes inside, for any numbers: the result is in [0, 1], and a
// colour that no one can see is 0.
func outside(x *graph.Value) *graph.Value {
	g := x.Graph()
	x = x.AddScalar(1).MulScalar(.5).Max(g.Full(0)).Min(g.Full(1))
	if x.Dim(3) != 4 {
		return x
	}
	a := x.Slice(3, 3, 4)
	colour := x.Slice(3, 0, 3).Div(a.Max(g.Full(faint))).Min(g.Full(1))
	seen := g.Full(faint).LessEqual(a)
	return graph.Concat(3, colour.Mul(seen), a)
}

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
