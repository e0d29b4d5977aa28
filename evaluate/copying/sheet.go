package copying

import (
	"fmt"
	"io"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/internal/grid"
)

// WriteSheet draws the report's worst pairs as PNG, a line each: the sample,
// the training picture, their ratio, and where the training picture comes
// from, so that a person can judge.
func WriteSheet(w io.Writer, r *Report, samples *tensor.Tensor, train picture.Set) error {
	height, width, c := train.Shape()
	var pixels []float32
	var lines []string
	one := make([]float32, height*width*c)
	for _, p := range r.Worst {
		if _, err := train.Item(p.Training, one); err != nil && !picture.IsSkip(err) {
			return err
		}
		for _, side := range [][]float32{samples.Row(p.Sample), one} {
			shown, _ := opaque(side, c)
			pixels = append(pixels, shown...)
		}
		verdict := "no copy"
		if p.Copy {
			verdict = "copy"
		}
		lines = append(lines, fmt.Sprintf("%s: d1/d2 %.2f (%s), sample %d, %s", verdict, p.Ratio, p.Space, p.Sample, p.Credit()))
	}
	pairs := tensor.From(pixels, 2*len(lines), height, width, colours(c))
	return grid.Encode(w, pairs, grid.Options{Columns: 2, Scale: max(1, 64/height), Labels: lines})
}
