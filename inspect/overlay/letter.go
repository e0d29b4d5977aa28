package overlay

import (
	"fmt"
	"image"
	"image/color"
	"strings"
	"sync"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

const (
	titleHigh  = 22
	lineHigh   = 16
	legendHigh = 34
	legendWide = 200
)

// faces are the fonts. They may not be used at once, so lock is held.
var (
	lock  sync.Mutex
	faces = sync.OnceValue(func() (f [2]font.Face) {
		for i, ttf := range [][]byte{liberationsansregular.TTF, liberationsansbold.TTF} {
			parsed, err := opentype.Parse(ttf)
			if err == nil {
				f[i], err = opentype.NewFace(parsed, &opentype.FaceOptions{Size: float64(12 + i), DPI: 72, Hinting: font.HintingFull})
			}
			if err != nil {
				panic("overlay: embedded font: " + err.Error())
			}
		}
		return f
	})
)

// style is one of the faces.
type style int

const (
	regular style = iota
	bold
)

func write(m *image.NRGBA, s style, x, y int, c color.NRGBA, text string) {
	lock.Lock()
	defer lock.Unlock()
	d := font.Drawer{Dst: m, Src: image.NewUniform(c), Face: faces()[s], Dot: fixed.P(x, y)}
	d.DrawString(text)
}

func wide(s style, text string) int {
	lock.Lock()
	defer lock.Unlock()
	return font.MeasureString(faces()[s], text).Ceil()
}

// wrap breaks text at spaces into lines of at most so many pixels; a longer word
// is cut.
func wrap(s style, text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if joined := strings.TrimSpace(line + " " + word); wide(s, joined) <= width {
			line = joined
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		line = clip(s, word, width)
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// clip cuts text to so many pixels.
func clip(s style, text string, width int) string {
	letters := []rune(text)
	for len(letters) > 1 && wide(s, string(letters)) > width {
		letters = letters[:len(letters)-1]
	}
	return string(letters)
}

// box frames a region in white between dark lines, with its number.
func box(m *image.NRGBA, r image.Rectangle, number int) {
	for d, c := range []color.NRGBA{edge, frame, frame, edge} {
		line(m, r.Inset(d-1), c)
	}
	text := fmt.Sprint(number)
	tag := image.Rect(r.Min.X, r.Min.Y, r.Min.X+wide(bold, text)+8, r.Min.Y+17)
	for y := tag.Min.Y; y < tag.Max.Y; y++ {
		for x := tag.Min.X; x < tag.Max.X; x++ {
			if image.Pt(x, y).In(m.Rect) {
				m.SetNRGBA(x, y, edge)
			}
		}
	}
	write(m, bold, tag.Min.X+4, tag.Min.Y+13, frame, text)
}

func line(m *image.NRGBA, r image.Rectangle, c color.NRGBA) {
	for x := r.Min.X; x < r.Max.X; x++ {
		m.SetNRGBA(x, r.Min.Y, c)
		m.SetNRGBA(x, r.Max.Y-1, c)
	}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		m.SetNRGBA(r.Min.X, y, c)
		m.SetNRGBA(r.Max.X-1, y, c)
	}
}

// legend draws the scale of the heat.
func legend(m *image.NRGBA, at image.Point) {
	for x := range legendWide {
		c := Colour(float32(x) / (legendWide - 1))
		for y := range 10 {
			m.SetNRGBA(at.X+x, at.Y+y, c)
		}
	}
	write(m, regular, at.X, at.Y+24, faint, "0 sound")
	last := "1 faulty"
	write(m, regular, at.X+legendWide-wide(regular, last), at.Y+24, faint, last)
}
