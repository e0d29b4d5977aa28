package texture

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/limner-ai/limner/inspect/calibrate"
)

// Sound is the first of a head's classes.
const Sound = "sound"

// Faults are the others, in order.
var Faults = []string{"smeared border", "running over", "foreign texture", "lost texture", "checkerboard", "grid"}

// Head is what was learnt: the statistics of the measures over the training
// set, a layer that tells the faults from them, and the score's scale.
type Head struct {
	// Mean and Deviation are of each input over the clean training pictures.
	Mean      []float32 `json:"mean"`
	Deviation []float32 `json:"deviation"`
	// Hidden and Out are weights, a row a unit, its bias last; the hidden units
	// are rectified.
	Hidden [][]float32 `json:"hidden"`
	Out    [][]float32 `json:"out"`
	// Weights of a picture's measures, see Summary, a constant last: the score.
	Weights []float64       `json:"weights"`
	Scale   calibrate.Scale `json:"scale"`
	// Record says what it was fitted on.
	Record json.RawMessage `json:"record"`
}

//go:embed head.json
var learnt []byte

func readHead(raw []byte) (*Head, error) {
	h := &Head{}
	if err := json.Unmarshal(raw, h); err != nil {
		return nil, fmt.Errorf("texture: %w", err)
	}
	n := len(h.Mean)
	wrong := func(rows [][]float32, count, length int) bool {
		return len(rows) != count || slices.ContainsFunc(rows, func(r []float32) bool { return len(r) != length })
	}
	if n == 0 || len(h.Deviation) != n || wrong(h.Hidden, len(h.Hidden), n+1) ||
		wrong(h.Out, 1+len(Faults), len(h.Hidden)+1) || len(h.Weights) != 2*len(Faults)+1 {
		return nil, errors.New("texture: the parts of what was learnt do not fit each other")
	}
	return h, h.Scale.Curve.Check()
}

// Normal brings a cell's measures to mean 0 and deviation 1 over the training
// set, and to no more than 6.
func (h *Head) Normal(to, input []float32) {
	for i, v := range input {
		to[i] = max(-6, min((v-h.Mean[i])/h.Deviation[i], 6))
	}
}

// Chances are the probabilities of Sound and the Faults at a cell.
func (h *Head) Chances(input []float32) []float64 {
	x := make([]float32, len(input))
	h.Normal(x, input)
	hidden := make([]float32, len(h.Hidden))
	for j, row := range h.Hidden {
		hidden[j] = max(0, affine(row, x))
	}
	p := make([]float64, len(h.Out))
	most := math.Inf(-1)
	for k, row := range h.Out {
		p[k] = float64(affine(row, hidden))
		most = max(most, p[k])
	}
	sum := 0.
	for k := range p {
		p[k] = math.Exp(p[k] - most)
		sum += p[k]
	}
	for k := range p {
		p[k] /= sum
	}
	return p
}

func affine(row, x []float32) float32 {
	sum := row[len(x)]
	for i, v := range x {
		sum += row[i] * v
	}
	return sum
}

// Summary is, of each fault, the mean of its greatest twentieth of chances over
// the visible cells, and its mean.
func Summary(c *Cells, chances [][]float64) []float64 {
	out := make([]float64, 0, 2*len(Faults))
	for k := range Faults {
		var list []float64
		sum := 0.
		for i, p := range chances {
			if c.Seen[i] > .5 {
				list = append(list, p[k+1])
				sum += p[k+1]
			}
		}
		slices.Sort(list)
		n := max(1, len(list)/20)
		top := 0.
		for _, v := range list[max(0, len(list)-n):] {
			top += v / float64(n)
		}
		out = append(out, top, sum/float64(max(1, len(list))))
	}
	return out
}
