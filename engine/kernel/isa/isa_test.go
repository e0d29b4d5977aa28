package isa

import (
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestChoose(t *testing.T) {
	intel, arm := []Level{Generic, AVX2, AVX512}, []Level{Generic, NEON}
	for _, c := range []struct {
		want   string
		levels []Level
		level  Level
		err    string
	}{
		{"", intel, AVX512, ""},
		{"", arm, NEON, ""},
		{"", []Level{Generic}, Generic, ""},
		{"generic", intel, Generic, ""},
		{"generic", arm, Generic, ""},
		{"avx2", intel, AVX2, ""},
		{"neon", arm, NEON, ""},
		{"avx512", intel[:2], AVX2, "at most avx2"},
		{"avx2", arm, NEON, "at most neon"},
		{"neon", intel, AVX512, "at most avx512"},
		{"sse", arm, NEON, "one of generic, avx2, avx512, neon"},
	} {
		level, err := choose(c.want, c.levels)
		if level != c.level || (err != nil) != (c.err != "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%q of %v: %v, %v; want %v and an error with %q", c.want, c.levels, level, err, c.level, c.err)
		}
	}
}

func TestAvailable(t *testing.T) {
	levels := Available()
	if levels[0] != Generic || !slices.IsSorted(levels) {
		t.Errorf("levels %v, want Generic first", levels)
	}
	if runtime.GOARCH == "arm64" && !slices.Contains(levels, NEON) {
		t.Error("no NEON on arm64")
	}
	if !slices.Contains(levels, Active()) {
		t.Errorf("%v is active but not available", Active())
	}
}
