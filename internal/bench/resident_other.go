//go:build !linux

package bench

// peakResident is not known here.
func peakResident() float64 { return 0 }
