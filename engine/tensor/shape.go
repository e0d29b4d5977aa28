// Package tensor holds host arrays: a shape, contiguous row-major float32
// data, and the counter-based random numbers that fill them.
package tensor

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Shape is the extent of each axis, outermost first. The empty shape is a
// scalar. Pictures are NHWC: batch, rows, columns, channels.
type Shape []int

// S builds a shape.
func S(dims ...int) Shape { return Shape(dims) }

// Size is the number of elements: 1 for a scalar, 0 if any axis is empty.
func (s Shape) Size() int {
	n := 1
	for _, d := range s {
		n *= d
	}
	return n
}

// Rank is the number of axes.
func (s Shape) Rank() int { return len(s) }

// Equal reports whether both shapes have the same axes.
func (s Shape) Equal(t Shape) bool { return slices.Equal(s, t) }

// Clone returns a copy that shares nothing with s.
func (s Shape) Clone() Shape { return slices.Clone(s) }

// Strides returns the row-major element stride of each axis.
func (s Shape) Strides() []int {
	st := make([]int, len(s))
	n := 1
	for i := len(s) - 1; i >= 0; i-- {
		st[i] = n
		n *= s[i]
	}
	return st
}

// String prints the shape as [64 32 32 3].
func (s Shape) String() string {
	var b strings.Builder
	b.WriteByte('[')
	for i, d := range s {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strconv.Itoa(d))
	}
	b.WriteByte(']')
	return b.String()
}

// maxSize is more elements than a machine holds: 2^40, or 2^28 where an int
// has 32 bits.
const maxSize = 1 << (28 + 12*(^uint(0)>>63))

// Check returns an error if an axis is negative or the size overflows what a
// slice may hold.
func (s Shape) Check() error {
	n := 1
	for _, d := range s {
		if d < 0 {
			return fmt.Errorf("shape %v has a negative axis", s)
		}
		if d > 0 && n > maxSize/d {
			return fmt.Errorf("shape %v is too large", s)
		}
		n *= d
	}
	return nil
}
