package hands

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"sync"

	"github.com/limner-ai/limner/inspect/calibrate"
	"github.com/limner-ai/limner/inspect/hands/find"
	"github.com/limner-ai/limner/inspect/hands/judge"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
)

// What the school wrote: the judge with its training record, and the scale of
// its scores.
var (
	//go:embed judge.safetensors
	judgeFile []byte
	//go:embed scale.json
	scaleFile []byte

	scale = func() (s calibrate.Scale) {
		if err := json.Unmarshal(scaleFile, &s); err != nil {
			panic(err) // a broken build
		}
		return s
	}()
)

// verdict is what the judge says of a hand.
type verdict struct {
	score float64 // logarithm of the odds of a fault
	right float64 // probability, uncalibrated, as are those of each fault
	each  [len(faults)]float64
	fault int // the most probable
	heat  [judge.Cells * judge.Cells]float32
}

// verdicts runs the judge, for one goroutine at a time.
type verdicts struct {
	mutex sync.Mutex
	call  *trained.Call
}

func newVerdicts(engine trained.Engine) (*verdicts, error) {
	m, err := trained.Read("the judge of hands", bytes.NewReader(judgeFile), int64(len(judgeFile)), []model.Family{judge.Family{}}, engine)
	if err != nil {
		return nil, err
	}
	call, err := m.Call(model.UseFeatures, 2)
	if err != nil {
		return nil, err
	}
	if call.Input(model.InputImages) == nil || call.Output("logits") == nil || call.Output("heat") == nil {
		return nil, errors.New("the judge of hands lacks an output")
	}
	return &verdicts{call: call}, nil
}

// on judges a crop: the mean of what is said of it and of its mirror image.
func (v *verdicts) on(p *find.Picture, s find.Square) (verdict, error) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	const side, row = judge.Side, 3 * judge.Packed
	in := v.call.Input(model.InputImages).Data
	crop := make([]float32, 3*side*side)
	p.Crop(crop, side, s)
	half := len(in) / 2
	for y := range side {
		for x := range side {
			c := crop[3*(y*side+x):][:3]
			copy(in[y*row+3*x:], c)
			copy(in[half+y*row+3*(side-1-x):], c)
		}
	}
	if err := v.call.Run(0, 0); err != nil {
		return verdict{}, fmt.Errorf("judging a hand: %w", err)
	}
	return read(v.call.Output("logits").Data, v.call.Output("heat").Data), nil
}

// read makes a verdict of the logits [2 5] and the maps [2 12 12 4] of a crop and
// its mirror image.
func read(logits, maps []float32) verdict {
	const n, cells = len(faults), judge.Cells
	var v verdict
	var mean [n + 1]float64
	top := math.Inf(-1)
	for i := range mean {
		mean[i] = float64(logits[i]+logits[n+1+i]) / 2
		top = max(top, mean[i])
	}
	sum, wrong := 0., 0.
	for i, l := range mean {
		mean[i] = math.Exp(l - top)
		sum += mean[i]
		if i < n {
			wrong += mean[i]
			if mean[i] > mean[v.fault] {
				v.fault = i
			}
		}
	}
	v.score = math.Log(max(wrong, 1e-12)) - math.Log(max(mean[n], 1e-12))
	for i := range v.each {
		v.each[i] = mean[i] / sum
	}
	v.right = mean[n] / sum
	sigmoid := func(x float32) float64 { return 1 / (1 + math.Exp(-float64(x))) }
	for k := range v.heat {
		y, x := k/cells, k%cells
		other := y*cells + cells - 1 - x
		for i := range v.each {
			h := sigmoid(maps[k*n+i]) + sigmoid(maps[(cells*cells+other)*n+i])
			v.heat[k] += float32(v.each[i] * h / 2)
		}
	}
	return v
}

// at is the heat at a place in the crop, 0 outside of it.
func (v *verdict) at(x, y float64) float32 {
	if x < 0 || y < 0 || x >= 1 || y >= 1 {
		return 0
	}
	const n = judge.Cells
	u, w := max(0, min(x*n-.5, n-1)), max(0, min(y*n-.5, n-1))
	x0, y0 := int(u), int(w)
	x1, y1 := min(x0+1, n-1), min(y0+1, n-1)
	fx, fy := float32(u-float64(x0)), float32(w-float64(y0))
	top := v.heat[y0*n+x0]*(1-fx) + v.heat[y0*n+x1]*fx
	bottom := v.heat[y1*n+x0]*(1-fx) + v.heat[y1*n+x1]*fx
	return max(0, min(1, top*(1-fy)+bottom*fy))
}
