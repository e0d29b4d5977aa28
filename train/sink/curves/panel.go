package curves

import (
	"image"
	"image/color"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// draw fills c, which draws on img, with the panel: its group as the title, a legend with the
// newest values below it, and the curves.
func (p panel) draw(c draw.Canvas, img *image.RGBA, first, last float64, o Options) {
	log, low, high := p.scale()
	pl := plot.New()
	pl.BackgroundColor = color.Transparent
	pl.X.Tick.Marker, pl.Y.Tick.Marker = linearTicks{6}, linearTicks{5}
	if log {
		pl.Y.Scale, pl.Y.Tick.Marker = plot.LogScale{}, logTicks{}
	}
	for _, a := range []*plot.Axis{&pl.X, &pl.Y} {
		a.Color, a.Tick.Color = rule, rule
		a.Padding = 0
		a.Tick.Length = 0
		a.Tick.Label.Color = faint
		a.Tick.Label.Font = style(8.5, faint, font.Font{}).Font
		a.Label.TextStyle = style(8.5, faint, font.Font{})
	}
	pl.X.Tick.Label.XAlign, pl.X.Tick.Label.YAlign = draw.XCenter, draw.YTop
	pl.Y.Tick.Label.XAlign, pl.Y.Tick.Label.YAlign = draw.XRight, draw.YCenter
	pl.Y.LineStyle.Width = 0
	pl.X.Label.Text = "step"
	pl.Y.Label.Text = o.Units[p.group]
	grid := plotter.NewGrid()
	grid.Vertical.Width = 0
	grid.Horizontal = draw.LineStyle{Color: rule, Width: 0.5}
	pl.Add(grid)

	// All faint lines lie below all strong ones.
	for pass := range 2 {
		for i, s := range p.lines {
			buckets, tint := s.drawn(), palette[i%len(palette)]
			switch {
			case pass == 1:
				pl.Add(line(smooth(buckets, log), tint, 1.6, i))
				if len(buckets) < smoothBelow {
					pl.Add(dots(buckets, tint))
				}
			case len(buckets) >= smoothBelow:
				tint.A = 0x48
				pl.Add(band{img, buckets, tint})
			}
		}
	}

	// After Add, which widens the ranges to all data.
	pl.X.Min, pl.X.Max, pl.Y.Min, pl.Y.Max = first, last, low, high

	c.FillText(style(11, ink, bold), vg.Point{X: c.Min.X, Y: c.Max.Y - 12}, p.title(log))
	used := p.legend(c, c.Max.Y-28)
	pl.Draw(draw.Crop(c, 0, -4, 0, -(c.Max.Y - used)))
}

func (p panel) title(log bool) string {
	if log {
		return p.group + " (log scale)"
	}
	return p.group
}

// maxLegend is how many lines of names fit above a plot.
const maxLegend = 4

// legend writes the names with their newest values in lines from y down, and
// returns where the plot may begin.
func (p panel) legend(c draw.Canvas, y vg.Length) vg.Length {
	st := style(9, ink, font.Font{})
	x, lines := c.Min.X, 0
	for i, name := range p.names {
		entry := p.lines[i].summary()
		if name != p.group { // else the title says it
			entry = name + "  " + entry
		}
		w := st.Width(entry) + 20
		if x > c.Min.X && x+w > c.Max.X {
			x, y = c.Min.X, y-13
			if lines++; lines == maxLegend {
				c.FillText(st, vg.Point{X: x, Y: y}, "and "+strconv.Itoa(len(p.names)-i)+" more")
				break
			}
		}
		mark := draw.LineStyle{Color: palette[i%len(palette)], Width: 2.2, Dashes: dashes(i)}
		c.StrokeLine2(mark, x, y+3, x+11, y+3)
		c.FillText(st, vg.Point{X: x + 15, Y: y}, entry)
		x += w + 8
	}
	return y - 8
}

// summary is the newest value, and the step from which there was none.
func (s *series) summary() string {
	switch {
	case !s.lost:
		return value(s.last)
	case len(s.buckets) == 0:
		return "NaN"
	}
	return value(s.last) + ", NaN at step " + strconv.FormatInt(s.lostAt, 10)
}

// flat is the share of a value below which a difference is rounding: a curve
// that smoothing moves by the last bit is as flat as one that it does not.
const flat = 1e-9

// scale chooses the range of the value axis, and logarithms if all values are
// positive and span more than 1½ decades. The smoothed lines fit whole, but the
// outermost hundredth of the raw values may be cut off: one spike must not
// press a curve flat.
func (p panel) scale() (log bool, low, high float64) {
	var lows, highs []float64
	for _, s := range p.lines {
		for _, b := range s.drawn() {
			lows, highs = append(lows, b.low), append(highs, b.high)
		}
	}
	if len(lows) == 0 {
		return false, 0, 1
	}
	slices.Sort(lows)
	slices.Sort(highs)
	cut := len(lows) / 100
	low, high = lows[cut], highs[len(highs)-1-cut]
	log = lows[0] > 0 && high/low > 30
	for _, s := range p.lines {
		for _, m := range smooth(s.drawn(), log) {
			low, high = min(low, m.y), max(high, m.y)
		}
	}
	if log {
		return true, low / 1.15, high * 1.15
	}
	if low > 0 && low < 0.3*high {
		low = 0 // near enough to show where nothing is
	}
	edge := (high - low) * 0.04
	if high-low <= flat*max(math.Abs(low), math.Abs(high)) {
		edge = max(math.Abs(high)*0.1, 1e-3)
	}
	if low != 0 {
		low -= edge
	}
	return false, low, high + edge
}

func dashes(i int) []vg.Length {
	if i < len(palette) {
		return nil
	}
	return []vg.Length{4, 2}
}

func line(points []xy, c color.Color, width vg.Length, i int) plot.Plotter {
	xys := make(plotter.XYs, len(points))
	for j, p := range points {
		xys[j] = plotter.XY{X: p.x, Y: p.y}
	}
	return &plotter.Line{XYs: xys, LineStyle: draw.LineStyle{Color: c, Width: width, Dashes: dashes(i)}}
}

func dots(buckets []bucket, c color.Color) plot.Plotter {
	xys := make(plotter.XYs, len(buckets))
	for i, b := range buckets {
		xys[i] = plotter.XY{X: b.step, Y: b.mean}
	}
	return &plotter.Scatter{XYs: xys, GlyphStyle: draw.GlyphStyle{Color: c, Radius: 2, Shape: draw.CircleGlyph{}}}
}
