package train

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/autoencoder"
)

// A model whose steps take part in parts of the run, and which has a score
// instead of a bound: interrupted in the first part it continues into the
// second bit for bit, and is measured on held-out pictures.
func TestStepsOfAPartOfTheRun(t *testing.T) {
	const text = `
name: tiny
data: {kind: shapes, size: 16, channels: 3, count: 24}
model: {family: autoencoder, latent: 2, encoder: [4, 8], decoder: [4, 4], critic: {start: 0.5, channels: [4]}}
train: {batch: 4, steps: 12}
every: {log: 1, sample: 12, checkpoint: 4, validate: 6, pictures: 7}
`
	opt := options()
	opt.Families = []model.Family{autoencoder.Family{}}
	whole, parts := config(t, text), config(t, text)
	res, err := Run(context.Background(), whole, opt)
	if err != nil {
		t.Fatal(err)
	}
	if psnr, ok := res.Metrics["validate/psnr"]; !ok || psnr < 3 || psnr > 60 {
		t.Errorf("a score of %v dB, %v", psnr, ok)
	}
	for _, name := range []string{"latest.png", "latest-reconstructions.png"} {
		if _, err := os.Stat(filepath.Join(whole.Out, samplesFolder, name)); err != nil {
			t.Error(err)
		}
	}
	interrupted(t, parts, opt, 5)
	opt.Resume = true
	if _, err := Run(context.Background(), parts, opt); err != nil {
		t.Fatal(err)
	}
	want, lines := finished(t, whole.Out)
	got, _ := finished(t, parts.Out)
	sameStates(t, got, want)
	for _, line := range lines {
		step := line["step"].(float64)
		if _, judged := line["loss/critic"]; judged != (step > 6) {
			t.Errorf("step %v was judged: %v", step, judged)
		}
	}
}
