package natural

import (
	"bytes"
	_ "embed"
	"fmt"
	"math"
	"sync"

	"github.com/limner-ai/limner/inspect/plane"
	"github.com/limner-ai/limner/model/safetensors"
)

// brisque.safetensors is OpenCV's model, fitted to the LIVE database of judged
// photographs; convert.go says how it was made.
//
//go:embed brisque.safetensors
var brisqueFile []byte

// brisque is a support vector regression with Gaussian kernels.
type brisque struct {
	vectors []float32 // rows of Count
	weights []float32
	rho     float64
	low     []float32 // of each feature
	high    []float32
}

const gamma = .05 // of the kernels

var openBrisque = sync.OnceValues(func() (*brisque, error) {
	f, err := safetensors.Read(bytes.NewReader(brisqueFile), int64(len(brisqueFile)))
	if err != nil {
		return nil, fmt.Errorf("natural: the model of BRISQUE: %w", err)
	}
	t, err := f.Tensors()
	if err != nil {
		return nil, fmt.Errorf("natural: the model of BRISQUE: %w", err)
	}
	for name, n := range map[string]int{"vectors": 774 * Count, "weights": 774, "rho": 1, "low": Count, "high": Count} {
		if t[name] == nil || len(t[name].Data) != n {
			return nil, fmt.Errorf("natural: the model of BRISQUE has no %s of %d numbers", name, n)
		}
	}
	return &brisque{t["vectors"].Data, t["weights"].Data, float64(t["rho"].Data[0]), t["low"].Data, t["high"].Data}, nil
})

// LeastSide is the shortest side that a picture must have to be measured.
const LeastSide = 16

// BRISQUE is the blind quality of a photograph by Mittal, Moorthy and Bovik
// ("No-reference image quality assessment in the spatial domain", 2012), from 0
// (good) to 100 (bad), of luma from 0 to 1, as OpenCV computes it. It was made
// for photographs of several hundred pixels: of drawings and of small pictures it
// tells little. The luma must be LeastSide pixels wide and high.
func BRISQUE(luma *plane.Plane) (float64, error) {
	m, err := openBrisque()
	if err != nil {
		return 0, err
	}
	return m.score(features(luma)), nil
}

// features are those of the whole picture at both scales.
func features(luma *plane.Plane) []float64 {
	var out []float64
	for range 2 {
		mscn, _ := normalise(luma)
		out = append(out, describe(mscn, 0, 0, mscn.W, mscn.H)...)
		luma = half(luma)
	}
	return out
}

func (m *brisque) score(features []float64) float64 {
	var x [Count]float32
	for i, v := range features {
		x[i] = -1 + 2*(float32(v)-m.low[i])/(m.high[i]-m.low[i])
	}
	sum := -m.rho
	for i, w := range m.weights {
		d := 0.
		for j, v := range m.vectors[i*Count:][:Count] {
			d += float64(v-x[j]) * float64(v-x[j])
		}
		sum += float64(w) * math.Exp(-gamma*d)
	}
	return max(0, min(sum, 100))
}
