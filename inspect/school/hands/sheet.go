package hands

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"path/filepath"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"github.com/limner-ai/limner/inspect"
	"github.com/limner-ai/limner/inspect/school/gallery"
	"github.com/limner-ai/limner/inspect/school/lesson"
	"github.com/limner-ai/limner/internal/atomicfile"
)

const (
	sheetAt = "docs/pictures/inspect-hands.png"
	tile    = 112
	label   = 16
	columns = 8
)

// drawSheet shows judged pictures: a row of each kind of drawn hand, of the unseen
// range, then held-out emoji. Heat is laid over in red.
func drawSheet(ctx context.Context, d *lesson.Desk, in inspect.Inspector) error {
	r, err := openRig(d, "right.glb")
	if err != nil {
		return err
	}
	all, err := drawnLooks(ctx, in, r, true, columns, 77+d.Seed)
	if err != nil {
		return err
	}
	hand, err := emojiLooks(ctx, in, d, gallery.Test, true, columns)
	if err != nil {
		return err
	}
	other, err := emojiLooks(ctx, in, d, gallery.Test, false, columns)
	if err != nil {
		return err
	}
	all = append(append(all, hand...), other...)
	m := image.NewNRGBA(image.Rect(0, 0, columns*tile, (len(all)+columns-1)/columns*(tile+label)))
	draw.Draw(m, m.Rect, image.White, image.Point{}, draw.Src)
	for i, l := range all {
		l.show(m, image.Pt(i%columns*tile, i/columns*(tile+label)))
	}
	return atomicfile.Write(filepath.Join(d.Root, sheetAt), 0o644, func(w io.Writer) error {
		return (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(w, m)
	})
}

// show paints a picture, its heat and what is said of it.
func (l look) show(m *image.NRGBA, at image.Point) {
	const inner = tile - 4
	to := image.Rect(0, 0, inner, inner).Add(at)
	draw.BiLinear.Scale(m, to, l.m, l.m.Rect, draw.Over, nil)
	text, ink := "no hand", color.NRGBA{120, 120, 120, 255}
	if l.Applies {
		text, ink = fmt.Sprintf("right %.0f%%", 100*(1-l.Probability)), color.NRGBA{0, 110, 30, 255}
		if l.Faulty {
			text, ink = fmt.Sprintf("%s %.0f%%", l.Fault, 100*l.Probability), color.NRGBA{200, 0, 0, 255}
			for y := range inner {
				for x := range inner {
					h := float64(l.Heat.At(x, y, inner, inner)) * .7
					c := m.NRGBAAt(to.Min.X+x, to.Min.Y+y)
					mix := func(a uint8, b float64) uint8 { return uint8(float64(a)*(1-h) + b*h) }
					m.SetNRGBA(to.Min.X+x, to.Min.Y+y, color.NRGBA{mix(c.R, 255), mix(c.G, 0), mix(c.B, 40), 255})
				}
			}
		}
	}
	pen := font.Drawer{Dst: m, Src: image.NewUniform(ink), Face: basicfont.Face7x13, Dot: fixed.P(at.X, at.Y+tile+8)}
	pen.DrawString(text)
}
