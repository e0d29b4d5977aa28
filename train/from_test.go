package train

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/limner-ai/limner/model/trained"
)

// What the section leaves out is as in the earlier model, what it says goes
// before that, and the run goes on when the earlier model is gone.
func TestAModelIsInherited(t *testing.T) {
	first := config(t, models["vae"])
	if _, err := Run(context.Background(), first, options()); err != nil {
		t.Fatal(err)
	}
	const text = `
name: next
data: {kind: shapes, size: 16, channels: 1, count: 24, flip: true}
model: {family: vae, warmup: 0.25}
train: {batch: 5, steps: 20, rate: 0.01}
every: {log: 7, sample: 0, checkpoint: 11}
`
	whole, parts := config(t, text), config(t, text)
	whole.Train.From, parts.Train.From = first.Out, first.Out
	if _, err := Run(context.Background(), whole, options()); err != nil {
		t.Fatal(err)
	}
	m, err := trained.Open(whole.Out, families, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"hidden":[6]`, `"latent":2`, `"warmup":0.25`} {
		if !strings.Contains(string(m.Manifest.Config), want) {
			t.Errorf("%s lacks %s", m.Manifest.Config, want)
		}
	}
	interrupted(t, parts, options(), 5)
	if err := os.RemoveAll(first.Out); err != nil {
		t.Fatal(err)
	}
	opt := options()
	opt.Resume = true
	if _, err := Run(context.Background(), parts, opt); err != nil {
		t.Fatal(err)
	}
	want, _ := finished(t, whole.Out)
	got, _ := finished(t, parts.Out)
	sameStates(t, got, want)
	again, err := trained.Open(parts.Out, families, nil)
	if err != nil || again.Manifest.From == nil || again.Manifest.From.Digest != m.Manifest.From.Digest {
		t.Errorf("it began with %+v (%v)", again.Manifest.From, err)
	}
	opt.Resume, parts.Out = false, t.TempDir()
	if _, err := Run(context.Background(), parts, opt); err == nil || !strings.Contains(err.Error(), "train.from: there is no model") {
		t.Errorf("a run that begins with nothing: %v", err)
	}
}
