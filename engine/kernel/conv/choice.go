package conv

// pass is one of the three operations.
type pass int

const (
	forwardPass pass = iota
	inputGradPass
	filterGradPass
)

// tileable reports whether Winograd's transforms can compute s at all. They
// would round operands after a transform, whose terms cancel.
func tileable(s Shape) bool {
	return !s.BFloat16 && s.Groups == 1 && s.DilH == 1 && s.DilW == 1 && s.C%8 == 0 && s.K%8 == 0 && s.N*s.OutH()*s.OutW() > 0 &&
		(s.KH == 3 && s.KW == 3 && s.StrideH == 1 && s.StrideW == 1 || s.KH == 4 && s.KW == 4 && s.StrideH == 2 && s.StrideW == 2)
}

// fewestChannels are too few to pay for transforms.
const fewestChannels = 16

// chooseTile is the size of Winograd's tiles by which a pass over s is computed,
// or 0 if that had better be done directly. It depends on the shape alone, lest
// two machines compute different bits.
func chooseTile(s Shape, p pass) int {
	if !tileable(s) || min(s.C, s.K) < fewestChannels {
		return 0
	}
	tile, least := 0, directCost(s, p)
	for _, m := range []int{4, 2} {
		if m == 2 && s.KH != 3 {
			continue
		}
		if c := tiledCost(s, p, m) * 1.05; c < least { // the direct way is the more accurate one
			tile, least = m, c
		}
	}
	return tile
}

// What things cost in nanoseconds of one core (Zen 3, AVX2), measured. Only
// ratios matter.
const (
	productsCost   = 1 / 42.0 // a multiply-add
	gradientsCost  = 1 / 38.0 // the same where pixels are summed over
	packCost       = 1.2      // a float of a packed filter, and loading it
	turnedPackCost = 2.5      // the same, transposed
	filterCost     = 0.6      // a float of a transformed filter, and loading it
	pairCost       = 10       // a pair of channels of a phase of it
	sumsCost       = 0.25     // a float of a transformed filter's gradient
	tileCost       = 150      // a tile
	shortCost      = 5        // steps of K that a micro-kernel's call takes besides
)

// transformCost is the price of a channel of a tile, for tiles of 4×4 and 2×2:
// of the source, of the source if it was read a moment ago, of the result and
// of its gradient.
var transformCost = map[int]struct{ source, again, result, gradient float64 }{
	4: {12, 6, 8, 10},
	2: {5, 3, 3, 4},
}

func directCost(s Shape, p pass) float64 {
	filter := float64(s.FilterSize())
	switch p {
	case forwardPass:
		return s.flops()/2*productsCost + filter*packCost
	case inputGradPass:
		return s.flops()/2*productsCost + filter*turnedPackCost
	}
	return s.flops() / 2 * gradientsCost
}

func tiledCost(s Shape, p pass, m int) float64 {
	phases := float64(s.StrideH * s.StrideW)
	n := m + s.KH/s.StrideH - 1
	n2, t := float64(n*n), transformCost[m]
	tiles := float64(s.N * ceil(s.OutH(), m) * ceil(s.OutW(), m))
	c, k := float64(s.C), float64(s.K)
	pairs := phases * c * k
	filter := pairs * (n2*filterCost + pairCost)
	// The phases of a picture interleave: the first brings the others closer.
	several := func(times, first, again float64) float64 { return first + (times-1)*again }
	switch p {
	case forwardPass:
		return n2*(c*phases+shortCost)*k*tiles*productsCost + filter +
			tiles*(tileCost+c*several(phases, t.source, t.again)+k*t.result)
	case inputGradPass:
		tiles = float64(s.N * ceil(s.H, m*s.StrideH) * ceil(s.W, m*s.StrideW))
		return n2*(k+shortCost)*c*phases*tiles*productsCost + filter + float64(s.FilterSize())*turnedPackCost +
			tiles*(tileCost*phases+k*several(phases, t.source, t.again)+phases*c*t.result)
	}
	ins, outs := float64(ceil(s.C, inBlock))*phases, float64(ceil(s.K, outBlock))
	parts := max(tiles/gradTiles, 1)
	return n2*pairs*(tiles+parts*shortCost)*gradientsCost + n2*pairs*sumsCost +
		tiles*(ins*outs*tileCost+c*outs*several(phases, t.source, t.again)+k*several(ins, t.gradient, t.gradient/2))
}
