package nn

import "github.com/limner-ai/limner/engine/graph"

const normEps = 1e-5

// Standardise brings the last axis to mean 0 and variance 1: LayerNorm without
// an affine map, Ba et al. (2016), equation 4.
func Standardise(x *graph.Value) *graph.Value { return standardise(x, -1) }

// LayerNorm standardises the last axis, then scales and shifts each channel
// by parameters: Ba et al. (2016).
func LayerNorm(s *Scope, x *graph.Value) *graph.Value {
	return affine(s, standardise(x, -1))
}

// GroupNorm standardises each picture of x [n h w c] within groups of
// channels, then scales and shifts each channel: Wu and He (2018).
func GroupNorm(s *Scope, x *graph.Value, groups int) *graph.Value {
	c := x.Dim(-1)
	y := x.Reshape(x.Dim(0), -1, groups, c/groups)
	return affine(s, standardise(y, 1, 3).Reshape(x.Shape()...))
}

// RMSNorm divides by the root mean square of the last axis, then scales each
// channel: Zhang and Sennrich (2019).
func RMSNorm(s *Scope, x *graph.Value) *graph.Value {
	return PixelNorm(x).Mul(s.Param("scale", Ones, x.Dim(-1)))
}

// PixelNorm divides by the root mean square of the last axis, which for a
// picture means across channels at each place: Karras et al., "Progressive
// Growing of GANs" (2018), section 4.2. It mixes neither places nor pictures.
// For tokens it is RMSNorm without an affine map.
func PixelNorm(x *graph.Value) *graph.Value {
	return x.Mul(x.Square().ReduceMean(-1).AddScalar(normEps).Rsqrt())
}

func standardise(x *graph.Value, axes ...int) *graph.Value {
	d := x.Sub(x.ReduceMean(axes...))
	return d.Mul(d.Square().ReduceMean(axes...).AddScalar(normEps).Rsqrt())
}

func affine(s *Scope, x *graph.Value) *graph.Value {
	c := x.Dim(-1)
	return x.Mul(s.Param("scale", Ones, c)).Add(s.Param("shift", Zeros, c))
}
