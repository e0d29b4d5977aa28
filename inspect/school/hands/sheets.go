package hands

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
	"regexp"

	"github.com/limner-ai/limner/inspect/hands/find"
	"github.com/limner-ai/limner/inspect/hands/judge"
	"github.com/limner-ai/limner/inspect/school/gallery"
)

// How far training crops lie off those that the points of a hand ask for.
const (
	cropTimes = 1.125 // extents of the points, as the inspector crops
	offAngle  = 12 * math.Pi / 180
	offPlace  = .08
	offTimes  = .12
)

// jittered is the crop around a hand, a little off.
func jittered(h find.Hand, rnd *rand.Rand) find.Square {
	s := h.Crop(cropTimes * math.Exp(offTimes*rnd.NormFloat64()))
	s.X += s.Side * offPlace * rnd.NormFloat64()
	s.Y += s.Side * offPlace * rnd.NormFloat64()
	s.Angle += offAngle * rnd.NormFloat64()
	return s
}

// sheet is what the judge learns from: the crop, and beside it where the fault
// of a kind is.
func sheet(p *find.Picture, s find.Square, mask *find.Picture, kind int, mirror bool) *image.NRGBA {
	const side, cells = judge.Side, judge.Cells
	m := image.NewNRGBA(image.Rect(0, 0, judge.Packed, judge.Packed))
	for i := range m.Pix {
		if i%4 == 3 {
			m.Pix[i] = 255
		}
	}
	level := func(v float32) uint8 { return uint8(255*max(0, min(1, v)) + .5) }
	buf := make([]float32, 3*side*side)
	p.Crop(buf, side, s)
	across := func(x, n int) int {
		if mirror {
			return n - 1 - x
		}
		return x
	}
	for i := 0; i < side*side; i++ {
		m.SetNRGBA(across(i%side, side), i/side, color.NRGBA{level(buf[3*i]), level(buf[3*i+1]), level(buf[3*i+2]), 255})
	}
	if mask == nil {
		return m
	}
	mask.Crop(buf, side, s)
	const k = side / cells
	for y := range cells {
		for x := range cells {
			sum := float32(0)
			for i := range k * k {
				sum += buf[3*((y*k+i/k)*side+x*k+i%k)]
			}
			v := level(sum / (k * k))
			m.SetNRGBA(side+across(x, cells), kind*cells+y, color.NRGBA{v, v, v, 255})
		}
	}
	return m
}

// maskPicture is a mask as a picture to crop from.
func maskPicture(mask []float32, side int) *find.Picture {
	m := image.NewNRGBA(image.Rect(0, 0, side, side))
	for i, v := range mask {
		b := uint8(255*v + .5)
		m.SetNRGBA(i%side, i/side, color.NRGBA{b, b, b, 255})
	}
	return find.NewPicture(m)
}

// drawn are captions of emoji that show hands and little else.
var drawn = regexp.MustCompile(`(?i)\b((raised|raised back of|waving|ok|victory|call me|palm (up|down)|(left|right)wards( pushing)?|pinching) hand|hand with (fingers splayed|index finger)|vulcan salute|pinched fingers|crossed fingers|love.you gesture|sign of the horns|(backhand )?index pointing|middle finger|thumbs (up|down)|(raised|oncoming|(left|right).facing) fist|raised back of hand|open hands|palms up together|clapping hands|raising hands)\b`)

var person = regexp.MustCompile(`(?i)\b(person|man|woman|face|people)\b`)

// isHand reports whether a caption names a hand, and no person.
func isHand(caption string) bool { return drawn.MatchString(caption) && !person.MatchString(caption) }

// put writes a sheet into a folder with the splits train and test and a folder
// a kind.
func put(dir, split string, kind, i int, m *image.NRGBA) error {
	path := filepath.Join(dir, split, judge.Classes()[kind], fmt.Sprintf("%06d.png", i))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	e := png.Encoder{CompressionLevel: png.BestSpeed}
	err = e.Encode(out, m)
	if e := out.Close(); err == nil {
		err = e
	}
	return err
}

// split keeps one in twenty for the loss on others.
func split(i int) string {
	if i%20 == 19 {
		return "test"
	}
	return "train"
}

// writeDrawn puts n hands drawn from the rig into a folder.
func writeDrawn(ctx context.Context, dir string, r *rig, n int, seed uint64, say func(string, ...any)) error {
	every := Range{Kinds: []int{bentKind, extraKind, fusedKind, missingKind, rightKind, rightKind}, Size: [2]int{44, 100}}
	for i := range n {
		if err := ctx.Err(); err != nil {
			return err
		}
		rnd := rand.New(rand.NewPCG(seed, uint64(i)))
		s := r.Draw(every, rnd)
		m := sheet(find.NewPicture(s.Image), jittered(s.Hand, rnd), maskPicture(s.Mask, s.Image.Rect.Dx()), min(s.Kind, rightKind-1), rnd.IntN(2) == 0)
		if err := put(dir, split(i), s.Kind, i, m); err != nil {
			return err
		}
		if i%1000 == 999 {
			say("%d of %d hands drawn", i+1, n)
		}
	}
	return nil
}

const firstEmoji = 500_000 // the number of the first emoji's sheet

// writeEmoji puts the right hands of at most n emoji into a folder, each several
// times, over other grounds.
func writeEmoji(ctx context.Context, dir string, g *gallery.Gallery, f *find.Finder, n int, seed uint64, say func(string, ...any)) error {
	var shown []int
	for i := range g.Len() {
		if isHand(g.Caption(i)) {
			shown = append(shown, i)
		}
	}
	at := firstEmoji
	for k := range min(n, len(shown)) {
		m, err := g.Image(shown[k*len(shown)/min(n, len(shown))])
		if err != nil {
			return err
		}
		p := find.NewPicture(m)
		found, err := f.Hands(ctx, p)
		if err != nil {
			return err
		}
		if k%50 == 49 {
			say("%d of %d emoji", k+1, min(n, len(shown)))
		}
		for _, h := range found[:min(1, len(found))] {
			for range 4 {
				rnd := rand.New(rand.NewPCG(seed, uint64(at)))
				if err := put(dir, split(k), rightKind, at, sheet(tinted(m, rnd), jittered(h, rnd), nil, rightKind, rnd.IntN(2) == 0)); err != nil {
					return err
				}
				at++
			}
		}
	}
	return nil
}

// tinted is an emoji over a ground as the drawn hands have.
func tinted(m *image.NRGBA, rnd *rand.Rand) *find.Picture {
	side := m.Rect.Dx()
	g := newGround(side, rnd)
	out := image.NewNRGBA(m.Rect)
	for i := 0; i < len(m.Pix); i += 4 {
		x, y := i/4%side, i/4/side
		c, a := g.at(x, y), float64(m.Pix[i+3])/255
		for k := range c {
			out.Pix[i+k] = uint8(a*float64(m.Pix[i+k]) + (1-a)*255*c[k] + .5)
		}
		out.Pix[i+3] = 255
	}
	return find.NewPicture(out)
}
