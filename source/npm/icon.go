package npm

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// icon is an icon, or an alias, of the IconifyJSON format. Lengths that are not
// given are the set's.
type icon struct {
	Parent string   `json:"parent"`
	Body   string   `json:"body"`
	Left   *float64 `json:"left"`
	Top    *float64 `json:"top"`
	Width  *float64 `json:"width"`
	Height *float64 `json:"height"`
	Rotate int      `json:"rotate"` // quarter turns, clockwise
	HFlip  bool     `json:"hFlip"`
	VFlip  bool     `json:"vFlip"`
	Hidden bool     `json:"hidden"`
}

// box is the part of the plane that is seen.
type box struct{ Left, Top, Width, Height float64 }

const (
	standard = 16 // the width and height where nothing is said
	maxSide  = 1e6
)

// plain reports whether an alias changes nothing.
func (i *icon) plain() bool {
	return i.Rotate%4 == 0 && !i.HFlip && !i.VFlip && i.Left == nil && i.Top == nil && i.Width == nil && i.Height == nil
}

// under gives the icon as an alias shows it: turns add up, and mirroring twice
// is none.
func (i icon) under(a icon) icon {
	i.Rotate += a.Rotate % 4
	i.HFlip = i.HFlip != a.HFlip
	i.VFlip = i.VFlip != a.VFlip
	for _, p := range []struct{ to, from **float64 }{
		{&i.Left, &a.Left}, {&i.Top, &a.Top}, {&i.Width, &a.Width}, {&i.Height, &a.Height},
	} {
		if *p.from != nil {
			*p.to = *p.from
		}
	}
	return i
}

// within fills what the icon does not say with what its set does.
func (i icon) within(d box) icon {
	if d.Width == 0 {
		d.Width = standard
	}
	if d.Height == 0 {
		d.Height = standard
	}
	for _, p := range []struct {
		to   **float64
		from float64
	}{{&i.Left, d.Left}, {&i.Top, d.Top}, {&i.Width, d.Width}, {&i.Height, d.Height}} {
		if *p.to == nil {
			*p.to = &p.from
		}
	}
	return i
}

// svg makes a document of the icon. Mirrored first and then turned, its box
// stays where it is seen.
func (i icon) svg() ([]byte, error) {
	b := box{*i.Left, *i.Top, *i.Width, *i.Height}
	for _, v := range []float64{b.Left, b.Top, b.Width, b.Height} {
		if math.IsNaN(v) || math.Abs(v) > maxSide {
			return nil, fmt.Errorf("a length of %g", v)
		}
	}
	switch {
	case b.Width <= 0 || b.Height <= 0:
		return nil, fmt.Errorf("a size of %g×%g", b.Width, b.Height)
	case strings.TrimSpace(i.Body) == "":
		return nil, errors.New("it has no body")
	}
	body, turns := i.Body, ((i.Rotate%4)+4)%4
	if turns != 0 || i.HFlip || i.VFlip {
		m := b.matrix(turns, i.HFlip, i.VFlip)
		body = `<g transform="matrix(` + numbers(m[:]...) + `)">` + body + `</g>`
		b.Left, b.Top = 0, 0
		if turns%2 == 1 {
			b.Width, b.Height = b.Height, b.Width
		}
	}
	var doc strings.Builder
	doc.WriteString(`<svg xmlns="http://www.w3.org/2000/svg"`)
	if strings.Contains(body, "xlink:") {
		doc.WriteString(` xmlns:xlink="http://www.w3.org/1999/xlink"`)
	}
	fmt.Fprintf(&doc, ` width="%s" height="%s" viewBox="%s">`, numbers(b.Width), numbers(b.Height), numbers(b.Left, b.Top, b.Width, b.Height))
	doc.WriteString(body)
	doc.WriteString(`</svg>`)
	return []byte(doc.String()), nil
}

// matrix gives the map a, b, c, d, e, f (SVG 2, section 8.5: x' = ax+cy+e, y' =
// bx+dy+f) that mirrors the box, turns it by quarters clockwise and moves its
// corner to the origin.
func (b box) matrix(turns int, hFlip, vFlip bool) [6]float64 {
	w, h := b.Width, b.Height
	m := [6]float64{1, 0, 0, 1, -b.Left, -b.Top}
	if hFlip {
		m = then(m, [6]float64{-1, 0, 0, 1, w, 0})
	}
	if vFlip {
		m = then(m, [6]float64{1, 0, 0, -1, 0, h})
	}
	for range turns { // (x, y) → (h-y, x)
		m = then(m, [6]float64{0, 1, -1, 0, h, 0})
		w, h = h, w
	}
	return m
}

// then is the map m followed by n.
func then(m, n [6]float64) [6]float64 {
	return [6]float64{
		n[0]*m[0] + n[2]*m[1], n[1]*m[0] + n[3]*m[1],
		n[0]*m[2] + n[2]*m[3], n[1]*m[2] + n[3]*m[3],
		n[0]*m[4] + n[2]*m[5] + n[4], n[1]*m[4] + n[3]*m[5] + n[5],
	}
}

func numbers(vs ...float64) string {
	out := make([]string, len(vs))
	for i, v := range vs {
		out[i] = strconv.FormatFloat(v+0, 'f', -1, 64)
	}
	return strings.Join(out, " ")
}
