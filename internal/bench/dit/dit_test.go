package dit

import (
	"testing"

	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/modeltest"
)

var tiny = model.Pictures{Height: 2, Width: 3, Channels: 2}

const small = `{"channels":8,"layers":1,"heads":2,"ratio":2}`

// Its losses and gradients are held to PyTorch's by package golden.
func TestParameterCount(t *testing.T) {
	training, err := modeltest.New(t, Family{}, tiny, small).Training(2)
	if err != nil {
		t.Fatal(err)
	}
	time := 2 * (8*8 + 8)
	block := 6*8 + 4*8*8 + 8 + 2*4 + 2*8*16 + 16 + 8
	want := time + (8*48 + 48) + (2*8 + 8) + block + (8*16 + 16) + (8*2 + 2)
	if got := modeltest.Parameters(training.States, ""); got != want {
		t.Errorf("%d parameters, want %d", got, want)
	}
}

func TestRefusals(t *testing.T) {
	for _, config := range []string{`{"channels":0}`, `{"layers":0}`, `{"heads":0}`, `{"ratio":0}`, `{"channels":12,"heads":2}`} {
		if _, err := (Family{}).New(tiny, modeltest.Decode(config)); err == nil {
			t.Errorf("%s was accepted", config)
		}
	}
	m := modeltest.New(t, Family{}, tiny, small)
	if _, err := m.Training(0); err == nil {
		t.Error("an empty batch was accepted")
	}
	if _, err := m.Build(model.UseSample, 1); err == nil {
		t.Error("it claims to sample")
	}
}
