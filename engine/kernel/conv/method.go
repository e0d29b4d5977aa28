package conv

// method is a way to compute a convolution or its input gradient: direct or
// tiled. Which of them a plan takes is a matter of the shape alone.
type method interface {
	PackSize() int
	PackTasks() int
	Pack(task int, packed, w []float32)
	WorkSize() int
	ScratchSize() int
	Tasks() int
	Range(task int) (lo, hi int)
	run(task int, y, x, packed, scratch []float32)
}

// winogradTile is the size of the tiles of the result by which s is computed,
// or 0 if it had better be computed directly.
func winogradTile(s Shape) int {
	if !tileable(s) || s.StrideH != 1 || min(s.C, s.K) < 16 {
		return 0
	}
	return 4
}

// tileable reports whether Winograd's transforms can compute s at all.
func tileable(s Shape) bool {
	return s.Groups == 1 && s.DilH == 1 && s.DilW == 1 && s.C%8 == 0 && s.K%8 == 0 && s.N*s.OutH()*s.OutW() > 0 &&
		(s.KH == 3 && s.KW == 3 && s.StrideH == 1 && s.StrideW == 1 || s.KH == 4 && s.KW == 4 && s.StrideH == 2 && s.StrideW == 2)
}
