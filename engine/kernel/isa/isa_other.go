//go:build !amd64 && !arm64

package isa

func vectors() []Level { return nil }

// BFloat16 reports whether kernels of a level may use instructions on bfloat16:
// none do here.
func BFloat16(Level) bool { return false }
