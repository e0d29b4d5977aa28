package main

import "math"

// plan is how a matrix is applied. Pairs of columns that are equal but for signs
// meet the sum and the difference of their elements; pairs of rows that are
// equal but for signs share two halves.
type plan struct {
	folds []fold
	rows  []row
}

// fold replaces two elements by their sum and difference.
type fold struct{ sum, difference int }

// row computes element i as even·x, or elements i and mirror as even·x ±
// scale·(odd·x).
type row struct {
	i, mirror int // mirror is −1 if there is none
	even, odd []float64
	scale     float64
}

func newPlan(m [][]float64) plan {
	var p plan
	m = p.foldColumns(m)
	done := make([]bool, len(m))
	for i := range m {
		if done[i] {
			continue
		}
		r := row{i: i, mirror: -1, even: m[i]}
		for k := i + 1; k < len(m) && r.mirror < 0; k++ {
			if odd, ok := mirrored(m[i], m[k]); ok && !done[k] {
				done[k] = true
				r.mirror = k
				r.split(odd)
			}
		}
		p.rows = append(p.rows, r)
	}
	return p
}

func (p *plan) foldColumns(m [][]float64) [][]float64 {
	cols := transposed(m)
	done := make([]bool, len(cols))
	for j := range cols {
		for k := j + 1; k < len(cols) && !done[j]; k++ {
			odd, ok := mirrored(cols[j], cols[k])
			if !ok || done[k] {
				continue
			}
			done[j], done[k] = true, true
			p.folds = append(p.folds, fold{j, k})
			for i, o := range odd {
				if o {
					cols[k][i], cols[j][i] = cols[j][i], 0
				} else {
					cols[k][i] = 0
				}
			}
		}
	}
	return transposed(cols)
}

// split takes the odd elements out and divides them by the last of them.
func (r *row) split(odd []bool) {
	even, half := make([]float64, len(odd)), make([]float64, len(odd))
	for j, v := range r.even {
		if odd[j] {
			r.scale = v
		} else {
			even[j] = v
		}
	}
	for j, v := range r.even {
		if odd[j] {
			half[j] = v / r.scale
		}
	}
	r.even, r.odd = even, half
}

// constants are the absolute values of all factors but 0 and 1.
func (p plan) constants() []float64 {
	var all []float64
	seen := map[float32]bool{0: true, 1: true}
	for _, r := range p.rows {
		for _, v := range append(append(append([]float64{}, r.even...), r.odd...), r.scale) {
			if f := math.Abs(v); !seen[float32(f)] {
				seen[float32(f)] = true
				all = append(all, f)
			}
		}
	}
	return all
}
