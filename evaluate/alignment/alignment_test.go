package alignment

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
)

const values = 4

// toy embeds a picture of one pixel by its values, and a text by the numbers
// that it is written as.
type toy struct{}

func (toy) Config() any                           { return nil }
func (toy) Training(int) (*model.Training, error) { return nil, errors.New("born wise") }
func (toy) Uses() []model.Use                     { return []model.Use{model.UseRead, model.UseLook} }
func (toy) Tokens() int                           { return values }
func (toy) Tokenise(dst []float32, prompt string) {
	clear(dst)
	for i, w := range strings.Fields(prompt) {
		v, _ := strconv.ParseFloat(w, 32)
		dst[i] = float32(v)
	}
}

func (toy) Build(use model.Use, n int) (*model.Call, error) {
	g := graph.New()
	v := func() *graph.Value {
		if use == model.UseRead {
			return g.Input(model.InputTokens, n, values)
		}
		return g.Input(model.InputImages, n, 1, 1, values).Reshape(n, values)
	}()
	return &model.Call{Graph: g, Outputs: []model.Output{{Name: "embedding", Value: v.MulScalar(1)}}}, nil
}

func encoder(t *testing.T) *Encoder {
	t.Helper()
	e := trained.NewCPU(1)
	t.Cleanup(e.Close)
	enc, err := NewEncoder(trained.New(toy{}, trained.Manifest{Name: "toy", Pictures: model.Pictures{Height: 1, Width: 1, Channels: values}}, nil, e))
	if err != nil {
		t.Fatal(err)
	}
	return enc
}

// unit is n directions in the half-plane, which are nearest to themselves.
func unit(n int) *tensor.Tensor {
	x := tensor.New(n, 1, 1, values)
	for i := range n {
		sin, cos := math.Sincos(math.Pi * float64(i) / float64(n))
		x.Row(i)[0], x.Row(i)[1] = float32(cos), float32(sin)
	}
	return x
}

func written(row []float32) string {
	var words []string
	for _, v := range row {
		words = append(words, strconv.FormatFloat(float64(v), 'g', -1, 32))
	}
	return strings.Join(words, " ")
}

// Pictures that are embedded as their captions are found; those of the
// neighbour are not found first.
func TestMeasure(t *testing.T) {
	const n = 150
	real := unit(n)
	wrong := tensor.New(n, 1, 1, values)
	prompts := make([]Prompt, n)
	for i := range n {
		c := written(real.Row(i))
		prompts[i] = Prompt{Text: c, Caption: c, Concept: strconv.Itoa(i)}
		copy(wrong.Row(i), real.Row((i/2*2+(i+1)%2)%n)) // pairs change places
	}
	p, err := Measure(encoder(t), wrong, real, prompts, 1)
	if err != nil {
		t.Fatal(err)
	}
	if r := p.Real; r.R1 < .999 || r.R5 < .999 || r.WordsR1 < .999 || r.N != n || r.Pool != Pool {
		t.Errorf("%+v", r)
	}
	// The other of the pair is in two of three pools.
	if s := p.Samples; s.R1 > .45 || s.R1 < .2 || s.R5 < .999 || s.WordsR1 > .45 || math.Abs(p.Ratio-s.R1/p.Real.R1) > 1e-9 {
		t.Errorf("%+v", p)
	}
}

// A network that tells nothing apart finds nothing, and one by chance finds
// one of Pool.
func TestRetrieveByChance(t *testing.T) {
	const n = 400
	concepts := make([]string, n)
	for i := range concepts {
		concepts[i] = strconv.Itoa(i)
	}
	same := tensor.New(n, 3)
	if r, err := Retrieve(same, same, concepts, Pool, 1); err != nil || r.R1 != 0 || r.R5 != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	a, b := tensor.New(n, 16), tensor.New(n, 16)
	tensor.Philox{Seed: 1}.Normal(a.Data, 0)
	tensor.Philox{Seed: 2}.Normal(b.Data, 0)
	if r, err := Retrieve(a, b, concepts, Pool, 1); err != nil || r.R1 > .04 || math.Abs(r.R5-.05) > .04 {
		t.Errorf("%+v, %v", r, err)
	}
	// One concept has many prompts: they are never held against each other.
	for i := range concepts {
		concepts[i] = strconv.Itoa(i % 8)
	}
	for i := range n {
		others := pool(concepts, i, 7, 1)
		seen := map[string]bool{concepts[i]: true}
		for _, k := range others {
			if seen[concepts[k]] {
				t.Fatalf("%d: pool %v", i, others)
			}
			seen[concepts[k]] = true
		}
		if len(others) != 7 {
			t.Fatalf("%d: pool of %d", i, len(others))
		}
	}
	for i := range concepts {
		concepts[i] = "one"
	}
	if _, err := Retrieve(a, b, concepts, Pool, 1); err == nil {
		t.Error("one concept was enough")
	}
}

