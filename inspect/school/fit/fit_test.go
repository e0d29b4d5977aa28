package fit

import (
	"context"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/model/safetensors"
	"github.com/limner-ai/limner/nn"
)

// line is y = 3 − 2x.
func line(steps int) Task {
	r := rand.New(rand.NewPCG(1, 2))
	return Task{
		Loss: func(s *nn.Scope) *graph.Value {
			y := nn.Dense(s.Sub("line"), s.Graph.Input("x", 32, 1), 1, nn.Zeros)
			return y.Sub(s.Graph.Input("y", 32, 1)).Square().Mean()
		},
		Feed: func(_ int, input func(string) []float32) error {
			for i := range 32 {
				x := r.Float32()
				input("x")[i], input("y")[i] = x, 3-2*x
			}
			return nil
		},
		Steps: steps, Rate: .05, Average: .98, Seed: 1, Threads: 1,
	}
}

func TestRun(t *testing.T) {
	weights, last, err := line(800).Run(context.Background(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if w, b := float64(weights["line/w"].Data[0]), float64(weights["line/b"].Data[0]); math.Abs(w+2) > .1 || math.Abs(b-3) > .1 || last > .1 {
		t.Errorf("y = %v + %v·x, loss %v", b, w, last)
	}
	path := filepath.Join(t.TempDir(), "line.safetensors")
	if err := Save32(path, weights, map[string]string{"made": "here"}); err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.Open(path)
	if err != nil || f.Meta()["made"] != "here" {
		t.Fatalf("%v", err)
	}
	f.Close()
	if err := Save(filepath.Join(path, "none"), weights, nil); err == nil {
		t.Error("a file is no folder")
	}

	// Going on, it is where it was.
	more := line(1)
	more.Start, more.Rate = weights, 0
	on, first, err := more.Run(context.Background(), io.Discard)
	if err != nil || first > .01 || math.Abs(float64(on["line/w"].Data[0]-weights["line/w"].Data[0])) > 1e-6 {
		t.Errorf("loss %v, %v", first, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := line(5).Run(ctx, io.Discard); err != context.Canceled {
		t.Errorf("error %v", err)
	}
	fails := line(5)
	fails.Feed = func(int, func(string) []float32) error { return os.ErrClosed }
	if _, _, err := fails.Run(context.Background(), io.Discard); err != os.ErrClosed {
		t.Errorf("error %v", err)
	}
}
