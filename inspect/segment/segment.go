// Package segment cuts a picture into regions of about one colour.
package segment

import (
	"image"
	"math"
	"slices"

	"github.com/limner-ai/limner/inspect/plane"
)

// Map says which region each pixel of a picture belongs to.
type Map struct {
	W, H  int
	Label []int // rows of W from the top, from 0; regions are numbered as they begin
	Size  []int // pixels of each region
}

// Box is the least rectangle that holds a region, from (0, 0) of the map.
func (m *Map) Box(region int) image.Rectangle {
	var box image.Rectangle
	for i, l := range m.Label {
		if l == region {
			x, y := i%m.W, i/m.W
			box = box.Union(image.Rect(x, y, x+1, y+1))
		}
	}
	return box
}

// Graph is the graph segmentation of Felzenszwalb and Huttenlocher, "Efficient
// Graph-Based Image Segmentation" (2004), over planes of one size and the eight
// neighbours of each pixel. The weight of an edge is the Euclidean distance of
// its pixels. Two regions are joined by an edge no heavier than both their
// Int(C) + scale/|C| (equations 3 and 4); then those smaller than least pixels
// are joined to the neighbour by the lightest edge.
func Graph(planes []*plane.Plane, scale float32, least int) *Map {
	w, h := planes[0].W, planes[0].H
	// Of an edge: its weight squared, whose bits order as it does, above its
	// number, so that sorting is stable; four edges a pixel.
	order := make([]uint64, 0, 4*w*h)
	steps := [4]int{1, w, w + 1, w - 1}
	for y := range h {
		for x := range w {
			i := y*w + x
			for k, d := range steps {
				if k != 1 && k != 3 && x+1 == w || k > 0 && y+1 == h || k == 3 && x == 0 {
					continue
				}
				sum := float32(0)
				for _, p := range planes {
					d := p.V[i] - p.V[i+d]
					sum += d * d
				}
				order = append(order, uint64(math.Float32bits(sum))<<32|uint64(4*i+k))
			}
		}
	}
	slices.Sort(order)
	ends := func(o uint64) (a, b int32, weight float32) {
		i, k := int(uint32(o))/4, int(uint32(o))%4
		return int32(i), int32(i + steps[k]), float32(math.Sqrt(float64(math.Float32frombits(uint32(o >> 32)))))
	}
	f := newForest(w*h, scale)
	for _, o := range order {
		a, b, d := ends(o)
		if a, b = f.root(a), f.root(b); a != b && d <= f.reach[a] && d <= f.reach[b] {
			f.join(a, b, d)
		}
	}
	for _, o := range order {
		a, b, d := ends(o)
		if a, b = f.root(a), f.root(b); a != b && min(f.size[a], f.size[b]) < int32(least) {
			f.join(a, b, d)
		}
	}
	return f.labels(w, h)
}

// forest is a disjoint-set forest; reach is Int(C) + scale/|C| of each root.
type forest struct {
	up, size []int32
	reach    []float32
	scale    float32
}

func newForest(n int, scale float32) *forest {
	f := &forest{make([]int32, n), make([]int32, n), make([]float32, n), scale}
	for i := range n {
		f.up[i], f.size[i], f.reach[i] = int32(i), 1, scale
	}
	return f
}

func (f *forest) root(i int32) int32 {
	for f.up[i] != i {
		f.up[i] = f.up[f.up[i]]
		i = f.up[i]
	}
	return i
}

func (f *forest) join(a, b int32, weight float32) {
	if f.size[a] < f.size[b] {
		a, b = b, a
	}
	f.up[b] = a
	f.size[a] += f.size[b]
	f.reach[a] = weight + f.scale/float32(f.size[a])
}

func (f *forest) labels(w, h int) *Map {
	m := &Map{W: w, H: h, Label: make([]int, w*h)}
	number := make(map[int32]int)
	for i := range m.Label {
		r := f.root(int32(i))
		n, ok := number[r]
		if !ok {
			n = len(number)
			number[r] = n
			m.Size = append(m.Size, 0)
		}
		m.Label[i] = n
		m.Size[n]++
	}
	return m
}
