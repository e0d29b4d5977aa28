//go:build !amd64 && !arm64

package tile

import "github.com/limner-ai/limner/engine/kernel/isa"

const assembly = false

// Rows computes a tile from rows of A and a packed panel of B.
func (k Kernel) Rows(a *Args) { rowsGeneric(a, k.nr) }

// Outer computes a tile from two operands that hold K along their slow axis.
func (k Kernel) Outer(a *Args) { outerGeneric(a, k.mr, k.nr) }

// Walk is Outer where the steps of K do not lie evenly.
func (k Kernel) Walk(a *Args) { walkGeneric(a, k.mr, k.nr) }

// Depth multiplies channel by channel.
func (k Kernel) Depth(a *Args) { depthGeneric(a, k.nr) }

// Dot computes a tile from rows of A and columns of B that are contiguous.
func (d Dots) Dot(a *Args) { dotGeneric(a, d.cols) }

// No level but the portable one exists here, and it needs none of these.
func (k Kernel) copyRows(*Args) {}

func transpose(*Args) {}

func (k Kernel) gather(*Args) {}

func peak(isa.Level, int) int { return 0 }
