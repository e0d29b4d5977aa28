package find

import (
	_ "embed"
	"fmt"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/inspect/hands/tflite"
	"github.com/limner-ai/limner/model/trained"
)

// The networks of MediaPipe Hands as Google published them, weights in float16:
// palm_detection_full.tflite and hand_landmark_full.tflite of the package
// @mediapipe/hands 0.4.1675469240, Apache-2.0. Zhang and others, "MediaPipe
// Hands: On-device Real-time Hand Tracking" (2020).
var (
	//go:embed palm.tflite
	palmFile []byte
	//go:embed landmark.tflite
	landmarkFile []byte
)

const (
	palmSide     = 192 // pixels of the square that the palm detector sees
	landmarkSide = 224
	inputName    = "picture"
)

// net is a compiled network for one picture at a time.
type net struct {
	exe  trained.Executable
	side int
}

func load(engine trained.Engine, file []byte, side int) (*net, error) {
	read, err := tflite.Read(file)
	if err != nil {
		return nil, err
	}
	g := graph.New()
	outputs, err := read.Build(g.Input(inputName, 1, side, side, 3))
	if err != nil {
		return nil, err
	}
	exe, err := engine.Load(outputs, nil, nil)
	if err != nil {
		return nil, fmt.Errorf("compiling a network: %w", err)
	}
	return &net{exe, side}, nil
}

// pixels is the buffer of the input, side·side·3 numbers from 0 to 1.
func (n *net) pixels() []float32 { return n.exe.Input(inputName).Data }

// run fills the outputs, which are valid until the next run.
func (n *net) run() error { return n.exe.Run(0, 0) }

func (n *net) output(i int) []float32 { return n.exe.Output(i).Data }
