// Package golden holds training runs of tiny nets that were computed by
// PyTorch in float64, and the scripts that make them (make.py) and that time
// the same steps (bench.py). The noise is Limner's own, drawn again in NumPy.
package golden

import (
	"cmp"
	"compress/gzip"
	"embed"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"path"
	"strings"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/text"
)

//go:embed testdata/*.json.gz
var files embed.FS

// Case is one run.
type Case struct {
	Name       string               `json:"-"`
	Family     string               `json:"family"`
	Pictures   model.Pictures       `json:"pictures"`
	Config     json.RawMessage      `json:"config"`
	Batch      int                  `json:"batch"`
	Seed       uint64               `json:"seed"`
	Rate       float64              `json:"rate"`
	Iterations int                  `json:"iterations"`
	Metrics    map[string][]float64 `json:"metrics"` // by name, one an iteration
	// Gradients of the first step that moves a parameter, by step and parameter.
	Gradients map[string]map[string]Array `json:"gradients"`
}

// Array is a float32 array as base64 of little-endian numbers.
type Array struct {
	Shape tensor.Shape `json:"shape"`
	Data  string       `json:"data"`
}

// Values unpacks the array.
func (a Array) Values() ([]float64, error) {
	raw, err := base64.StdEncoding.DecodeString(a.Data)
	if err != nil || len(raw) != 4*a.Shape.Size() {
		return nil, fmt.Errorf("an array of shape %v has %d bytes: %w", a.Shape, len(raw), err)
	}
	out := make([]float64, a.Shape.Size())
	for i := range out {
		out[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:])))
	}
	return out, nil
}

// Cases reads all runs.
func Cases() ([]Case, error) {
	entries, err := files.ReadDir("testdata")
	if err != nil {
		return nil, err
	}
	var out []Case
	for _, e := range entries {
		f, err := files.Open(path.Join("testdata", e.Name()))
		if err != nil {
			return nil, err
		}
		z, err := gzip.NewReader(f)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name(), err)
		}
		c := Case{Name: strings.TrimSuffix(e.Name(), ".json.gz")}
		if err := json.NewDecoder(z).Decode(&c); err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name(), err)
		}
		out = append(out, c)
	}
	return out, nil
}

// Weight is the first value of a parameter in every run: normal noise of the
// parameter's stream over the root of its fan-in; vectors are smaller.
func (c Case) Weight(name string, shape tensor.Shape) *tensor.Tensor {
	sigma := .1
	if len(shape) > 1 {
		sigma = 1 / math.Sqrt(float64(shape.Size()/shape[len(shape)-1]))
	}
	t := tensor.New(shape...)
	tensor.Philox{Seed: c.Seed, Stream: tensor.StreamOf(name)}.Normal(t.Data, 0)
	for i, x := range t.Data {
		t.Data[i] = float32(float64(x) * sigma)
	}
	return t
}

// Inputs are what a step of an iteration reads: pictures on 256 levels,
// noise around a colour of each one's own, classes, and the scalars.
func (c Case) Inputs(step string, iteration int) map[string]*tensor.Tensor {
	draw := func(name string, dims ...int) *tensor.Tensor {
		t := tensor.New(dims...)
		p := tensor.Philox{Seed: c.Seed, Stream: tensor.StreamOf("golden/" + name + "/" + step), Step: uint32(iteration)}
		p.Uniform(t.Data, 0)
		return t
	}
	x := draw("images", c.Batch, c.Pictures.Height, c.Pictures.Width, c.Pictures.Channels)
	colours := draw("colours", c.Batch, c.Pictures.Channels)
	for i, u := range x.Data {
		picture, channel := i*c.Batch/len(x.Data), i%c.Pictures.Channels
		v := colours.Row(picture)[channel]
		x.Data[i] = float32(math.Floor((float64(u)+3*float64(v))*64) / 255)
	}
	y := draw("labels", c.Batch)
	for i, u := range y.Data {
		y.Data[i] = float32(math.Floor(float64(u * float32(len(c.Pictures.Classes)))))
	}
	in := map[string]*tensor.Tensor{
		model.InputImages: x, model.InputLabels: y,
		model.InputRate:     tensor.Scalar(float32(c.Rate)),
		model.InputProgress: tensor.Scalar(float32(float64(iteration) / float64(c.Iterations))),
	}
	type encoder struct{ Length, Vocabulary int }
	var reads struct {
		encoder
		Words struct{ Config encoder }
	}
	if json.Unmarshal(c.Config, &reads) != nil {
		return in
	}
	if words := cmp.Or(reads.encoder, reads.Words.Config); words.Vocabulary > 0 {
		in[model.InputTokens] = prompts(draw("tokens", c.Batch, words.Length), draw("lengths", c.Batch), words.Vocabulary, iteration)
	}
	return in
}

// prompts makes tokens of uniform noise [batch length], of the lengths that
// noise gives, too: the first of full length, the last two the same in every
// second iteration.
func prompts(tokens, lengths *tensor.Tensor, vocabulary, iteration int) *tensor.Tensor {
	batch, length := tokens.Shape[0], tokens.Shape[1]
	for i := range batch {
		row, n := tokens.Row(i), length
		for k, u := range row {
			row[k] = float32(math.Floor(3 + float64(u)*float64(vocabulary-3)))
		}
		if i > 0 {
			n = int(3 + float64(lengths.Data[i])*float64(length-2))
		}
		row[0], row[n-1] = text.Start, text.End
		clear(row[n:])
	}
	if iteration%2 == 1 {
		copy(tokens.Row(batch-1), tokens.Row(batch-2))
	}
	return tokens
}
