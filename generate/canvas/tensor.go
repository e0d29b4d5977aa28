package canvas

import (
	"fmt"
	"image"

	"github.com/limner-ai/limner/engine/tensor"
)

// Tensor is a picture as a model of so many channels takes it, [1 h w c] in
// [0, 1]: 1 is Rec. 601 luma, 3 is RGB, 4 is RGB with straight alpha.
func Tensor(m *image.NRGBA, channels int) (*tensor.Tensor, error) {
	if channels != 1 && channels != 3 && channels != 4 {
		return nil, fmt.Errorf("pictures have 1, 3 or 4 channels, not %d", channels)
	}
	w, h := m.Rect.Dx(), m.Rect.Dy()
	t := tensor.New(1, h, w, channels)
	for i := range w * h {
		px := m.Pix[i/w*m.Stride+4*(i%w):][:4]
		if channels == 1 {
			// In 16-bit fixed point, as data sets do it.
			luma := (19595*uint32(px[0]) + 38470*uint32(px[1]) + 7471*uint32(px[2]) + 1<<15) >> 16
			t.Data[i] = float32(luma) / 255
			continue
		}
		for k := range channels {
			t.Data[i*channels+k] = float32(px[k]) / 255
		}
	}
	return t, nil
}
