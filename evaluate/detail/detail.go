// Package detail measures how much fine detail a reconstruction keeps. A
// latent model cannot paint what its autoencoder has lost: thin parts, such as
// the lines between fingers, go first.
package detail

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/dsp/fourier"

	"github.com/limner-ai/limner/engine/tensor"
)

// Report compares pictures with what became of them. Pictures with alpha count
// with their colours times alpha, so that what does not show does not count.
type Report struct {
	N    int     `json:"n"`
	MSE  float64 `json:"mse"`  // of values in [0, 1]
	PSNR float64 `json:"psnr"` // dB, of that mean
	// High is the energy of the pictures at frequencies above half of Nyquist,
	// a pixel and picture, and Made that of the reconstructions: a share of 1
	// of Made over High is as much fine detail as there was.
	High float64 `json:"high"`
	Made float64 `json:"made"`
}

// Kept is the share of the energy of fine detail that is left; 1 where there was
// none.
func (r Report) Kept() float64 {
	if r.High == 0 {
		return 1
	}
	return r.Made / r.High
}

// Meter adds pictures up. It is for one goroutine at a time.
type Meter struct {
	n, values     int
	squares       float64
	high, made    float64
	height, width *fourier.CmplxFFT
}

// Add takes pictures [n h w c] and their reconstructions of the same shape.
func (m *Meter) Add(real, made *tensor.Tensor) error {
	if !real.Shape.Equal(made.Shape) || len(real.Shape) != 4 {
		return fmt.Errorf("pictures of shape %v and reconstructions of %v", real.Shape, made.Shape)
	}
	h, w, c := real.Shape[1], real.Shape[2], real.Shape[3]
	if m.height == nil || m.height.Len() != h || m.width.Len() != w {
		m.height, m.width = fourier.NewCmplxFFT(h), fourier.NewCmplxFFT(w)
	}
	for i := range real.Shape[0] {
		a, b := shown(real.Row(i), c), shown(made.Row(i), c)
		for k, x := range a {
			m.squares += float64(x-b[k]) * float64(x-b[k])
		}
		for k := range c {
			m.high += m.fine(a, k, c)
			m.made += m.fine(b, k, c)
		}
		m.n++
		m.values += len(a)
	}
	return nil
}

// Report is what was found so far.
func (m *Meter) Report() Report {
	r := Report{N: m.n}
	if m.values > 0 {
		r.MSE = m.squares / float64(m.values)
		r.High, r.Made = m.high/float64(m.values), m.made/float64(m.values)
	}
	r.PSNR = -10 * math.Log10(max(r.MSE, 1e-10))
	return r
}

// shown is a picture with its colours times its alpha, if it has any.
func shown(x []float32, c int) []float32 {
	if c != 4 {
		return x
	}
	out := make([]float32, len(x))
	for i := 0; i < len(x); i += 4 {
		for k := range 3 {
			out[i+k] = x[i+k] * x[i+3]
		}
		out[i+3] = x[i+3]
	}
	return out
}

// fine is the energy of a channel at frequencies above half of Nyquist, in
// either direction: by Parseval's theorem the sum of the squares of what a
// filter that stops all else would leave.
func (m *Meter) fine(x []float32, channel, c int) (energy float64) {
	h, w := m.height.Len(), m.width.Len()
	plane := make([]complex128, h*w)
	for i := range plane {
		plane[i] = complex(float64(x[i*c+channel]), 0)
	}
	for y := range h {
		m.width.Coefficients(plane[y*w:(y+1)*w], plane[y*w:(y+1)*w])
	}
	column := make([]complex128, h)
	for u := range w {
		for y := range h {
			column[y] = plane[y*w+u]
		}
		m.height.Coefficients(column, column)
		for v, z := range column {
			if 4*min(u, w-u) > w || 4*min(v, h-v) > h {
				energy += real(z)*real(z) + imag(z)*imag(z)
			}
		}
	}
	return energy / float64(h*w)
}
