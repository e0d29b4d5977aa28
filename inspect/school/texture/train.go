package texture

import (
	"math"
	"math/rand/v2"

	"github.com/limner-ai/limner/inspect/texture"
)

// example is a cell with what is wrong there: 0 nothing, else the fault's place
// in the list of them.
type example struct {
	input []float32
	class int
}

const (
	units  = 32
	epochs = 10
	batch  = 32
	rate   = 1.5e-3
)

// train fits the head's layers: Adam on the cross-entropy, each class weighing
// what its share has been made to be.
func train(h *texture.Head, all []example, seed uint64, tell func(epoch int, loss float64)) {
	r := rand.New(rand.NewPCG(seed, 3))
	inputs, classes := len(h.Mean), 1+len(texture.Faults)
	h.Hidden, h.Out = rows(units, inputs+1), rows(classes, units+1)
	for _, row := range h.Hidden {
		for i := range inputs {
			row[i] = float32(r.NormFloat64() * math.Sqrt(2/float64(inputs)))
		}
	}
	for _, row := range h.Out {
		for i := range units {
			row[i] = float32(r.NormFloat64() * math.Sqrt(1/float64(units)))
		}
	}
	a := newAdam(append(append([][]float32{}, h.Hidden...), h.Out...))
	gHidden, gOut := a.gradient[:units], a.gradient[units:]
	x, hidden, back := make([]float32, inputs), make([]float32, units), make([]float32, units)
	steps := epochs * (len(all) / batch)
	for epoch := range epochs {
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		loss := 0.
		for at := 0; at+batch <= len(all); at += batch {
			for _, e := range all[at : at+batch] {
				h.Normal(x, e.input)
				for j, row := range h.Hidden {
					hidden[j] = max(0, dot(row, x)+row[inputs])
				}
				p := softmax(h.Out, hidden)
				loss -= math.Log(max(float64(p[e.class]), 1e-12))
				clear(back)
				for k, row := range h.Out {
					d := p[k] / batch
					if k == e.class {
						d -= 1. / batch
					}
					for j, v := range hidden {
						gOut[k][j] += d * v
						back[j] += d * row[j]
					}
					gOut[k][units] += d
				}
				for j, d := range back {
					if hidden[j] == 0 {
						continue
					}
					g := gHidden[j]
					for i, v := range x {
						g[i] += d * v
					}
					g[inputs] += d
				}
			}
			a.step(rate * (1 + math.Cos(math.Pi*float64(a.count)/float64(steps))) / 2)
		}
		tell(epoch, loss/float64(len(all)))
	}
}

func rows(n, length int) [][]float32 {
	all := make([][]float32, n)
	for i := range all {
		all[i] = make([]float32, length)
	}
	return all
}

func dot(row, x []float32) float32 {
	sum := float32(0)
	for i, v := range x {
		sum += row[i] * v
	}
	return sum
}

func softmax(out [][]float32, hidden []float32) []float32 {
	p := make([]float32, len(out))
	most, sum := float32(math.Inf(-1)), float32(0)
	for k, row := range out {
		p[k] = dot(row, hidden) + row[len(hidden)]
		most = max(most, p[k])
	}
	for k := range p {
		p[k] = float32(math.Exp(float64(p[k] - most)))
		sum += p[k]
	}
	for k := range p {
		p[k] /= sum
	}
	return p
}

// adam is Kingma and Ba's optimiser (2015), algorithm 1.
type adam struct {
	weight, gradient, first, second [][]float32
	count                           int
}

func newAdam(weight [][]float32) *adam {
	a := &adam{weight: weight}
	for _, w := range weight {
		a.gradient = append(a.gradient, make([]float32, len(w)))
		a.first = append(a.first, make([]float32, len(w)))
		a.second = append(a.second, make([]float32, len(w)))
	}
	return a
}

func (a *adam) step(rate float64) {
	a.count++
	r := float32(rate * math.Sqrt(1-math.Pow(.999, float64(a.count))) / (1 - math.Pow(.9, float64(a.count))))
	for k, w := range a.weight {
		for i := range w {
			g := a.gradient[k][i]
			a.first[k][i] = .9*a.first[k][i] + .1*g
			a.second[k][i] = .999*a.second[k][i] + .001*g*g
			w[i] -= r * a.first[k][i] / (float32(math.Sqrt(float64(a.second[k][i]))) + 1e-8)
		}
		clear(a.gradient[k])
	}
}
