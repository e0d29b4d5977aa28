package light

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/limner-ai/limner/inspect/light"
	"github.com/limner-ai/limner/inspect/plane"
	"github.com/limner-ai/limner/inspect/school/gallery"
	"github.com/limner-ai/limner/inspect/school/lesson"
	"github.com/limner-ai/limner/inspect/school/solids"
)

// What the network's windows are cut from, in pictures.
const (
	drawnScenes = 3600
	flatScenes  = 400
	relitEmoji  = 2600
	plainEmoji  = 3600
	drawn       = 32 // pixels, the side of what is written
)

// windows cuts the pictures that the network is trained on, into sub-folders of
// root/runs/light-windows by class.
func windows(ctx context.Context, d *lesson.Desk) error {
	g, err := d.Open(gallery.Fit)
	if err != nil {
		return err
	}
	defer g.Close()
	w := &writer{dir: filepath.Join(d.Root, "runs", "light-windows"), count: map[string]int{}}
	for _, c := range light.Classes() {
		if err := os.MkdirAll(filepath.Join(w.dir, c), 0o755); err != nil {
			return err
		}
	}
	r := rand.New(rand.NewPCG(d.Seed, 11))
	for n := range drawnScenes + flatScenes {
		if err := ctx.Err(); err != nil {
			return err
		}
		o := solids.Options{Fault: pick(r), Flat: n >= drawnScenes}
		if o.Flat {
			o.Fault = solids.Sound
		}
		s := solids.Draw(r, o)
		if err := w.cut(s.Render(light.Side), s, r, 9); err != nil {
			return err
		}
		if n%400 == 0 {
			fmt.Fprintln(d.Progress, n, "scenes", w.count)
		}
	}
	for n, i := range g.Some(relitEmoji + plainEmoji) {
		if err := ctx.Err(); err != nil {
			return err
		}
		m, err := g.Image(i)
		if err != nil {
			return err
		}
		s := &solids.Scene{}
		p := &solids.Picture{Image: m, Solid: plane.New(light.Side, light.Side), Other: plane.New(light.Side, light.Side), Fault: plane.New(light.Side, light.Side)}
		if n%2 == 0 || n%8 == 1 {
			if r.IntN(2) == 0 {
				s.Fault, s.Apart = solids.Pasted, 60+240*r.Float64()
			}
			if lit, azimuth := relit(m, r, s.Apart); lit != nil {
				p, s.Azimuth = lit, azimuth
			} else {
				s.Fault = solids.Sound
			}
		}
		if err := w.cut(p, s, r, 7); err != nil {
			return err
		}
	}
	fmt.Fprintln(d.Progress, w.count)
	return nil
}

func pick(r *rand.Rand) solids.Fault {
	switch v := r.Float64(); {
	case v < .4:
		return solids.Sound
	case v < .75:
		return solids.Pasted
	case v < .87:
		return solids.Shadow
	}
	return solids.Highlight
}

type writer struct {
	dir   string
	count map[string]int
}

// cut writes windows of a picture, square cut-outs of 20 to 64 pixels, whose
// class is beyond doubt.
func (w *writer) cut(p *solids.Picture, s *solids.Scene, r *rand.Rand, n int) error {
	c := light.NewCanvas(p.Image)
	to := make([]float32, drawn*drawn*3)
	for range n {
		side := 20 + r.IntN(light.Side-19)
		at := image.Pt(r.IntN(light.Side-side+9)-4, r.IntN(light.Side-side+9)-4)
		square := image.Rectangle{at, at.Add(image.Pt(side, side))}
		class := classOf(p, s, square)
		if class == "" || class == light.None && r.IntN(2) == 0 {
			continue
		}
		c.Look(to, drawn, square)
		m := image.NewNRGBA(image.Rect(0, 0, drawn, drawn))
		for i := range drawn * drawn {
			m.SetNRGBA(i%drawn, i/drawn, color.NRGBA{level(to[3*i]), level(to[3*i+1]), level(to[3*i+2]), 255})
		}
		f, err := os.Create(filepath.Join(w.dir, class, fmt.Sprintf("%06d.png", w.count[class])))
		if err != nil {
			return err
		}
		if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(f, m); err != nil {
			f.Close()
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
		w.count[class]++
	}
	return nil
}

func level(v float32) uint8 { return uint8(max(0, min(v, 1))*255 + .5) }

// classOf is the class of a window, empty where it could be disputed.
func classOf(p *solids.Picture, s *solids.Scene, square image.Rectangle) string {
	var solid, other, fault, all float64
	for i, v := range p.Fault.V {
		all += float64(v)
		if q := image.Pt(i%light.Side, i/light.Side); q.In(square) {
			solid += float64(p.Solid.V[i])
			other += float64(p.Other.V[i])
			fault += float64(v)
		}
	}
	inside := fault / max(all, 1)
	area := float64(square.Dx() * square.Dy())
	solid, other, fault = solid/area, other/area, fault/area
	const little, some, much = .015, .06, .12
	switch {
	case solid+other < some:
		if fault > little {
			return ""
		}
		return light.None
	case solid+other < much:
		return ""
	case s.Fault == solids.Pasted && min(solid, other) >= some,
		s.Fault == solids.Shadow && fault > some && inside > .5 && solid > some,
		s.Fault == solids.Highlight && fault > some && inside > .7:
		return light.Crossed
	case s.Fault == solids.Pasted && solid < little:
		return direction(s.Azimuth + s.Apart)
	case s.Fault == solids.Pasted && other > little || s.Fault != solids.Pasted && fault > little:
		return ""
	}
	return direction(s.Azimuth)
}

func direction(azimuth float64) string {
	const step = 360. / light.Directions
	k := int(math.Round(azimuth/step)) % light.Directions
	return light.Classes()[(k+light.Directions)%light.Directions]
}
