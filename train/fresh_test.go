package train

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/nn"
)

// A model with a wider latent begins with all weights of a narrower one but
// those that it is told to begin anew.
func TestFresh(t *testing.T) {
	first := config(t, models["vae"])
	if _, err := Run(context.Background(), first, options()); err != nil {
		t.Fatal(err)
	}
	wider := func(fresh ...string) (*trained.Model, error) {
		c := config(t, strings.NewReplacer("latent: 2", "latent: 3", "steps: 60", "steps: 1", "rate: 0.01", "rate: 1e-12").Replace(models["vae"]))
		c.Train.From, c.Train.Fresh = first.Out, fresh
		if _, err := Run(context.Background(), c, options()); err != nil {
			return nil, err
		}
		return trained.Open(c.Out, families, nil)
	}
	if _, err := wider(); err == nil || !strings.Contains(err.Error(), "train.fresh") {
		t.Errorf("other shapes without train.fresh: %v", err)
	}
	old, err := trained.Open(first.Out, families, nil)
	if err != nil {
		t.Fatal(err)
	}
	anew := []string{"encoder/mean", "encoder/logvar", "decoder/dense0"} // on both sides of the latent
	if _, err := wider(append(anew, "nowhere")...); err == nil || !strings.Contains(err.Error(), `"nowhere"`) {
		t.Errorf("a scope that is not there: %v", err)
	}
	m, err := wider(anew...)
	if err != nil {
		t.Fatal(anew, err)
	}
	kept := 0
	for name, w := range m.Weights {
		if scopeAmong(nn.Plain(name), slices.Values(anew)) != "" {
			continue
		}
		for i, v := range old.Weights[name].Data {
			if d := v - w.Data[i]; d > 1e-6 || d < -1e-6 {
				t.Fatalf("%s is not as it was in the earlier model: %v and %v", name, w.Data[i], v)
			}
		}
		kept++
	}
	if kept == 0 || kept == len(m.Weights) {
		t.Errorf("%d of %d weights kept", kept, len(m.Weights))
	}
}
