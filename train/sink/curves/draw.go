package curves

import (
	"image"
	"image/color"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// A drawing is made at 144 dots an inch; with panels of 5.2 × 3.4 inches a page
// is 1498 pixels wide.
const (
	dpi         = 144
	panelWidth  = 5.2 * vg.Inch
	panelHeight = 3.4 * vg.Inch
	maxAcross   = 2
	titleHeight = 24
	pad         = 10
)

var (
	ink   = color.NRGBA{0x22, 0x26, 0x2b, 0xff}
	faint = color.NRGBA{0x6b, 0x72, 0x7a, 0xff}
	rule  = color.NRGBA{0xe3, 0xe6, 0xea, 0xff}
)

// palette's neighbours differ in lightness as well as in hue, for eyes that
// see fewer hues.
var palette = []color.NRGBA{
	{0x1f, 0x6f, 0xb4, 0xff}, // blue
	{0xe0, 0x7b, 0x1a, 0xff}, // orange
	{0x1c, 0x91, 0x6c, 0xff}, // green
	{0xb8, 0x36, 0x5a, 0xff}, // crimson
	{0x7a, 0x5b, 0xc4, 0xff}, // violet
	{0x4f, 0xa9, 0xc9, 0xff}, // sky
	{0x86, 0x5d, 0x3c, 0xff}, // brown
	{0x8a, 0x90, 0x97, 0xff}, // gray
}

func style(size vg.Length, c color.Color, weight font.Font) text.Style {
	weight.Typeface, weight.Variant, weight.Size = "Liberation", "Sans", size
	return text.Style{Color: c, Font: weight, Handler: plot.DefaultTextHandler}
}

var bold = font.Font{Weight: xfont.WeightBold}

// panel is the metrics of one group.
type panel struct {
	group string
	names []string // without the group
	lines []*series
}

// panels groups metrics by what is before the first slash; losses come first,
// the rest by name.
func panels(all map[string]*series) []panel {
	var list []panel
	for _, name := range slices.Sorted(maps.Keys(all)) {
		group, rest, ok := strings.Cut(name, "/")
		if !ok {
			rest = name
		}
		i := slices.IndexFunc(list, func(p panel) bool { return p.group == group })
		if i < 0 {
			i = len(list)
			list = append(list, panel{group: group})
		}
		list[i].names = append(list[i].names, rest)
		list[i].lines = append(list[i].lines, all[name])
	}
	slices.SortStableFunc(list, func(a, b panel) int {
		switch {
		case a.group == b.group:
			return 0
		case a.group == "loss":
			return -1
		case b.group == "loss":
			return 1
		}
		return strings.Compare(a.group, b.group)
	})
	return list
}

// drawPage draws all panels as PNG.
func drawPage(w io.Writer, all map[string]*series, o Options) error {
	list := panels(all)
	across := min(max(len(list), 1), maxAcross)
	down := (max(len(list), 1) + across - 1) / across
	head := vg.Length(0)
	if o.Title != "" {
		head = titleHeight
	}
	width, height := vg.Length(across)*panelWidth, vg.Length(down)*panelHeight+head
	img := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(dpi), vgimg.UseBackgroundColor(color.White))
	page, pixels := draw.New(img), img.Image().(*image.RGBA)
	if o.Title != "" {
		page.FillText(style(13, ink, bold), vg.Point{X: pad, Y: height - titleHeight + 4}, o.Title)
	}
	if len(list) == 0 {
		page.FillText(style(11, faint, font.Font{}), vg.Point{X: pad, Y: panelHeight / 2}, "nothing was measured yet")
	}
	first, last := steps(all)
	for i, p := range list {
		x, y := vg.Length(i%across)*panelWidth, height-head-vg.Length(i/across+1)*panelHeight
		c := draw.Canvas{Canvas: page.Canvas, Rectangle: vg.Rectangle{
			Min: vg.Point{X: x + pad, Y: y + pad},
			Max: vg.Point{X: x + panelWidth - pad, Y: y + panelHeight - pad/2},
		}}
		p.draw(c, pixels, first, last, o)
	}
	_, err := vgimg.PngCanvas{Canvas: img}.WriteTo(w)
	return err
}

// steps is the range of steps of all metrics, so that panels share an axis.
func steps(all map[string]*series) (first, last float64) {
	first, last = math.Inf(1), math.Inf(-1)
	for _, s := range all {
		if n := len(s.buckets); n > 0 {
			first = min(first, s.buckets[0].step)
			last = max(last, s.buckets[n-1].step)
		}
	}
	if first > last {
		return 0, 1
	}
	if first < last/10 {
		first = 0
	}
	if first == last {
		return first - 1, last + 1
	}
	return first, last
}
