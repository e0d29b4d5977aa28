package inspect

import (
	"cmp"
	"image"
	"slices"
)

// Regions are the connected places where the heat is above a level, in the
// pixels of a picture with these bounds, worst first and no more than most.
// A region's score is its greatest heat; among equals the larger comes first.
// Places of less than a hundredth of the largest one's heat are left out.
func (h *Heat) Regions(bounds image.Rectangle, level float32, most int) []Region {
	type place struct {
		Region
		sum float64
	}
	var places []place
	seen := make([]bool, len(h.Value))
	var stack []int
	for start, v := range h.Value {
		if seen[start] || v <= level {
			continue
		}
		seen[start] = true
		stack = append(stack[:0], start)
		cells := image.Rectangle{}
		p := place{}
		for len(stack) > 0 {
			i := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			x, y := i%h.W, i/h.W
			cells = cells.Union(image.Rect(x, y, x+1, y+1))
			p.Score = max(p.Score, float64(h.Value[i]))
			p.sum += float64(h.Value[i])
			for _, n := range [4]int{-1, 1, -h.W, h.W} {
				j := i + n
				if n == -1 && x == 0 || n == 1 && x == h.W-1 || j < 0 || j >= len(h.Value) || seen[j] || h.Value[j] <= level {
					continue
				}
				seen[j] = true
				stack = append(stack, j)
			}
		}
		p.Box = h.inPixels(cells, bounds)
		places = append(places, p)
	}
	slices.SortStableFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(b.sum, a.sum))
	})
	largest := 0.
	for _, p := range places {
		largest = max(largest, p.sum)
	}
	var out []Region
	for _, p := range places {
		if len(out) < most && p.sum >= largest/100 {
			out = append(out, p.Region)
		}
	}
	return out
}

// inPixels is the least rectangle of pixels that covers cells of the map.
func (h *Heat) inPixels(cells, bounds image.Rectangle) image.Rectangle {
	w, t := bounds.Dx(), bounds.Dy()
	return image.Rect(
		cells.Min.X*w/h.W, cells.Min.Y*t/h.H,
		(cells.Max.X*w+h.W-1)/h.W, (cells.Max.Y*t+h.H-1)/h.H,
	).Add(bounds.Min)
}

// Place says in words where a region lies in a picture: "at the top left", "in
// the middle", ….
func Place(r, bounds image.Rectangle) string {
	third := func(begin, end, from, to int) int {
		return max(0, min(2, 3*((begin+end)/2-from)/max(1, to-from)))
	}
	row := third(r.Min.Y, r.Max.Y, bounds.Min.Y, bounds.Max.Y)
	column := third(r.Min.X, r.Max.X, bounds.Min.X, bounds.Max.X)
	return [3][3]string{
		{"at the top left", "at the top", "at the top right"},
		{"on the left", "in the middle", "on the right"},
		{"at the bottom left", "at the bottom", "at the bottom right"},
	}[row][column]
}
