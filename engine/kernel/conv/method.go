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
