// Package isa chooses the instruction set that every kernel uses: the best
// the processor has, or what LIMNER_CPU names (generic, avx2, avx512).
package isa

import (
	"fmt"
	"os"

	"golang.org/x/sys/cpu"
)

// Level is an instruction set, ordered by preference.
type Level int

const (
	Generic Level = iota // portable Go
	AVX2                 // AVX2 and FMA3
	AVX512               // AVX-512 F, BW, DQ, VL
)

var names = [...]string{"generic", "avx2", "avx512"}

// String is the name as LIMNER_CPU spells it.
func (l Level) String() string { return names[l] }

// best is what the processor and the operating system allow.
func best() Level {
	x := &cpu.X86
	switch {
	case x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL && x.HasAVX2 && x.HasFMA:
		return AVX512
	case x.HasAVX2 && x.HasFMA:
		return AVX2
	}
	return Generic
}

var active, activeErr = choose(os.Getenv("LIMNER_CPU"), best())

func choose(want string, best Level) (Level, error) {
	if want == "" {
		return best, nil
	}
	for l, n := range names {
		if n == want {
			if Level(l) > best {
				return best, fmt.Errorf("LIMNER_CPU=%s: this processor offers at most %s", want, best)
			}
			return Level(l), nil
		}
	}
	return best, fmt.Errorf("LIMNER_CPU=%s: want generic, avx2 or avx512", want)
}

// Active is the level in force for this process.
func Active() Level { return active }

// Err says why LIMNER_CPU could not be followed, or is nil. Commands report
// it at start; kernels then run at the best level.
func Err() error { return activeErr }

// Available lists the levels that this processor can run, Generic first.
// Tests run every one of them.
func Available() []Level {
	var out []Level
	for l := Generic; l <= best(); l++ {
		out = append(out, l)
	}
	return out
}
