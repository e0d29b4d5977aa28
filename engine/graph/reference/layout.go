package reference

import (
	"math"
	"slices"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
)

// pulled is the array whose element at each index is a's at from(index).
func pulled(a Array, shape tensor.Shape, from func(to, from []int)) Array {
	out := New(shape...)
	src := make([]int, len(a.Shape))
	i := 0
	each(out.Shape, func(at []int) {
		from(at, src)
		out.Data[i] = a.Data[a.at(src)]
		i++
	})
	return out
}

func broadcast(a Array, shape tensor.Shape) Array {
	return pulled(a, shape, func(to, from []int) {
		for i, p := range to {
			from[i] = p
			if a.Shape[i] == 1 {
				from[i] = 0
			}
		}
	})
}

func transposed(a Array, perm []int) Array {
	shape := make(tensor.Shape, len(perm))
	for i, p := range perm {
		shape[i] = a.Shape[p]
	}
	return pulled(a, shape, func(to, from []int) {
		for i, p := range perm {
			from[p] = to[i]
		}
	})
}

func sliced(a Array, s graph.SliceAttr) Array {
	shape := make(tensor.Shape, len(a.Shape))
	for i := range shape {
		for p := s.Start[i]; p < s.Limit[i]; p += s.Stride[i] {
			shape[i]++
		}
	}
	return pulled(a, shape, func(to, from []int) {
		for i, p := range to {
			from[i] = s.Start[i] + p*s.Stride[i]
		}
	})
}

func reversed(a Array, axis int) Array {
	return pulled(a, a.Shape, func(to, from []int) {
		copy(from, to)
		from[axis] = a.Shape[axis] - 1 - to[axis]
	})
}

func padded(a Array, p graph.PadAttr) Array {
	shape := make(tensor.Shape, len(a.Shape))
	for i, d := range a.Shape {
		shape[i] = p.Low[i] + d + max(d-1, 0)*p.Interior[i] + p.High[i]
	}
	out := New(shape...)
	to := make([]int, len(shape))
	each(a.Shape, func(at []int) {
		for i := range to {
			to[i] = p.Low[i] + at[i]*(p.Interior[i]+1)
		}
		out.Data[out.at(to)] = a.Data[a.at(at)]
	})
	return out
}

func joined(in []Array, axis int) Array {
	shape := in[0].Shape.Clone()
	shape[axis] = 0
	for _, a := range in {
		shape[axis] += a.Shape[axis]
	}
	out := New(shape...)
	start := 0
	for _, a := range in {
		each(a.Shape, func(at []int) {
			to := slices.Clone(at)
			to[axis] += start
			out.Data[out.at(to)] = a.Data[a.at(at)]
		})
		start += a.Shape[axis]
	}
	return out
}

// reduced sums over the axes or, if largest is set, takes the maximum.
func reduced(a Array, axes []int, largest bool) Array {
	shape := a.Shape.Clone()
	for _, x := range axes {
		shape[x] = 1
	}
	out := New(shape...)
	if largest {
		out = mapped(out, func(float64) float64 { return math.Inf(-1) })
	}
	to := make([]int, len(shape))
	each(a.Shape, func(at []int) {
		copy(to, at)
		for _, x := range axes {
			to[x] = 0
		}
		p, x := out.at(to), a.Data[a.at(at)]
		if largest {
			out.Data[p] = max(out.Data[p], x)
		} else {
			out.Data[p] += x
		}
	})
	return out
}
