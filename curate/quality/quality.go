// Package quality measures what makes a picture better or worse to learn from.
// Each measure is a number with a stated meaning; what is too little or too
// much is for a recipe to say. Sums are taken in integers, so that machines
// agree on all but the last digits.
package quality

import "image"

// Measures of one picture. Transparent pixels count as white for all but
// Coverage; luma is Rec. 601's, 0 to 255.
type Measures struct {
	// Width and Height are in pixels.
	Width  int `json:"width"`
	Height int `json:"height"`
	// Coverage is the mean alpha, 0 (nothing is to be seen) to 1 (opaque).
	Coverage float64 `json:"coverage"`
	// Sharpness is the variance of the luma's Laplacian (Pech-Pacheco and
	// others, 2000), large where edges are hard. It depends on the subject: a
	// photograph in focus has some hundreds, a blurred one below a hundred, a
	// flat drawing anything.
	Sharpness float64 `json:"sharpness"`
	// EdgeWidth is the mean number of pixels from the beginning to the end of
	// an edge (Marziliano and others, 2002): about 2 for a hard one, growing
	// with blur, whatever the subject. 0 if there are no edges.
	EdgeWidth float64 `json:"edge_width"`
	// Entropy is that of the luma's histogram, 0 (one level) to 8 bits.
	Entropy float64 `json:"entropy"`
	// Brightness is the mean luma, 0 to 255.
	Brightness float64 `json:"brightness"`
	// Contrast is the luma's standard deviation, 0 to 127.5.
	Contrast float64 `json:"contrast"`
	// Colourfulness is the measure M of Hasler and Suesstrunk (2003): 0 for
	// greys, about 15 slightly, 45 averagely, 100 extremely colourful.
	Colourfulness float64 `json:"colourfulness"`
	// Border is how much of the width or height, on each side, is one flat
	// colour.
	Border Border `json:"border"`
	// Overlay is how much of the width seems to be taken by lines of writing,
	// 0 to 1, as texts and watermarks are: a suspicion for a person to look
	// at, never a finding. Writing from one side to the other gives 0.5 and
	// more; of pictures of things, about one in twenty has more than 0.3.
	Overlay float64 `json:"overlay"`
}

// Border is the share of the height (Top, Bottom) or width (Left, Right) that
// is flat and of the colour of the outermost row or column; at most 1.
type Border struct {
	Top    float64 `json:"top"`
	Right  float64 `json:"right"`
	Bottom float64 `json:"bottom"`
	Left   float64 `json:"left"`
}

// Measure measures a picture. Of an empty one all measures are zero.
func Measure(m *image.NRGBA) Measures {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	if w == 0 || h == 0 {
		return Measures{}
	}
	p := newPlane(m)
	out := Measures{Width: w, Height: h, Coverage: coverage(m)}
	out.Sharpness = p.laplacianVariance()
	out.EdgeWidth = p.edgeWidth()
	out.Entropy, out.Brightness, out.Contrast = p.histogram()
	out.Colourfulness = colourfulness(m)
	out.Border = border(m)
	out.Overlay = p.overlay()
	return out
}

// plane is luma, row by row.
type plane struct {
	w, h int
	luma []uint8
}

func newPlane(m *image.NRGBA) *plane {
	p := &plane{m.Rect.Dx(), m.Rect.Dy(), nil}
	p.luma = make([]uint8, 0, p.w*p.h)
	for y := range p.h {
		for row := m.Pix[y*m.Stride:][:4*p.w]; len(row) > 0; row = row[4:] {
			r, g, b := onWhite(row)
			p.luma = append(p.luma, uint8((19595*r+38470*g+7471*b+1<<15)>>16))
		}
	}
	return p
}

func onWhite(pixel []uint8) (r, g, b uint32) {
	a := uint32(pixel[3])
	over := func(v uint8) uint32 { return (uint32(v)*a + 255*(255-a) + 127) / 255 }
	return over(pixel[0]), over(pixel[1]), over(pixel[2])
}

func coverage(m *image.NRGBA) float64 {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	var sum int64
	for y := range h {
		for row := m.Pix[y*m.Stride:][:4*w]; len(row) > 0; row = row[4:] {
			sum += int64(row[3])
		}
	}
	return float64(sum) / float64(255*int64(w)*int64(h))
}
