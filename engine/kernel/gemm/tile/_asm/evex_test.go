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
		{cvtne2ps2, 0, 0, 0, "62 f2 7f 48 72 c0"},
		{dpbf16, 31, 31, 31, "62 02 06 40 52 ff"},
		{cvtne2ps2, 31, 31, 31, "62 02 07 40 72 ff"},
		{dpbf16, 1, 2, 4, "62 f2 6e 48 52 cc"},
		{cvtne2ps2, 1, 2, 4, "62 f2 6f 48 72 cc"},
		{dpbf16, 0, 2, 4, "62 f2 6e 48 52 c4"},
		{cvtne2ps2, 0, 2, 4, "62 f2 6f 48 72 c4"},
		{dpbf16, 7, 8, 15, "62 d2 3e 48 52 ff"},
		{cvtne2ps2, 7, 8, 15, "62 d2 3f 48 72 ff"},
		{dpbf16, 8, 16, 31, "62 12 7e 40 52 c7"},
		{cvtne2ps2, 8, 16, 31, "62 12 7f 40 72 c7"},
		{dpbf16, 16, 15, 24, "62 82 06 48 52 c0"},
		{cvtne2ps2, 16, 15, 24, "62 82 07 48 72 c0"},
		{dpbf16, 24, 7, 8, "62 42 46 48 52 c0"},
		{cvtne2ps2, 24, 7, 8, "62 42 47 48 72 c0"},
		{dpbf16, 31, 0, 16, "62 22 7e 48 52 f8"},
		{cvtne2ps2, 31, 0, 16, "62 22 7f 48 72 f8"},
		{dpbf16, 5, 27, 10, "62 d2 26 40 52 ea"},
		{cvtne2ps2, 5, 27, 10, "62 d2 27 40 72 ea"},
		{dpbf16, 21, 10, 27, "62 82 2e 48 52 eb"},
		{cvtne2ps2, 21, 10, 27, "62 82 2f 48 72 eb"},
	} {
		if got := c.bytes(c.dst, c.a, c.b); fmt.Sprintf("% x", got) != c.want {
			t.Errorf("%s Z%d, Z%d, Z%d: % x, want %s", c.name, c.b, c.a, c.dst, got, c.want)
		}
	}
}
