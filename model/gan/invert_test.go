package gan

import (
	"math"
	"strings"
	"testing"

	"github.com/limner-ai/limner/engine/graph/reference"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/modeltest"
)

// The gradient of the inversion is that of its loss, by finite differences in
// float64, and the loss is the mean over what is known.
func TestInversion(t *testing.T) {
	const batch, latent, step = 2, 3, 1e-5
	for _, c := range []struct {
		p      model.Pictures
		config string
	}{
		{even, `{"arch":"dcgan","channels":[4],"latent":3}`},
		{even, `{"channels":[8],"latent":3,"half_life":0}`},
		{clear4, strings.Replace(wordR3GAN, `"latent":2`, `"latent":3`, 1) + `}`},
	} {
		config := c.config
		m := modeltest.New(t, worded, c.p, config)
		r := modeltest.NewRun(t, m, batch, 1)
		r.Iterate(modeltest.FillFor(m, c.p, batch, latent, .05, 0)) // the last layers of blocks begin at zero
		in := modeltest.FillFor(m, c.p, batch, latent, 0, 0)
		x := in[model.InputImages]
		for i := range x.Data {
			if i/c.p.Channels%3 == 0 {
				x.Data[i] = -1 // not known
			}
		}
		got := r.Use(m, model.UseInvert, batch, in)
		made := r.Use(m, model.UseSample, batch, in)["images"].Data
		size := len(x.Data) / batch
		for i := range batch {
			sum, n, cut := 0., 0., false
			for k := i * size; k < (i+1)*size; k++ {
				if got["images"].Data[k] != made[k] {
					t.Fatal("the inversion shows other pictures than a sample")
				}
				cut = cut || made[k] == 0 || made[k] == 1
				if x.Data[k] >= 0 {
					d := made[k] - x.Data[k]
					if alpha := k/4*4 + 3; c.p.Channels == 4 && k != alpha {
						d = made[k]*made[alpha] - x.Data[k]*x.Data[alpha]
						cut = cut || made[k] == 1 || made[alpha] == 1
					}
					sum, n = sum+d*d, n+1
				}
			}
			if loss := got["loss"].Data[i]; !cut && math.Abs(loss-sum/n) > 1e-9 {
				t.Errorf("%s: the loss of picture %d is %v, want %v", config, i, loss, sum/n)
			}
		}
		z := append([]float64(nil), in[model.InputLatents].Data...)
		for k := range z {
			at := func(by float64) []float64 {
				moved := append([]float64(nil), z...)
				moved[k] += by
				in[model.InputLatents] = reference.From(moved, batch, latent)
				return r.Use(m, model.UseInvert, batch, in)["loss"].Data
			}
			up, down := at(step), at(-step)
			for i := range batch {
				slope := (up[i] - down[i]) / (2 * step)
				if i != k/latent {
					if slope != 0 {
						t.Errorf("%s: the loss of picture %d depends on latents of another", config, i)
					}
				} else if d := math.Abs(slope - got["gradient"].Data[k]); d > 1e-6*(1+math.Abs(slope)) {
					t.Errorf("%s: gradient %d is %v, the difference quotient %v", config, k, got["gradient"].Data[k], slope)
				}
			}
		}
	}
}
