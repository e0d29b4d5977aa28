package inspecttest

import (
	"context"
	"fmt"
	"image"
	"testing"

	"github.com/limner-ai/limner/inspect"
)

// dark is an inspector of nothing but darkness.
type dark struct{}

func (dark) Close() error { return nil }

func (dark) Inspect(ctx context.Context, m *image.NRGBA) (inspect.Finding, error) {
	f := inspect.Finding{Inspector: "dark"}
	if err := ctx.Err(); err != nil {
		return f, err
	}
	w, h := m.Rect.Dx(), m.Rect.Dy()
	if w*h < 4 {
		f.Sentence = "The picture is too small."
		return f, nil
	}
	f.Applies = true
	f.Heat = &inspect.Heat{W: w, H: h, Value: make([]float32, w*h)}
	for i := range f.Heat.Value {
		f.Heat.Value[i] = 1 - float32(m.Pix[i/w*m.Stride+4*(i%w)])/255
		f.Probability += float64(f.Heat.Value[i]) / float64(w*h)
	}
	f.Score = f.Probability
	if f.Faulty = f.Score > .5; f.Faulty {
		f.Fault = "dark"
	}
	f.Regions = f.Heat.Regions(m.Rect, .8, 5)
	f.Sentence = "It is as dark as that."
	return f, nil
}

var kind = inspect.Kind{Name: "dark", Summary: "what is dark", Faults: []string{"dark"},
	Open: func(inspect.Env) (inspect.Inspector, error) { return dark{}, nil }}

func TestRun(t *testing.T) { Run(t, kind) }

// recorder counts complaints.
type recorder struct {
	testing.TB
	said []string
}

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.said = append(r.said, fmt.Sprintf(format, args...))
}

func TestCheck(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 8, 8))
	good, _ := dark{}.Inspect(context.Background(), m)
	for name, spoil := range map[string]func(*inspect.Finding){
		"another name":      func(f *inspect.Finding) { f.Inspector = "light" },
		"no sentence":       func(f *inspect.Finding) { f.Sentence = "" },
		"half a sentence":   func(f *inspect.Finding) { f.Sentence = "it is" },
		"probability":       func(f *inspect.Finding) { f.Probability = 1.01 },
		"unknown fault":     func(f *inspect.Finding) { f.Fault = "bright" },
		"faulty of nothing": func(f *inspect.Finding) { f.Fault = "" },
		"heat":              func(f *inspect.Finding) { f.Heat = &inspect.Heat{W: 1, H: 1, Value: []float32{2}} },
		"heat's length":     func(f *inspect.Finding) { f.Heat = &inspect.Heat{W: 2, H: 1, Value: []float32{0}} },
		"region outside":    func(f *inspect.Finding) { f.Regions = []inspect.Region{{Box: image.Rect(4, 4, 9, 8)}} },
		"regions' order": func(f *inspect.Finding) {
			f.Regions = []inspect.Region{{Box: m.Rect, Score: .1}, {Box: m.Rect, Score: .2}}
		},
		"does not apply": func(f *inspect.Finding) { f.Applies = false },
	} {
		f := good
		spoil(&f)
		r := &recorder{}
		if Check(r, kind, m, f); len(r.said) == 0 {
			t.Errorf("%s: nothing is said against it", name)
		}
	}
	r := &recorder{}
	if Check(r, kind, m, good); len(r.said) > 0 {
		t.Errorf("of a good finding: %q", r.said)
	}
}
