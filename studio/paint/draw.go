package paint

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"

	"github.com/HugoSmits86/nativewebp"

	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/generate/canvas"
)

const (
	crisp       = 4 // times that a pixel is enlarged as a square; more looks like tiles
	jpegQuality = 92
)

// resized is a picture of the given size: as it is, enlarged by whole pixels up
// to crisp times, else smoothly, with bars where the proportions differ. A
// ground is laid under everything.
func resized(m *image.NRGBA, size image.Point, ground *color.NRGBA) (*image.NRGBA, error) {
	if times := size.X / m.Rect.Dx(); times >= 1 && times <= crisp && m.Rect.Size().Mul(times) == size && ground == nil {
		return squares(m, times), nil
	}
	at, err := canvas.Place(m.Rect.Size(), size, canvas.Pad, nil)
	if err != nil {
		return nil, err
	}
	if times := at.Onto.Dx() / m.Rect.Dx(); times > 1 && times <= crisp && m.Rect.Size().Mul(times) == at.Onto.Size() {
		m = squares(m, times)
		at.Source, at.From = m.Rect.Size(), m.Rect
	}
	return at.Draw(m, ground), nil
}

// squares makes a square of each pixel.
func squares(m *image.NRGBA, times int) *image.NRGBA {
	if times == 1 {
		return m
	}
	w, h := m.Rect.Dx(), m.Rect.Dy()
	out := image.NewNRGBA(image.Rect(0, 0, w*times, h*times))
	for y := range h {
		line := out.Pix[y*times*out.Stride:][:out.Stride]
		for x := range w {
			px := m.Pix[y*m.Stride+4*x:][:4]
			for k := range times {
				copy(line[4*(x*times+k):], px)
			}
		}
		for k := 1; k < times; k++ {
			copy(out.Pix[(y*times+k)*out.Stride:], line)
		}
	}
	return out
}

// straight is an image with straight alpha whose bounds begin at the origin.
func straight(m image.Image) *image.NRGBA {
	if n, ok := m.(*image.NRGBA); ok && n.Rect.Min == (image.Point{}) {
		return n
	}
	out := image.NewNRGBA(image.Rectangle{Max: m.Bounds().Size()})
	draw.Draw(out, out.Rect, m, m.Bounds().Min, draw.Src)
	return out
}

// encoded is the file of a picture and its media type. It says how the picture
// was made.
func encoded(m *image.NRGBA, format string, o generate.Origin) (data []byte, kind string, err error) {
	var b bytes.Buffer
	switch format {
	case "jpeg":
		err = jpeg.Encode(&b, m, &jpeg.Options{Quality: jpegQuality})
		return withComment(b.Bytes(), o.Parameters()), "image/jpeg", err
	case "webp":
		err = nativewebp.Encode(&b, m, nil)
		return withWebPComment(b.Bytes(), m.Rect.Size(), o.Parameters()), "image/webp", err
	case "", "png":
		data, err = generate.EncodePNG(m, o)
		return data, "image/png", err
	}
	return nil, "", fmt.Errorf("there is no format %q", format)
}

// glimpse is a picture of the moment.
func glimpse(m image.Image) ([]byte, error) {
	var b bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, m)
	return b.Bytes(), err
}
