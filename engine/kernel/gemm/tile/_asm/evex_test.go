package main

import (
	"fmt"
	"testing"
)

// TestEncoding holds instructions on registers of every bit to what the GNU
// assembler and LLVM's make of their spelling.
func TestEncoding(t *testing.T) {
	for _, c := range []struct {
		instruction
		dst, a, b int
		want      string
	}{
		{dpbf16, 0, 0, 0, "62 f2 7e 48 52 c0"},
		{cvtneps2, 0, 0, 0, "62 f2 7e 48 72 c0"},
		{dpbf16, 31, 31, 31, "62 02 06 40 52 ff"},
		{cvtneps2, 31, 0, 31, "62 02 7e 48 72 ff"},
		{dpbf16, 1, 2, 4, "62 f2 6e 48 52 cc"},
		{cvtneps2, 1, 0, 4, "62 f2 7e 48 72 cc"},
		{dpbf16, 0, 2, 4, "62 f2 6e 48 52 c4"},
		{cvtneps2, 0, 0, 4, "62 f2 7e 48 72 c4"},
		{dpbf16, 7, 8, 15, "62 d2 3e 48 52 ff"},
		{cvtneps2, 7, 0, 15, "62 d2 7e 48 72 ff"},
		{dpbf16, 8, 16, 31, "62 12 7e 40 52 c7"},
		{cvtneps2, 8, 0, 31, "62 12 7e 48 72 c7"},
		{dpbf16, 16, 15, 24, "62 82 06 48 52 c0"},
		{cvtneps2, 16, 0, 24, "62 82 7e 48 72 c0"},
		{dpbf16, 24, 7, 8, "62 42 46 48 52 c0"},
		{cvtneps2, 24, 0, 8, "62 42 7e 48 72 c0"},
		{dpbf16, 31, 0, 16, "62 22 7e 48 52 f8"},
		{cvtneps2, 31, 0, 16, "62 22 7e 48 72 f8"},
		{dpbf16, 5, 27, 10, "62 d2 26 40 52 ea"},
		{cvtneps2, 5, 0, 10, "62 d2 7e 48 72 ea"},
		{dpbf16, 21, 10, 27, "62 82 2e 48 52 eb"},
		{cvtneps2, 21, 0, 27, "62 82 7e 48 72 eb"},
	} {
		if got := c.bytes(c.dst, c.a, c.b); fmt.Sprintf("% x", got) != c.want {
			t.Errorf("%s Z%d, Z%d, Z%d: % x, want %s", c.name, c.b, c.a, c.dst, got, c.want)
		}
	}
}
