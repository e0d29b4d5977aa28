// Package reference evaluates graphs in float64 with plain loops written from
// each primitive's definition. It shares no code with the kernels and is not
// fast: it is the truth that gradients, the executor and the model families
// are tested against.
package reference

import (
	"fmt"

	"github.com/limner-ai/limner/engine/tensor"
)

// Array is a row-major float64 array. len(Data) is Shape.Size().
type Array struct {
	Shape tensor.Shape
	Data  []float64
}

// New returns an array of zeros.
func New(dims ...int) Array {
	s := tensor.Shape(dims).Clone()
	return Array{s, make([]float64, s.Size())}
}

// From wraps data, which is not copied. It panics if the length does not fit.
func From(data []float64, dims ...int) Array {
	s := tensor.Shape(dims).Clone()
	if s.Size() != len(data) {
		panic(fmt.Sprintf("reference: %d values do not fill shape %v", len(data), s))
	}
	return Array{s, data}
}

// FromTensor widens a tensor.
func FromTensor(t *tensor.Tensor) Array {
	a := New(t.Shape...)
	for i, x := range t.Data {
		a.Data[i] = float64(x)
	}
	return a
}

// Tensor rounds the array to float32.
func (a Array) Tensor() *tensor.Tensor {
	t := tensor.New(a.Shape...)
	for i, x := range a.Data {
		t.Data[i] = float32(x)
	}
	return t
}

// Clone returns a deep copy.
func (a Array) Clone() Array {
	return Array{a.Shape.Clone(), append([]float64(nil), a.Data...)}
}

// each calls visit with every index of the shape in row-major order. The
// index is reused between calls.
func each(shape tensor.Shape, visit func(at []int)) {
	at := make([]int, len(shape))
	for range shape.Size() {
		visit(at)
		for i := len(at) - 1; i >= 0; i-- {
			if at[i]++; at[i] < shape[i] {
				break
			}
			at[i] = 0
		}
	}
}

// at is the place of an index in Data.
func (a Array) at(index []int) int {
	p := 0
	for i, d := range a.Shape {
		p = p*d + index[i]
	}
	return p
}
