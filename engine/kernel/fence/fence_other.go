//go:build !linux

package fence

import "testing"

// Floats returns n floats, all [Canary]. Only Linux puts guard pages around
// them; elsewhere an overrun shows only if Go's own bounds checks see it.
func Floats(tb testing.TB, n int) []float32 {
	tb.Helper()
	s := make([]float32, n)
	for i := range s {
		s[i] = Canary
	}
	return s
}
