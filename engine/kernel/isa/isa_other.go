//go:build !amd64 && !arm64

package isa

func vectors() []Level { return nil }
