// Package blur teaches the inspector of sharpness on clean pictures and on the
// same ones blurred, all over or in a place.
package blur

import (
	"context"
	"encoding/json"
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"path/filepath"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/inspect/blur"
	"github.com/limner-ai/limner/inspect/plane"
	"github.com/limner-ai/limner/inspect/school/corrupt"
	"github.com/limner-ai/limner/inspect/school/fit"
	"github.com/limner-ai/limner/inspect/school/gallery"
	"github.com/limner-ai/limner/inspect/school/lesson"
	"github.com/limner-ai/limner/nn"
)

// Lesson is the school's.
var Lesson = lesson.Lesson{Name: "blur", Summary: "sharpness, all over and in places", Fit: teach, Table: table}

const (
	taught     = 2400 // clean pictures that the cells are learnt from
	cellBatch  = 1024
	cellSteps  = 4000
	wholeBatch = 256
	wholeSteps = 1500
)

// seen is a picture's cells with what is known of each: 1 blurred, 0 sharp, −1
// unknown.
type seen struct {
	cells  *blur.Cells
	labels []float32
	faulty float32
}

func teach(ctx context.Context, d *lesson.Desk) error {
	g, err := d.Open(gallery.Fit)
	if err != nil {
		return err
	}
	defer g.Close()
	n := d.N
	if n == 0 {
		n = taught
	}
	pictures, err := examples(ctx, g, n, d.Seed)
	if err != nil {
		return err
	}
	fmt.Fprintf(d.Progress, "%d pictures looked at\n", len(pictures))
	weights, err := teachCells(ctx, d, pictures)
	if err != nil {
		return err
	}
	weights["whole/w"], weights["whole/b"] = tensor.New(blur.Whole), tensor.New(1)
	j, err := blur.NewJudge(weights)
	if err != nil {
		return err
	}
	if err := teachWhole(ctx, d, j, pictures, weights); err != nil {
		return err
	}
	scale, err := tune(ctx, d, j)
	if err != nil {
		return err
	}
	text, err := json.Marshal(scale)
	if err != nil {
		return err
	}
	return fit.Save32(filepath.Join(d.Root, "inspect", "blur", "blur.safetensors"), weights, map[string]string{
		blur.ScaleKey: string(text),
		"made":        "go run ./inspect/school fit blur",
		"data":        g.Root,
		"split":       "fit: four in five of the training pictures, by caption; scale on tune, the fifth",
		"faults":      "blur and blur-part of inspect/school/corrupt, strengths 0 to 1; as many clean",
		"pictures":    fmt.Sprint(len(pictures)),
		"seed":        fmt.Sprint(d.Seed),
		"licence":     "Apache-2.0",
	})
}

// examples are clean pictures, half of them resampled a little, each also
// blurred all over or in a place.
func examples(ctx context.Context, g *gallery.Gallery, n int, seed uint64) ([]seen, error) {
	var out []seen
	add := func(m *image.NRGBA, r *corrupt.Result) {
		s := seen{cells: blur.Look(m)}
		if s.cells == nil {
			return
		}
		s.labels = make([]float32, len(s.cells.Has))
		if r != nil {
			s.faulty = 1
			mask := plane.Resize(r.Mask, s.cells.W, s.cells.H)
			region := plane.Resize(r.Region, s.cells.W, s.cells.H)
			for i := range s.labels {
				switch {
				case mask.V[i] > .25:
					s.labels[i] = 1
				case region.V[i] > 0 || mask.V[i] > .02:
					s.labels[i] = -1
				}
			}
		}
		out = append(out, s)
	}
	parts, err := corrupt.Named("blur", "blur-part")
	if err != nil {
		return nil, err
	}
	for k, i := range g.Some(n) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m, err := g.Image(i)
		if err != nil {
			return nil, err
		}
		random := rand.New(rand.NewPCG(seed, uint64(i)))
		if k%2 == 1 {
			m = corrupt.Jitter(m, random)
		}
		add(m, nil)
		if r, ok := parts[k/2%2].Apply(m, random.Float64(), seed+uint64(i)); ok {
			add(r.Image, &r)
		}
	}
	return out, nil
}

const (
	inCells  = "cells"
	inLabels = "labels"
)

