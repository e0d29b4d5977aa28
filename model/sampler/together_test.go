package sampler

import (
	"slices"
	"testing"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/box"
	"github.com/limner-ai/limner/model/family"
	"github.com/limner-ai/limner/model/trained"
)

// boxed is the model that comes with Limner.
func boxed(t *testing.T, threads int) *Sampler {
	t.Helper()
	cpu := trained.NewCPU(threads)
	t.Cleanup(cpu.Close)
	m, err := box.Open(family.All(), cpu)
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(m)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The bits of a picture of a trained model do not depend on how many are made
// with it, nor on the number of threads.
func TestNoBitDependsOnCompany(t *testing.T) {
	prompts := []string{"a red apple", "", "a cat, 3d", "a cat, flat", "a blue car", "a house", "rain", "a red apple"}
	alone := boxed(t, 1)
	for _, guidance := range []float64{1, 3} {
		options := Options{Steps: 2, Guidance: guidance}
		var want [][]float32
		for i, p := range prompts {
			want = append(want, paint(t, alone, Request{Noise: alone.Noise(9, i, 1), Prompts: told(t, alone, p), Options: options}).Data)
		}
		s := boxed(t, 2)
		for _, n := range []int{1, 2, 3, 8} {
			all := paint(t, s, Request{Noise: s.Noise(9, 0, n), Prompts: told(t, s, prompts[:n]...), Options: options})
			for i := range n {
				if !slices.Equal(all.Row(i), want[i]) {
					t.Errorf("guidance %v: picture %d among %d is another alone", guidance, i, n)
				}
			}
		}
		for at, same := range s.safe {
			t.Logf("%d pictures of %d rows in one call: %v", at.pictures, at.rows, same)
		}
	}
}

// sociable is a model whose pictures do depend on their company: by the least
// bit, in one place, where a call has just so many rows.
type sociable struct {
	gauss
	rows int
}

func (m sociable) Build(use model.Use, batch int) (*model.Call, error) {
	call, err := m.gauss.Build(use, batch)
	if err == nil && use == model.UseVelocity && batch == m.rows {
		v := call.Outputs[0].Value
		one := tensor.New(batch, 2, 3, 4)
		for i := range one.Data {
			one.Data[i] = 1
		}
		one.Data[len(one.Data)-1] = 1 + 1.0/(1<<23)
		call.Outputs[0].Value = v.Mul(call.Graph.Constant(one))
	}
	return call, err
}

// A size of calls that changes a bit is not used, and others are.
func TestCompanyThatShowsIsAvoided(t *testing.T) {
	for _, c := range []struct{ rows, pictures, alone, want int }{
		{0, 8, 1, 4}, {4, 8, 1, 2}, {2, 8, 1, 4}, {2, 3, 1, 1}, {4, 8, 2, 1}, {0, 8, 2, 2}, {0, 1, 1, 1}, {0, 3, 1, 2},
	} {
		cpu := trained.NewCPU(1)
		defer cpu.Close()
		s, err := New(trained.New(sociable{rows: c.rows}, trained.Manifest{Pictures: pictures}, nil, cpu))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.together(c.pictures, c.alone); err != nil || got != c.want {
			t.Errorf("%+v: %d together, %v", c, got, err)
		}
	}
}
