package nn

import "github.com/limner-ai/limner/engine/graph"

// faint is the alpha below which a pixel rounds to fully transparent.
const faint = .5 / 255

// Premultiplied turns pictures [n h w c] in [0, 1] into what nets see, in
// [−1, 1]. Colours with alpha (c = 4) are multiplied by it: Porter and Duff,
// "Compositing Digital Images" (1984), section 3. What cannot be seen then
// costs nothing.
func Premultiplied(x *graph.Value) *graph.Value {
	if x.Dim(3) == 4 {
		a := x.Slice(3, 3, 4)
		x = graph.Concat(3, x.Slice(3, 0, 3).Mul(a), a)
	}
	return x.MulScalar(2).AddScalar(-1)
}

// Straight undoes Premultiplied, for any numbers: the result is in [0, 1], and
// a colour that no one can see is 0.
func Straight(x *graph.Value) *graph.Value {
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
