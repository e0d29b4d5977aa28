package tensor

import "fmt"

// Tensor is a contiguous row-major float32 array on the host.
// len(Data) is always Shape.Size().
type Tensor struct {
	Shape Shape
	Data  []float32
}

// New returns a tensor of zeros.
func New(dims ...int) *Tensor {
	s := Shape(dims).Clone()
	return &Tensor{Shape: s, Data: make([]float32, s.Size())}
}

// From wraps data, which is not copied. It panics if the length does not fit.
func From(data []float32, dims ...int) *Tensor {
	s := Shape(dims).Clone()
	if s.Size() != len(data) {
		panic(fmt.Sprintf("tensor: %d values do not fill shape %v", len(data), s))
	}
	return &Tensor{Shape: s, Data: data}
}

// Scalar returns a rank-0 tensor.
func Scalar(v float32) *Tensor { return &Tensor{Shape: Shape{}, Data: []float32{v}} }

// Clone returns a deep copy.
func (t *Tensor) Clone() *Tensor {
	return &Tensor{Shape: t.Shape.Clone(), Data: append([]float32(nil), t.Data...)}
}

// Row returns the i-th slice along the first axis, sharing memory.
func (t *Tensor) Row(i int) []float32 {
	n := len(t.Data) / t.Shape[0]
	return t.Data[i*n : (i+1)*n]
}
