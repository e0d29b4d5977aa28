package conv

import "testing"

func TestChooseTile(t *testing.T) {
	for _, c := range []struct {
		s    Shape
		want [3]int // forward, input gradient, filter gradient
	}{
		{square(32, 64, 64, 3, 64, 1, 1), [3]int{4, 4, 4}},
		{square(32, 32, 128, 3, 128, 1, 1), [3]int{4, 4, 4}},
		{square(32, 16, 256, 3, 256, 1, 1), [3]int{4, 4, 4}},
		{square(32, 8, 512, 3, 512, 1, 1), [3]int{4, 4, 4}},
		{square(64, 2, 512, 3, 512, 1, 1), [3]int{2, 2, 2}}, // larger tiles would overhang
		{square(1, 8, 512, 3, 512, 1, 1), [3]int{0, 0, 2}},  // too few to pay for transforming the filter
		{square(32, 64, 64, 4, 128, 2, 1), [3]int{4, 4, 4}},
		{square(16, 2, 64, 4, 64, 2, 1), [3]int{0, 0, 0}},
		{square(32, 64, 8, 3, 64, 1, 1), [3]int{0, 0, 0}},
		{square(32, 64, 64, 3, 60, 1, 1), [3]int{0, 0, 0}},
		{square(32, 64, 64, 3, 64, 2, 1), [3]int{0, 0, 0}},
		{square(32, 64, 64, 3, 64, 1, 1).grouped(2), [3]int{0, 0, 0}},
		{Shape{N: 32, H: 64, W: 64, C: 64, KH: 3, KW: 3, K: 64, DilH: 2}, [3]int{0, 0, 0}},
		{Shape{N: 32, H: 64, W: 64, C: 64, KH: 3, KW: 4, K: 64}, [3]int{0, 0, 0}},
		{square(0, 64, 64, 3, 64, 1, 1), [3]int{0, 0, 0}},
	} {
		s := c.s.checked()
		for p, want := range c.want {
			if got := chooseTile(s, pass(p)); got != want {
				t.Errorf("pass %d of %+v is computed by tiles of %d, want %d", p, s, got, want)
			}
		}
	}
}
