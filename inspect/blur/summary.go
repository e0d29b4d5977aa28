package blur

import (
	"slices"
)

// Summary is what a picture is judged by: of the cells with edges the mean logit,
// that of the tenth and of the third with the largest, the largest mean over 3×3
// cells, and the share of cells that are more likely blurred than not.
func Summary(c *Cells, logits []float32) []float32 {
	var all []float32
	sum, above := float32(0), 0
	for i, has := range c.Has {
		if !has {
			continue
		}
		all = append(all, logits[i])
		sum += logits[i]
		if logits[i] > 0 {
			above++
		}
	}
	if len(all) == 0 {
		return make([]float32, Whole)
	}
	slices.Sort(all)
	top := func(n int) float32 {
		n = max(1, n)
		s := float32(0)
		for _, v := range all[len(all)-n:] {
			s += v
		}
		return s / float32(n)
	}
	most := float32(-50)
	for y := range c.H {
		for x := range c.W {
			if v, n := around(c, logits, x, y); n >= 3 {
				most = max(most, v)
			}
		}
	}
	if most == -50 {
		most = all[len(all)-1]
	}
	// Logits far out say no more than that they are sure.
	out := []float32{sum / float32(len(all)), top(len(all) / 10), top(len(all) / 3), most, 4 * float32(above) / float32(len(all))}
	for i, v := range out {
		out[i] = max(-12, min(v, 12))
	}
	return out
}

// around is the mean logit of the cells with edges among nine, and their number.
func around(c *Cells, logits []float32, x, y int) (mean float32, n int) {
	for v := max(0, y-1); v <= min(c.H-1, y+1); v++ {
		for u := max(0, x-1); u <= min(c.W-1, x+1); u++ {
			if i := v*c.W + u; c.Has[i] {
				mean += logits[i]
				n++
			}
		}
	}
	return mean / float32(max(1, n)), n
}
