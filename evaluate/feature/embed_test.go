package feature

import (
	"errors"
	"slices"
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
)

// looker embeds a picture of one pixel by its values.
type looker struct{}

func (looker) Config() any                           { return nil }
func (looker) Training(int) (*model.Training, error) { return nil, errors.New("born wise") }
func (looker) Uses() []model.Use                     { return []model.Use{model.UseLook} }
func (looker) Build(_ model.Use, n int) (*model.Call, error) {
	g := graph.New()
	v := g.Input(model.InputImages, n, 1, 1, 4).Reshape(n, 4).MulScalar(2)
	return &model.Call{Graph: g, Outputs: []model.Output{{Name: "embedding", Value: v}}}, nil
}

// A network without classes is a space too; it names none.
func TestEmbedding(t *testing.T) {
	p := model.Pictures{Height: 1, Width: 1, Channels: 4}
	s, err := New(trained.New(looker{}, trained.Manifest{Name: "look", Family: "contrast", Pictures: p}, nil, engine(t)))
	if err != nil {
		t.Fatal(err)
	}
	d, err := s.Describe(tensor.From([]float32{1, 2, 3, 4, 5, 6, 7, 8}, 2, 1, 1, 4), []int{0, 1})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(d.Features.Row(1), []float32{10, 12, 14, 16}) || !slices.Equal(d.Seen, []int{-1, -1}) || s.Dim != 4 {
		t.Errorf("%+v", d)
	}
	if s.Knows(nil) || !s.Fits(p) {
		t.Error("a network without classes knows some")
	}
}
