package svg

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"

	"github.com/tetratelabs/wazero/api"
)

// Errors that Rasterise wraps.
var (
	ErrDamaged     = errors.New("damaged SVG")
	ErrTooLarge    = errors.New("SVG too large")
	ErrUnsupported = errors.New("SVG not supported")
)

var errRefused = errors.New("refused")

// Limits bound what a document may cost. All must be positive.
type Limits struct {
	Side     int     // pixels of the longer side of the picture
	Ratio    float64 // of the longer to the shorter side
	Elements int     // elements in the document
	Depth    int     // elements within each other
}

// Rasterise draws a document so that its longer side has l.Side pixels,
// transparent where it draws nothing. A context that ends stops it.
func Rasterise(ctx context.Context, document []byte, l Limits) (*image.NRGBA, error) {
	traits, err := inspect(document, l)
	if err != nil {
		return nil, err
	}
	e, err := started()
	if err != nil {
		return nil, err
	}
	r, err := e.take(ctx)
	if err != nil {
		return nil, err
	}
	m, err := r.draw(ctx, document, traits, l)
	if err != nil {
		// Whatever the document did to the renderer ends with it.
		r.module.Close(context.WithoutCancel(ctx))
		if end := ctx.Err(); end != nil {
			return nil, end
		}
		return nil, err
	}
	e.put(ctx, r)
	return m, nil
}

func (r *renderer) draw(ctx context.Context, document []byte, t traits, l Limits) (*image.NRGBA, error) {
	r.values = objects{}
	tree, err := r.open(ctx, document, t, "width", l.Side)
	if err != nil {
		return nil, err
	}
	w, h, err := r.size(ctx, tree)
	if err != nil {
		return nil, err
	}
	if !(w > 0 && h > 0) || math.IsInf(w, 0) || math.IsInf(h, 0) {
		return nil, fmt.Errorf("%w: its size is %v×%v", ErrDamaged, w, h)
	}
	if max(w, h) > l.Ratio*min(w, h) {
		return nil, fmt.Errorf("%w: %.4g×%.4g is more than %v to 1", ErrTooLarge, w, h, l.Ratio)
	}
	if h > w {
		if _, err := r.call(ctx, "__wbg_resvg_free", uint64(tree)); err != nil {
			return nil, refused(err)
		}
		if tree, err = r.open(ctx, document, t, "height", l.Side); err != nil {
			return nil, err
		}
	}
	picture, err := r.result(ctx, "resvg_render", uint64(tree))
	if err != nil {
		return nil, refused(err)
	}
	pw, err := r.call(ctx, "renderedimage_width", uint64(picture))
	if err != nil {
		return nil, refused(err)
	}
	ph, err := r.call(ctx, "renderedimage_height", uint64(picture))
	if err != nil {
		return nil, refused(err)
	}
	at, err := r.call(ctx, "renderedimage_pixels", uint64(picture))
	if err != nil {
		return nil, refused(err)
	}
	pixels, _ := r.values.take(uint32(at)).([]byte)
	if pw > uint64(l.Side) || ph > uint64(l.Side) || uint64(len(pixels)) != 4*pw*ph {
		return nil, fmt.Errorf("%w: the renderer gave %d bytes for %d×%d pixels", ErrDamaged, len(pixels), pw, ph)
	}
	for name, object := range map[string]uint32{"__wbg_renderedimage_free": picture, "__wbg_resvg_free": tree} {
		if _, err := r.call(ctx, name, uint64(object)); err != nil {
			return nil, refused(err)
		}
	}
	return straight(pixels, int(pw), int(ph)), nil
}

// open parses the document; mode is width or height, and side how many pixels
// of it will be drawn.
func (r *renderer) open(ctx context.Context, document []byte, t traits, mode string, side int) (uint32, error) {
	type object = map[string]any
	options, err := json.Marshal(object{
		"fitTo": object{"mode": mode, "value": side}, "logLevel": "off",
		"font": object{"loadSystemFonts": false, "defaultFontFamily": "Liberation Sans",
			"sansSerifFamily": "Liberation Sans", "serifFamily": "Liberation Serif", "monospaceFamily": "Liberation Mono"},
	})
	if err != nil {
		return 0, err
	}
	at, err := r.text(ctx, string(options))
	if err != nil {
		return 0, refused(err)
	}
	var fonts uint32
	if t.text {
		fonts = r.values.add(&list{typefaces()})
	}
	tree, err := r.result(ctx, "resvg_new", uint64(r.values.add(document)), at, uint64(len(options)), uint64(fonts))
	if err != nil {
		return 0, refused(err)
	}
	return tree, nil
}

func (r *renderer) size(ctx context.Context, tree uint32) (w, h float64, err error) {
	bits, err := r.call(ctx, "resvg_width", uint64(tree))
	if err != nil {
		return 0, 0, refused(err)
	}
	w = float64(api.DecodeF32(bits))
	if bits, err = r.call(ctx, "resvg_height", uint64(tree)); err != nil {
		return 0, 0, refused(err)
	}
	return w, float64(api.DecodeF32(bits)), nil
}

// refused says that the document, not Limner, is at fault: the renderer
// returned an error or ended in a trap. A trap for want of memory cannot be
// told from others.
func refused(err error) error { return fmt.Errorf("%w: %w", ErrDamaged, err) }

// straight undoes the multiplication of colours by alpha.
func straight(p []byte, w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := 0; i < len(p); i += 4 {
		c := color.NRGBAModel.Convert(color.RGBA{p[i], p[i+1], p[i+2], p[i+3]}).(color.NRGBA)
		m.Pix[i], m.Pix[i+1], m.Pix[i+2], m.Pix[i+3] = c.R, c.G, c.B, c.A
	}
	return m
}
