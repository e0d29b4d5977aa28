package main

import (
	"image"
	"math"
)

// compare is the PSNR of b to a in dB over the colours of what is visible,
// weighted by alpha, and the SSIM of their luma over white (Wang, Bovik, Sheikh
// and Simoncelli, "Image quality assessment: from error visibility to
// structural similarity", 2004, with windows of 8×8 pixels) over the windows
// that are not all transparent.
func compare(a, b *image.NRGBA) (psnr, ssim float64) {
	sum, weight := 0.0, 0.0
	for i := 0; i < len(a.Pix); i += 4 {
		w := float64(a.Pix[i+3]) / 255
		for k := range 3 {
			d := float64(a.Pix[i+k]) - float64(b.Pix[i+k])
			sum += w * d * d
			weight += w
		}
	}
	psnr = math.Inf(1)
	if sum > 0 {
		psnr = 10 * math.Log10(255*255*weight/sum)
	}
	p, q := grey(over(a, white)), grey(over(b, white))
	const side = 8
	windows := 0.0
	for y := 0; y+side <= p.Rect.Dy(); y += 2 {
		for x := 0; x+side <= p.Rect.Dx(); x += 2 {
			var n, sa, sb, aa, bb, ab, seen float64
			for j := y; j < y+side; j++ {
				for i := x; i < x+side; i++ {
					at := j*p.Stride + 4*i
					u, v := float64(p.Pix[at]), float64(q.Pix[at])
					seen += float64(a.Pix[j*a.Stride+4*i+3])
					n++
					sa, sb, aa, bb, ab = sa+u, sb+v, aa+u*u, bb+v*v, ab+u*v
				}
			}
			if seen == 0 {
				continue
			}
			sa, sb = sa/n, sb/n
			aa, bb, ab = aa/n-sa*sa, bb/n-sb*sb, ab/n-sa*sb
			const c1, c2 = 0.01 * 255 * 0.01 * 255, 0.03 * 255 * 0.03 * 255
			ssim += (2*sa*sb + c1) * (2*ab + c2) / ((sa*sa + sb*sb + c1) * (aa + bb + c2))
			windows++
		}
	}
	return psnr, ssim / max(1, windows)
}
