package grid

import (
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"strings"

	"golang.org/x/image/font"

	"github.com/limner-ai/limner/engine/tensor"
)

// Row is a part of a contact sheet.
type Row struct {
	Title    string         // in bold above the pictures; may be empty
	Note     string         // what they show, wrapped to the sheet's width; may be empty
	Pictures *tensor.Tensor // [n, height, width, 1, 3 or 4]
	Range    Range
}

// Sizes of a sheet in pixels.
const (
	headSize  = 20
	titleSize = 14
	noteSize  = 12
	sheetEdge = 12
	sheetMin  = 420 // wide enough for a note beside few small pictures
)

// Sheet draws rows below one another under a title. Options.Columns bounds the
// pictures in a line (0: 16); Labels and Range are not used. The sheet is gray
// if all its pictures are.
func Sheet(title string, rows []Row, o Options) (image.Image, error) {
	if len(rows) == 0 {
		return nil, errors.New("grid: a sheet needs a row")
	}
	if o.Columns <= 0 {
		o.Columns = 16
	}
	plates := make([]plate, len(rows))
	inner, gray := sheetMin, true
	for i, r := range rows {
		if err := check(r.Pictures, o); err != nil {
			return nil, fmt.Errorf("row %d %q: %w", i+1, r.Title, err)
		}
		plates[i] = layPlate(r.Pictures, o)
		inner = max(inner, plates[i].width())
		gray = gray && r.Pictures.Shape[3] == 1
	}

	page := &page{width: inner, y: sheetEdge}
	page.paragraph(bold(headSize), headSize, ink, title)
	for i, r := range rows {
		page.y += noteSize
		page.paragraph(bold(titleSize), titleSize, ink, r.Title)
		page.paragraph(regular(noteSize), noteSize, faint, r.Note)
		// A plate has its own margin; drawn that much to the left, its
		// pictures line up with the text.
		p, at := plates[i], image.Pt(sheetEdge-plates[i].margin, page.y)
		page.draw(p.height(), func(c *canvas) { p.draw(c, at.X, at.Y, r.Pictures, r.Range) })
	}
	c, err := newCanvas(inner+2*sheetEdge, page.y+sheetEdge, gray)
	if err != nil {
		return nil, err
	}
	for _, put := range page.puts {
		put(c)
	}
	return c.img, nil
}

// EncodeSheet writes the sheet that Sheet returns as PNG.
func EncodeSheet(w io.Writer, title string, rows []Row, o Options) error {
	img, err := Sheet(title, rows, o)
	if err != nil {
		return err
	}
	return png.Encode(w, img)
}

// page collects what is to be drawn from top to bottom, since the height is
// known only at the end.
type page struct {
	width, y int
	puts     []func(*canvas)
}

func (p *page) draw(height int, put func(*canvas)) {
	p.puts = append(p.puts, put)
	p.y += height
}

func (p *page) paragraph(face font.Face, size int, gray uint8, s string) {
	for _, line := range wrap(face, s, p.width) {
		base := p.y + size
		p.draw(size*27/20, func(c *canvas) { c.text(face, sheetEdge, base, gray, line) })
	}
}

// wrap breaks s into lines of at most width pixels at spaces, or within a word
// that is wider than that by itself.
func wrap(face font.Face, s string, width int) []string {
	fits := func(s string) bool { return font.MeasureString(face, s).Ceil() <= width }
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		if line != "" {
			if joined := line + " " + word; fits(joined) {
				line = joined
				continue
			}
			lines = append(lines, line)
		}
		line = word
		for !fits(line) {
			letters := []rune(line)
			n := 1 // at least one a line, however narrow
			for n+1 < len(letters) && fits(string(letters[:n+1])) {
				n++
			}
			if n == len(letters) {
				break
			}
			lines = append(lines, string(letters[:n]))
			line = string(letters[n:])
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
