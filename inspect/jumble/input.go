package jumble

import (
	"image"

	"github.com/limner-ai/limner/inspect/plane"
)

// Input is a picture of 64×64 as Net wants it.
func Input(m *image.NRGBA) []float32 {
	levels, alpha := plane.Levels(m, plane.Black), plane.Alpha(m)
	out := make([]float32, Side*Side*4)
	for i := range alpha.V {
		for c, p := range levels {
			out[4*i+c] = p.V[i]
		}
		out[4*i+3] = alpha.V[i]
	}
	return out
}