// worded is a set of captions.
type worded []string

func (s worded) Len() int                                   { return len(s) }
func (s worded) Shape() (h, w, c int)                       { return 1, 1, 1 }
func (s worded) Classes() []string                          { return nil }
func (s worded) Name(i int) string                          { return s[i] }
func (s worded) Item(int, []float32) (picture.Label, error) { return picture.Label{Class: -1}, nil }
func (s worded) Describe(i int) (picture.Description, error) {
	if s[i] == "" {
		return picture.Description{}, nil
	}
	return picture.Description{Captions: []picture.Caption{{Text: s[i]}, {Text: "Apfel"}}, Style: "3d"}, nil
}

func TestPrompts(t *testing.T) {
	set := worded{"waving hand", "waving hand: dark skin tone", "red apple", "", "Red apple", "sun"}
	all, err := Prompts(set, 10, 1)
	if err != nil || len(all) != 3 {
		t.Fatalf("%+v, %v", all, err)
	}
	for i, p := range all {
		if p.Text != p.Caption+", 3d" || p.Caption != set[p.Picture] || i > 0 && p.Picture < all[i-1].Picture {
			t.Errorf("%+v", p)
		}
	}
	if few, err := Prompts(set, 2, 1); err != nil || len(few) != 2 || Texts(few)[0] != few[0].Text {
		t.Errorf("%+v, %v", few, err)
	}
	if _, err := Prompts(worded{"", "one"}, 5, 1); err == nil {
		t.Error("one caption was enough")
	}
}

func TestPainted(t *testing.T) {
	// Half transparent green, an opaque blue pixel among three, black and white.
	if got := Painted([]float32{0, .6, 0, .9, .1, .2, .9, .3, 1, 1, 1, 1, 0, 0, 0, 1}, 1, 4, 4); got != "green" {
		t.Error(got)
	}
	// The ground of an opaque picture does not count.
	red, ground := []float32{.9, .1, .1}, []float32{.3, .9, .4}
	if got := Painted(append(append(append([]float32{}, ground...), red...), ground...), 1, 3, 3); got != "red" {
		t.Error(got)
	}
	if got := Painted([]float32{1, 1, 1, 0}, 1, 1, 4) + Painted([]float32{.5}, 1, 1, 1); got != "" {
		t.Error(got)
	}
}

func TestSwaps(t *testing.T) {
	all := Swaps()
	if len(all) != len(swapColours)*len(swapObjects) || all[1].String() != "an orange apple" || all[5].String() != "a purple apple" {
		t.Errorf("%v", all)
	}
	// The toy reads no words: all are alike, and none is right, but the paint is.
	images := tensor.New(len(all), 1, 1, values)
	for i := range all {
		copy(images.Row(i), []float32{.9, .1, .1, 1})
	}
	r, err := MeasureSwaps(encoder(t), images)
	if err != nil || r.Colour != 0 || r.Object != 0 || math.Abs(r.Painted-.125) > 1e-9 || r.N != len(all) {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := MeasureSwaps(encoder(t), tensor.New(1, 1, 1, values)); err == nil {
		t.Error("one picture of all swaps")
	}
}

// What a batch is filled up with changes nothing.
func TestEncoder(t *testing.T) {
	e := encoder(t)
	x := unit(2*Batch + 3)
	all, err := e.Look(x)
	if err != nil {
		t.Fatal(err)
	}
	for i := range x.Shape[0] {
		one, err := e.Read([]string{written(x.Row(i))})
		if err != nil || one.Row(0)[0] != x.Row(i)[0] || all.Row(i)[1] != x.Row(i)[1] {
			t.Fatalf("%d: %v and %v, %v", i, one.Row(0), all.Row(i), err)
		}
	}
	if _, err := e.Look(tensor.New(1, 2, 2, 3)); err == nil {
		t.Error("pictures of another extent were looked at")
	}
}
