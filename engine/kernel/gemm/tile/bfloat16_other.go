//go:build !amd64

package tile

// RowsPaired is [Kernel.Rows] on pairs.
func (k Kernel) RowsPaired(a *Args) { rowsPairedGeneric(a, k.nr) }

// OuterPaired is [Kernel.Outer] on pairs.
func (k Kernel) OuterPaired(a *Args) { outerPairedGeneric(a, k.mr, k.nr) }

func (k Kernel) foldRows(dst, src []float32, n, width, ld int) int { return 0 }
func (k Kernel) foldLine(dst, src []float32) bool                  { return false }
func (k Kernel) roundVectors(x []float32) int                      { return 0 }
