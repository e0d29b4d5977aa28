package segment

import (
	"image"
	"math/rand/v2"
	"testing"

	"github.com/limner-ai/limner/inspect/plane"
)

// scene is a bright disc, shaded from side to side, on a dark ground.
func scene(w, h int, noise float32) *plane.Plane {
	r := rand.New(rand.NewPCG(1, 2))
	p := plane.New(w, h)
	for i := range p.V {
		x, y := i%w-w/2, i/w-h/2
		p.V[i] = .1 + noise*r.Float32()
		if x*x+y*y < h*h/9 {
			p.V[i] = .6 + .3*float32(x)/float32(w) + noise*r.Float32()
		}
	}
	return p
}

func TestGraph(t *testing.T) {
	m := Graph([]*plane.Plane{scene(50, 40, .04)}, .5, 20)
	if len(m.Size) != 2 {
		t.Fatalf("%d regions of %v pixels, want a disc and its ground", len(m.Size), m.Size)
	}
	disc := m.Label[20*50+25]
	if got := m.Box(disc); got.Dx() < 25 || got.Dx() > 28 || !image.Pt(25, 20).In(got) {
		t.Errorf("the disc lies in %v", got)
	}
	if m.Label[0] != 0 || disc != 1 || m.Size[0]+m.Size[1] != 50*40 {
		t.Errorf("labels %d and %d, sizes %v", m.Label[0], disc, m.Size)
	}
}

// Regions are connected, of the least size, counted right, and an enlarged
// scale joins.
func TestRegions(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	p := plane.New(31, 23)
	for i := range p.V {
		p.V[i] = r.Float32()
	}
	fewer := 1 << 30
	for _, scale := range []float32{0, .5, 5, 100} {
		m := Graph([]*plane.Plane{p}, scale, 7)
		seen := make([]bool, len(p.V))
		count := make([]int, len(m.Size))
		for i := range p.V {
			if seen[i] {
				continue
			}
			n := reached(m, i, seen)
			if count[m.Label[i]] != 0 {
				t.Fatalf("region %d lies in two places", m.Label[i])
			}
			count[m.Label[i]] = n
		}
		for l, n := range count {
			if n != m.Size[l] || n < 7 {
				t.Errorf("region %d has %d pixels and says %d", l, n, m.Size[l])
			}
		}
		if len(count) > fewer {
			t.Errorf("scale %v gives %d regions, a smaller one %d", scale, len(count), fewer)
		}
		fewer = len(count)
	}
	if fewer != 1 {
		t.Errorf("%d regions are left at a great scale", fewer)
	}
}

func reached(m *Map, from int, seen []bool) int {
	stack, n := []int{from}, 0
	seen[from] = true
	for len(stack) > 0 {
		i := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		n++
		for dy := -1; dy <= 1; dy++ {
			for dx := -1; dx <= 1; dx++ {
				x, y := i%m.W+dx, i/m.W+dy
				if x < 0 || y < 0 || x >= m.W || y >= m.H {
					continue
				}
				if j := y*m.W + x; !seen[j] && m.Label[j] == m.Label[i] {
					seen[j] = true
					stack = append(stack, j)
				}
			}
		}
	}
	return n
}

func TestOnePixel(t *testing.T) {
	m := Graph([]*plane.Plane{plane.New(1, 1)}, 1, 5)
	if len(m.Size) != 1 || m.Size[0] != 1 {
		t.Error(m)
	}
}
