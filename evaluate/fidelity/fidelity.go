// Package fidelity measures how close a sample of generated data lies to a
// sample of real data, both given as feature matrices: tensors of shape
// [n, d], one row a picture, from any network that maps pictures to vectors.
//
// All estimates depend on n, on d and on the network, so a number means
// something only beside the same number for two samples of real data.
// [Compare] therefore reports each metric twice: generated against held-out
// data, and training against held-out data (the floor).
//
// Results do not depend on the number of processors.
package fidelity

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/limner-ai/limner/engine/tensor"
)

// check says what is wrong with a feature matrix; least is the number of rows
// that the metric needs.
func check(name string, x *tensor.Tensor, least int) error {
	if len(x.Shape) != 2 {
		return fmt.Errorf("%s: features have shape %v, want [n, d]", name, x.Shape)
	}
	n, d := x.Shape[0], x.Shape[1]
	if d < 1 || n < least {
		return fmt.Errorf("%s: %d rows of %d features, want at least %d rows of 1", name, n, d, least)
	}
	for i, v := range x.Data {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return fmt.Errorf("%s: feature %d of row %d is %v, want finite numbers", name, i%d, i/d, v)
		}
	}
	return nil
}

// checkPair checks two matrices that are to be compared.
func checkPair(x, y *tensor.Tensor, least int) error {
	if err := check("first sample", x, least); err != nil {
		return err
	}
	if err := check("second sample", y, least); err != nil {
		return err
	}
	return sameWidth(x.Shape[1], y.Shape[1])
}

func sameWidth(a, b int) error {
	if a != b {
		return fmt.Errorf("samples have %d and %d features: they come from different networks", a, b)
	}
	return nil
}

// permutation is a shuffle of 0..n-1 that depends on the seed alone.
func permutation(n int, seed uint64) []int {
	g := tensor.Philox{Seed: seed, Stream: tensor.StreamOf("fidelity permutation")}
	p := make([]int, n)
	for i := range p {
		w := g.Block(uint64(i))
		j, _ := bits.Mul64(uint64(w[0])<<32|uint64(w[1]), uint64(i+1))
		p[i] = p[j]
		p[j] = i
	}
	return p
}

// rows gathers the named rows of x.
func rows(x *tensor.Tensor, index []int) *tensor.Tensor {
	y := tensor.New(len(index), x.Shape[1])
	for i, r := range index {
		copy(y.Row(i), x.Row(r))
	}
	return y
}
