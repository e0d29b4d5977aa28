package natural

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"gonum.org/v1/gonum/mat"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/inspect/plane"
	"github.com/limner-ai/limner/model/safetensors"
)

// Patch and Step are the side of the squares that NIQE looks at, and how far
// apart they begin, in pixels. The paper has 96, for photographs; ours are those
// that fit into pictures of 64.
const (
	Patch = 32
	Step  = 16
)

// Gaussian is a normal distribution of features.
type Gaussian struct {
	Mean       []float64 // Count
	Covariance []float64 // Count×Count
}

//go:embed niqe.safetensors
var niqeFile []byte

// Emoji is the distribution over the training pictures of the set that niqe.
// safetensors names.
var Emoji = sync.OnceValues(func() (*Gaussian, error) {
	f, err := safetensors.Read(bytes.NewReader(niqeFile), int64(len(niqeFile)))
	if err != nil {
		return nil, fmt.Errorf("natural: the model of NIQE: %w", err)
	}
	t, err := f.Tensors()
	if err != nil {
		return nil, fmt.Errorf("natural: the model of NIQE: %w", err)
	}
	if t["mean"] == nil || t["covariance"] == nil || len(t["mean"].Data) != Count || len(t["covariance"].Data) != Count*Count {
		return nil, errors.New("natural: the model of NIQE has no mean or covariance")
	}
	return &Gaussian{wide(t["mean"].Data), wide(t["covariance"].Data)}, nil
})

func wide(v []float32) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = float64(x)
	}
	return out
}

// Tensors are the numbers as they are stored.
func (g *Gaussian) Tensors() map[string]*tensor.Tensor {
	t := map[string]*tensor.Tensor{"mean": tensor.New(Count), "covariance": tensor.New(Count, Count)}
	for i, v := range g.Mean {
		t["mean"].Data[i] = float32(v)
	}
	for i, v := range g.Covariance {
		t["covariance"].Data[i] = float32(v)
	}
	return t
}

// Patches are the features of the squares of a luma from 0 to 1 of which most is
// visible and that are not flat, with the mean local deviation of each.
func Patches(luma, visible *plane.Plane) (features [][]float64, sharpness []float64) {
	mscn, deviation := normalise(luma)
	coarse, _ := normalise(half(luma))
	for y := 0; y+Patch <= luma.H; y += Step {
		for x := 0; x+Patch <= luma.W; x += Step {
			seen, sharp := 0., 0.
			for j := range Patch {
				for i := range Patch {
					at := (y+j)*luma.W + x + i
					seen += float64(visible.V[at])
					sharp += float64(deviation.V[at])
				}
			}
			if seen < Patch*Patch/2 || sharp < Patch*Patch*floor {
				continue
			}
			f := append(describe(mscn, x, y, Patch, Patch), describe(coarse, x/2, y/2, Patch/2, Patch/2)...)
			features = append(features, f)
			sharpness = append(sharpness, sharp/(Patch*Patch))
		}
	}
	return features, sharpness
}

// Sharp are the features of those patches whose deviation is more than three
// quarters of the largest (Mittal, Soundararajan and Bovik 2013, section II.B).
func Sharp(features [][]float64, sharpness []float64) [][]float64 {
	var out [][]float64
	if len(sharpness) == 0 {
		return nil
	}
	most := slices.Max(sharpness)
	for i, f := range features {
		if sharpness[i] > .75*most {
			out = append(out, f)
		}
	}
	return out
}

// Fit is the normal distribution with the mean and the covariance of features.
func Fit(features [][]float64) *Gaussian {
	g := &Gaussian{make([]float64, Count), make([]float64, Count*Count)}
	n := float64(len(features))
	for _, f := range features {
		for i, v := range f {
			g.Mean[i] += v / n
		}
	}
	for _, f := range features {
		for i, v := range f {
			for j, u := range f {
				g.Covariance[i*Count+j] += (v - g.Mean[i]) * (u - g.Mean[j]) / max(1, n-1)
			}
		}
	}
	return g
}

// NIQE is the distance √((ν₁−ν₂)ᵀ ((Σ₁+Σ₂)/2)⁻¹ (ν₁−ν₂)) between the
// distribution of a picture's patches and g: Mittal, Soundararajan and Bovik
// ("Making a completely blind image quality analyzer", 2013), equation 10.
// ok is false if the picture has no patch to look at.
func (g *Gaussian) NIQE(luma, visible *plane.Plane) (distance float64, ok bool) {
	f, _ := Patches(luma, visible)
	if len(f) == 0 {
		return 0, false
	}
	of := Fit(f)
	sum := mat.NewSymDense(Count, nil)
	diff := mat.NewVecDense(Count, nil)
	for i := range Count {
		diff.SetVec(i, of.Mean[i]-g.Mean[i])
		for j := i; j < Count; j++ {
			sum.SetSym(i, j, (of.Covariance[i*Count+j]+g.Covariance[i*Count+j])/2)
		}
		// What hardly varies in any picture must not count without bound.
		sum.SetSym(i, i, sum.At(i, i)*1.001+1e-9)
	}
	var c mat.Cholesky
	if !c.Factorize(sum) {
		return 0, false
	}
	var x mat.VecDense
	if err := c.SolveVecTo(&x, diff); err != nil {
		return 0, false
	}
	return math.Sqrt(max(0, mat.Dot(diff, &x))), true
}
