package texture

import (
	"math/rand/v2"
	"strings"

	"github.com/limner-ai/limner/inspect/plane"
	"github.com/limner-ai/limner/inspect/texture"
)

// sampled adds at most n of the visible cells of a picture: of a clean one, any;
// of a spoilt one, two in three from where the fault is and the rest from
// where none is near.
func sampled(all []example, c *texture.Cells, mask *plane.Plane, class, n int, r *rand.Rand) []example {
	var bad, good []int
	var near *plane.Plane
	if mask != nil {
		near = plane.Largest(mask, 4)
	}
	for i, seen := range c.Seen {
		if seen < .3 {
			continue
		}
		if mask == nil {
			good = append(good, i)
			continue
		}
		at := i/c.W*2*mask.W + i%c.W*2
		if mask.V[at] > .5 {
			bad = append(bad, i)
		} else if near.V[at] < .5 {
			good = append(good, i)
		}
	}
	take := func(list []int, class, n int) {
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		for _, i := range list[:min(n, len(list))] {
			all = append(all, example{append([]float32{}, c.Inputs[i]...), class})
		}
	}
	if mask == nil {
		take(good, 0, n)
		return all
	}
	take(bad, class, n*2/3)
	take(good, 0, n/3)
	return all
}

// style is a picture's, by its name: of the set's sources one has one style,
// the other a folder for each.
func style(name string) string {
	parts := strings.Split(name, "/")
	if len(parts) > 2 && parts[0] == "iconify" {
		return parts[1]
	}
	return parts[0]
}
