// Package segment cuts a picture into regions of about one colour.
package segment

import (
	"cmp"
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

type edge struct {
	a, b   int32
	weight float32
}

// Graph is the graph segmentation of Felzenszwalb and Huttenlocher, "Efficient
// Graph-Based Image Segmentation" (2004), over planes of one size and the eight
// neighbours of each pixel. The weight of an edge is the Euclidean distance of
// its pixels. Two regions are joined by an edge no heavier than both their
// Int(C) + scale/|C| (equations 3 and 4); then those smaller than least pixels
// are joined to the neighbour by the lightest edge.
func Graph(planes []*plane.Plane, scale float32, least int) *Map {
	w, h := planes[0].W, planes[0].H
	edges := make([]edge, 0, 4*w*h)
	link := func(a, b int) {
		sum := float32(0)
		for _, p := range planes {
			d := p.V[a] - p.V[b]
			sum += d * d
		}
		edges = append(edges, edge{int32(a), int32(b), sum})
	}
	for y := range h {
		for x := range w {
			i := y*w + x
			if x+1 < w {
				link(i, i+1)
			}
			if y+1 < h {
				link(i, i+w)
			}
			if x+1 < w && y+1 < h {
				link(i, i+w+1)
			}
			if x > 0 && y+1 < h {
				link(i, i+w-1)
			}
		}
	}
	slices.SortStableFunc(edges, func(a, b edge) int { return cmp.Compare(a.weight, b.weight) })
	f := newForest(w*h, scale)
	for _, e := range edges {
		a, b := f.root(e.a), f.root(e.b)
		if d := sqrt(e.weight); a != b && d <= f.reach[a] && d <= f.reach[b] {
			f.join(a, b, d)
		}
	}
	for _, e := range edges {
		if a, b := f.root(e.a), f.root(e.b); a != b && min(f.size[a], f.size[b]) < int32(least) {
			f.join(a, b, sqrt(e.weight))
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

func sqrt(x float32) float32 { return float32(math.Sqrt(float64(x))) }
