package tile

import "github.com/limner-ai/limner/engine/kernel/isa"

// Dots is a micro-kernel for results of one to four columns, too few for the
// lanes of a vector: there the lanes run along K.
type Dots struct {
	level isa.Level
	cols  int
}

// DotsMax is the largest number of columns of [Dots].
const DotsMax = 4

// NewDots chooses the kernel for 1 to [DotsMax] columns.
func NewDots(level isa.Level, cols int) Dots {
	if !assembly {
		level = isa.Generic
	}
	return Dots{level, cols}
}

// MR is the largest number of rows in a tile.
func (d Dots) MR() int { return [...]int{0, 8, 6, 4, 3}[d.cols] }

// dotGeneric is Dot without assembly.
func dotGeneric(a *Args, cols int) {
	for r := range a.Rows {
		for n := range cols {
			c := at(a.C, offset(a.COff, r)+n*a.CStep)
			var sum float32
			if a.Acc != 0 {
				sum = *c
			}
			i, b := offset(a.AOff, r), n*a.BStep
			for range a.Segs {
				for range a.SegLen {
					sum += *at(a.A, i) * *at(a.B, b)
					i, b = i+1, b+1
				}
				i += a.ASkip
			}
			*c = sum
		}
	}
}
