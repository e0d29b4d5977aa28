// Package isa chooses the instruction set that every kernel uses: the best
// the processor has, or what LIMNER_CPU names (generic, avx2 and avx512 on
// amd64, generic and neon on arm64).
package isa

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// Level is an instruction set.
type Level int

const (
	Generic Level = iota // portable Go
	AVX2                 // AVX2 and FMA3
	AVX512               // AVX-512 F, BW, DQ, VL
	NEON                 // Advanced SIMD of arm64
)

var names = [...]string{"generic", "avx2", "avx512", "neon"}

// String is the name as LIMNER_CPU spells it.
func (l Level) String() string { return names[l] }

var active, activeErr = choose(os.Getenv("LIMNER_CPU"), Available())

// choose is the level that is named, or the last one.
func choose(want string, levels []Level) (Level, error) {
	best := levels[len(levels)-1]
	if want == "" {
		return best, nil
	}
	i := slices.Index(names[:], want)
	if i < 0 {
		return best, fmt.Errorf("LIMNER_CPU=%s: want one of %s", want, strings.Join(names[:], ", "))
	}
	if !slices.Contains(levels, Level(i)) {
		return best, fmt.Errorf("LIMNER_CPU=%s: this processor offers at most %s", want, best)
	}
	return Level(i), nil
}

// Active is the level in force for this process.
func Active() Level { return active }

// Err says why LIMNER_CPU could not be followed, or is nil. Commands report
// it at start; kernels then run at the best level.
func Err() error { return activeErr }

// Available lists the levels that this processor can run, Generic first and
// the best last. Tests run every one of them.
func Available() []Level { return append([]Level{Generic}, vectors()...) }