func teachCells(ctx context.Context, d *lesson.Desk, pictures []seen) (map[string]*tensor.Tensor, error) {
	var rows [2][][]float32 // sharp, blurred
	mean, deviation := tensor.New(blur.Features), tensor.New(blur.Features)
	for _, s := range pictures {
		for i, has := range s.cells.Has {
			if has && s.labels[i] >= 0 {
				k := int(s.labels[i])
				rows[k] = append(rows[k], s.cells.Of[i*blur.Features:][:blur.Features])
			}
		}
	}
	standardise(rows, mean.Data, deviation.Data)
	fmt.Fprintf(d.Progress, "%d sharp and %d blurred cells\n", len(rows[0]), len(rows[1]))
	random := rand.New(rand.NewPCG(d.Seed, 3))
	weights, _, err := fit.Task{
		Loss: func(s *nn.Scope) *graph.Value {
			h := s.Graph.Input(inCells, cellBatch, blur.Features)
			h = nn.SiLU(nn.Dense(s.Sub("1"), h, blur.Hidden1, nn.KaimingIn(1.7)))
			h = nn.SiLU(nn.Dense(s.Sub("2"), h, blur.Hidden2, nn.KaimingIn(1.7)))
			z := nn.Dense(s.Sub("3"), h, 1, nn.Glorot).Reshape(cellBatch)
			y := s.Graph.Input(inLabels, cellBatch)
			return z.Softplus().Sub(y.Mul(z)).Mean()
		},
		Feed: func(_ int, input func(string) []float32) error {
			// As many blurred as sharp ones.
			for i := range cellBatch {
				k := i % 2
				x := rows[k][random.IntN(len(rows[k]))]
				for j, v := range x {
					input(inCells)[i*blur.Features+j] = (v - mean.Data[j]) / deviation.Data[j]
				}
				input(inLabels)[i] = float32(k)
			}
			return nil
		},
		Steps: cellSteps, Rate: 3e-3, Decay: .01, Average: .998, Seed: d.Seed, Threads: 1,
	}.Run(ctx, d.Progress)
	if err != nil {
		return nil, err
	}
	weights["mean"], weights["deviation"] = mean, deviation
	return weights, nil
}

// standardise fills in the mean and the deviation of each feature.
func standardise(rows [2][][]float32, mean, deviation []float32) {
	for j := range mean {
		var sum, square, n float64
		for _, list := range rows {
			for _, x := range list {
				sum += float64(x[j])
				square += float64(x[j]) * float64(x[j])
				n++
			}
		}
		m := sum / n
		mean[j], deviation[j] = float32(m), float32(math.Sqrt(max(1e-6, square/n-m*m)))
	}
}

// teachWhole fits the judgement of pictures to that of their cells.
func teachWhole(ctx context.Context, d *lesson.Desk, j *blur.Judge, pictures []seen, weights map[string]*tensor.Tensor) error {
	summaries := make([][]float32, len(pictures))
	for i, s := range pictures {
		summaries[i] = blur.Summary(s.cells, j.Logits(s.cells))
	}
	random := rand.New(rand.NewPCG(d.Seed, 4))
	learnt, _, err := fit.Task{
		Loss: func(s *nn.Scope) *graph.Value {
			z := nn.Dense(s.Sub("whole"), s.Graph.Input(inCells, wholeBatch, blur.Whole), 1, nn.Zeros).Reshape(wholeBatch)
			y := s.Graph.Input(inLabels, wholeBatch)
			return z.Softplus().Sub(y.Mul(z)).Mean()
		},
		Feed: func(_ int, input func(string) []float32) error {
			for i := range wholeBatch {
				k := random.IntN(len(pictures))
				copy(input(inCells)[i*blur.Whole:], summaries[k])
				input(inLabels)[i] = pictures[k].faulty
			}
			return nil
		},
		Steps: wholeSteps, Rate: 2e-2, Decay: .001, Average: .99, Seed: d.Seed, Threads: 1,
	}.Run(ctx, d.Progress)
	if err != nil {
		return err
	}
	copy(weights["whole/w"].Data, learnt["whole/w"].Data)
	copy(weights["whole/b"].Data, learnt["whole/b"].Data)
	return nil
}
