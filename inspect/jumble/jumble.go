// Package jumble inspects structure: things that melt, parts in the wrong place,
// edges that end, parts that are there twice. A small network that learnt on
// pictures spoilt in these ways judges a picture at 64 pixels, as a whole and
// square by square.
package jumble

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"math"
	"sync"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/inspect"
	"github.com/limner-ai/limner/inspect/calibrate"
	"github.com/limner-ai/limner/model/safetensors"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/nn"
)

// jumble.safetensors holds the network; its metadata say how it was trained.
//
//go:embed jumble.safetensors
var file []byte

// ScaleKey is the metadata entry with the calibration, as JSON.
const ScaleKey = "scale"

// Kind is the inspector of structure.
var Kind = inspect.Kind{
	Name:    "jumble",
	Summary: "broken structure: what melts, is jumbled, breaks off or is there twice",
	Faults:  Faults,
	Open: func(env inspect.Env) (inspect.Inspector, error) {
		weights, meta, err := Read(file)
		if err != nil {
			return nil, err
		}
		var scale calibrate.Scale
		if err := json.Unmarshal([]byte(meta[ScaleKey]), &scale); err != nil {
			return nil, fmt.Errorf("jumble: the network's scale: %w", err)
		}
		if err := scale.Curve.Check(); err != nil {
			return nil, err
		}
		return New(weights, scale, env.Threads)
	},
}

// Read reads a network's weights and what is said about them.
func Read(file []byte) (map[string]*tensor.Tensor, map[string]string, error) {
	f, err := safetensors.Read(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, nil, fmt.Errorf("jumble: the network: %w", err)
	}
	t, err := f.Tensors()
	if err != nil {
		return nil, nil, fmt.Errorf("jumble: the network: %w", err)
	}
	return t, f.Meta(), nil
}

type inspector struct {
	engine *trained.CPU
	scale  calibrate.Scale

	lock sync.Mutex // over exe
	exe  trained.Executable
}

// New makes an inspector of a network.
func New(weights map[string]*tensor.Tensor, scale calibrate.Scale, threads int) (inspect.Inspector, error) {
	g := graph.New()
	s := nn.NewScope(g)
	var cells, whole *graph.Value
	if err := graph.Catch(func() { cells, whole = Net(s, g.Input("picture", 1, Side, Side, 4)) }); err != nil {
		return nil, err
	}
	for _, p := range s.Params() {
		if t := weights[p.Name]; t == nil || !t.Shape.Equal(p.Shape) {
			return nil, fmt.Errorf("jumble: the network has no weights %s of shape %v", p.Name, p.Shape)
		}
	}
	engine := trained.NewCPU(threads)
	exe, err := engine.Load([]*graph.Value{cells, whole}, nil, weights)
	if err != nil {
		engine.Close()
		return nil, fmt.Errorf("jumble: %w", err)
	}
	return &inspector{engine: engine, scale: scale, exe: exe}, nil
}

func (in *inspector) Close() error {
	in.engine.Close()
	return nil
}

const (
	hot         = .5 // heat above which a place is a region
	mostRegions = 3
)

func (in *inspector) Inspect(ctx context.Context, m *image.NRGBA) (inspect.Finding, error) {
	f := inspect.Finding{Inspector: "jumble"}
	if err := ctx.Err(); err != nil {
		return f, err
	}
	v, err := frame(m)
	if err != nil {
		var why reason
		if errors.As(err, &why) {
			f.Sentence = string(why)
			return f, nil
		}
		return f, err
	}
	cells, whole, err := in.look(v.picture)
	if err != nil {
		return f, err
	}
	f.Applies = true
	f.Score = float64(whole[0])
	f.Probability, f.Faulty = in.scale.Judge(f.Score)
	f.Heat = v.heat(cells)
	f.Measures = map[string]float64{}
	best := 0
	for i, name := range Faults {
		f.Measures[name] = logistic(whole[1+i])
		if whole[1+i] > whole[1+best] {
			best = i
		}
	}
	if err := v.measure(f.Measures); err != nil {
		return inspect.Finding{}, err
	}
	f.Sentence = "Edges and parts hang together as they do in clean pictures."
	if f.Faulty {
		f.Fault = Faults[best]
		f.Regions = f.Heat.Regions(m.Rect, hot, mostRegions)
		f.Sentence = sentence(&f, m.Rect)
	}
	return f, nil
}

// look runs the network.
func (in *inspector) look(picture *image.NRGBA) (cells, whole []float32, err error) {
	in.lock.Lock()
	defer in.lock.Unlock()
	copy(in.exe.Input("picture").Data, Input(picture))
	if err := in.exe.Run(0, 0); err != nil {
		return nil, nil, fmt.Errorf("jumble: %w", err)
	}
	cells = append(cells, in.exe.Output(0).Data...)
	whole = append(whole, in.exe.Output(1).Data...)
	for _, v := range whole {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, nil, errors.New("jumble: the network gives no number")
		}
	}
	return cells, whole, nil
}

// says is what each of Faults means.
var says = map[string]string{
	"melted":        "Something looks melted",
	"jumbled tiles": "Parts are in each other's place",
	"broken edges":  "Edges break off and go on beside themselves",
	"doubled parts": "A part seems to be there twice",
}

func sentence(f *inspect.Finding, bounds image.Rectangle) string {
	where := ""
	if len(f.Regions) > 0 {
		where = " " + inspect.Place(f.Regions[0].Box, bounds)
	}
	return fmt.Sprintf("%s%s (%.0f %% sure).", says[f.Fault], where, 100*f.Probability)
}

func logistic(v float32) float64 { return 1 / (1 + math.Exp(-float64(v))) }
