package light

import (
	"image"
	"math/rand/v2"

	"github.com/limner-ai/limner/inspect/light"
	"github.com/limner-ai/limner/inspect/plane"
	"github.com/limner-ai/limner/inspect/school/gallery"
	"github.com/limner-ai/limner/inspect/school/solids"
)

// example is a picture of which the light is known.
type example struct {
	image   *image.NRGBA
	azimuth float64 // of the light of most of it
	fault   *plane.Plane
}

// maker makes an example; nil if this draw gives none.
type maker func(*rand.Rand) (*example, error)

func scenes(o solids.Options) maker {
	return func(r *rand.Rand) (*example, error) {
		s := solids.Draw(r, o)
		p := s.Render(light.Side)
		return &example{p.Image, s.Azimuth, p.Fault}, nil
	}
}

// emoji are pictures of the set, lit; apart is the angle between two lights, 0
// for one.
func emoji(g *gallery.Gallery, apart float64) maker {
	return func(r *rand.Rand) (*example, error) {
		m, err := g.Image(r.IntN(g.Len()))
		if err != nil {
			return nil, err
		}
		turn := apart
		if r.IntN(2) == 0 {
			turn = -apart
		}
		p, azimuth := relit(m, r, turn)
		if p == nil {
			return nil, nil
		}
		return &example{p.Image, azimuth, p.Fault}, nil
	}
}

// plain are pictures of the set as they are, of one style.
func plain(g *gallery.Gallery, of string) maker {
	var list []int
	for i := range g.Len() {
		if style(g.Name(i)) == of {
			list = append(list, i)
		}
	}
	at := 0
	return func(*rand.Rand) (*example, error) {
		if at == len(list) {
			return nil, nil
		}
		// Evenly spread: a step that has no divisor in common with most lengths.
		m, err := g.Image(list[at*7919%len(list)])
		at++
		return &example{image: m}, err
	}
}

// either draws from two makers in turn.
func either(a, b maker) maker {
	return func(r *rand.Rand) (*example, error) {
		if r.IntN(2) == 0 {
			return a(r)
		}
		return b(r)
	}
}
