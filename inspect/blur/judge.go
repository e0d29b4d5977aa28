package blur

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"sync"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/inspect/calibrate"
	"github.com/limner-ai/limner/model/safetensors"
)

// blur.safetensors holds the judge; its metadata say how it was made.
//
//go:embed blur.safetensors
var file []byte

// Judge tells blurred cells from sharp ones.
type Judge struct {
	weights map[string][]float32
	scale   calibrate.Scale
}

// Layers of the judge: two hidden ones, with SiLU.
const (
	Hidden1 = 32
	Hidden2 = 16
	// Whole is how many numbers of the cells' logits the picture is judged by.
	Whole = 5
)

// ScaleKey is the metadata entry with the calibration, as JSON.
const ScaleKey = "scale"

var open = sync.OnceValues(func() (*Judge, error) { return Read(file) })

// shapes are the judge's tensors.
var shapes = map[string]int{
	"mean": Features, "deviation": Features,
	"1/w": Features * Hidden1, "1/b": Hidden1,
	"2/w": Hidden1 * Hidden2, "2/b": Hidden2,
	"3/w": Hidden2, "3/b": 1,
	"whole/w": Whole, "whole/b": 1,
}

// Read reads a judge.
func Read(file []byte) (*Judge, error) {
	f, err := safetensors.Read(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, fmt.Errorf("blur: the judge: %w", err)
	}
	t, err := f.Tensors()
	if err != nil {
		return nil, fmt.Errorf("blur: the judge: %w", err)
	}
	j, err := NewJudge(t)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(f.Meta()[ScaleKey]), &j.scale); err != nil {
		return nil, fmt.Errorf("blur: the judge's scale: %w", err)
	}
	return j, j.scale.Curve.Check()
}

// NewJudge makes a judge without a scale of its weights.
func NewJudge(t map[string]*tensor.Tensor) (*Judge, error) {
	j := &Judge{weights: map[string][]float32{}}
	for name, n := range shapes {
		if t[name] == nil || len(t[name].Data) != n {
			return nil, fmt.Errorf("blur: the judge has no %s of %d numbers", name, n)
		}
		j.weights[name] = t[name].Data
	}
	return j, nil
}

// Logits are those of each cell that it is blurred; 0 where there is no edge.
func (j *Judge) Logits(c *Cells) []float32 {
	out := make([]float32, len(c.Has))
	x := make([]float32, Features)
	for i, has := range c.Has {
		if !has {
			continue
		}
		for k, v := range c.Of[i*Features:][:Features] {
			x[k] = (v - j.weights["mean"][k]) / j.weights["deviation"][k]
		}
		h := j.layer("1", x, Hidden1)
		h = j.layer("2", h, Hidden2)
		out[i] = j.weights["3/b"][0]
		for k, v := range h {
			out[i] += v * j.weights["3/w"][k]
		}
	}
	return out
}

func (j *Judge) layer(name string, x []float32, n int) []float32 {
	out := append([]float32(nil), j.weights[name+"/b"]...)
	w := j.weights[name+"/w"]
	for i, v := range x {
		for k := range out {
			out[k] += v * w[i*n+k]
		}
	}
	for k, v := range out {
		out[k] = v * logistic(v)
	}
	return out
}

func logistic(v float32) float32 { return float32(1 / (1 + math.Exp(-float64(v)))) }

// Score is a picture's logit that it is blurred somewhere or all over.
func (j *Judge) Score(c *Cells, logits []float32) float64 {
	score := float64(j.weights["whole/b"][0])
	for i, v := range Summary(c, logits) {
		score += float64(v) * float64(j.weights["whole/w"][i])
	}
	return score
}
