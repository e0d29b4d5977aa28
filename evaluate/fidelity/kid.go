package fidelity

import (
	"fmt"
	"math"

	"github.com/limner-ai/limner/engine/tensor"
)

// KID is the kernel inception distance of Bińkowski et al., "Demystifying MMD
// GANs" (2018), section 4: the unbiased estimate of the squared maximum mean
// discrepancy under the kernel (x·y/d + 1)³. Both samples are shuffled by the
// seed and dealt into disjoint blocks; the estimates of the blocks are
// averaged, which keeps the cost linear in n. It returns the mean and its
// standard error (0 for a single block). The estimate may be negative.
func KID(x, y *tensor.Tensor, blocks int, seed uint64) (value, stderr float64, err error) {
	if blocks < 1 {
		return 0, 0, fmt.Errorf("KID: %d blocks, want at least 1", blocks)
	}
	if err := checkPair(x, y, 2*blocks); err != nil {
		return 0, 0, fmt.Errorf("KID in %d blocks: %w", blocks, err)
	}
	n, m := x.Shape[0], y.Shape[0]
	if blocks > 1 {
		x, y = rows(x, permutation(n, seed)), rows(y, permutation(m, seed+1))
	}
	p, q := newPoints(x, nil), newPoints(y, nil)
	var sum, squares float64
	for b := range blocks {
		v := mmd(p.slice(b*n/blocks, (b+1)*n/blocks), q.slice(b*m/blocks, (b+1)*m/blocks))
		sum += v
		squares += v * v
	}
	k := float64(blocks)
	value = sum / k
	if blocks > 1 {
		stderr = math.Sqrt(max(0, squares/k-value*value) / (k - 1))
	}
	return value, stderr, nil
}

// mmd is the unbiased estimate of the squared discrepancy of two blocks
// (Gretton et al. 2012, eq. 3).
func mmd(x, y points) float64 {
	n, m := float64(x.x.Rows), float64(y.x.Rows)
	return kernelSum(x, x, true)/(n*(n-1)) + kernelSum(y, y, true)/(m*(m-1)) - 2*kernelSum(x, y, false)/(n*m)
}

// kernelSum is the sum of the kernel over all pairs; apart leaves out the
// pairs of a row with itself.
func kernelSum(a, b points, apart bool) float64 {
	d := float64(a.x.Cols)
	byRow := make([]float64, a.x.Rows)
	products(a, b, func(i, j int, dot []float64) {
		for l, v := range dot {
			if apart && i == j+l {
				continue
			}
			v = v/d + 1
			byRow[i] += v * v * v
		}
	})
	sum := 0.0
	for _, v := range byRow {
		sum += v
	}
	return sum
}
