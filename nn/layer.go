package nn

import "github.com/limner-ai/limner/engine/graph"

// Linear multiplies x [n in] by the parameter w [in out].
func Linear(s *Scope, x *graph.Value, out int, w Initialiser) *graph.Value {
	return x.Dot(s.Param("w", w, x.Dim(-1), out))
}

// Bias adds the parameter b, one number a channel (the last axis).
func Bias(s *Scope, x *graph.Value) *graph.Value {
	return x.Add(s.Param("b", Zeros, x.Dim(-1)))
}

// Dense is Linear with a bias.
func Dense(s *Scope, x *graph.Value, out int, w Initialiser) *graph.Value {
	return Bias(s, Linear(s, x, out, w))
}

// Conv correlates x [n h w c] with the parameter w [k k c/groups out].
func Conv(s *Scope, x *graph.Value, k, out int, win graph.Window, w Initialiser) *graph.Value {
	return graph.Conv(x, s.Param("w", w, k, k, x.Dim(3)/max(1, win.Groups), out), win)
}

// PointConv is a 1×1 convolution: the matrix w [c out] at every place.
func PointConv(s *Scope, x *graph.Value, out int, w Initialiser) *graph.Value {
	return Conv(s, x, 1, out, graph.Window{}, w)
}

// Halving is the window of a 4×4 convolution of stride 2 that takes an
// extent of h×w to ⌈h/2⌉×⌈w/2⌉, odd extents too.
func Halving(h, w int) graph.Window {
	return graph.Window{
		StrideH: 2, StrideW: 2,
		PadTop: 1, PadBottom: 1 + h%2,
		PadLeft: 1, PadRight: 1 + w%2,
	}
}

// Halve is a 4×4 convolution of stride 2: [n h w c] → [n ⌈h/2⌉ ⌈w/2⌉ out].
func Halve(s *Scope, x *graph.Value, out int, w Initialiser) *graph.Value {
	return Conv(s, x, 4, out, Halving(x.Dim(1), x.Dim(2)), w)
}

// Double is the transposed 4×4 convolution of stride 2 that undoes Halve's
// change of extent: [n ⌈h/2⌉ ⌈w/2⌉ c] → [n h w out], with the parameter
// w [4 4 out c].
func Double(s *Scope, x *graph.Value, h, wd, out int, w Initialiser) *graph.Value {
	return graph.ConvTransposed(x, s.Param("w", w, 4, 4, out, x.Dim(3)), h, wd, Halving(h, wd))
}

// Embedding looks rows of the parameter table [count d] up by index [n].
func Embedding(s *Scope, index *graph.Value, count, d int, w Initialiser) *graph.Value {
	return graph.Gather(s.Param("table", w, count, d), index)
}

// Residual is x + f(x).
func Residual(x *graph.Value, f func(*graph.Value) *graph.Value) *graph.Value {
	return x.Add(f(x))
}
