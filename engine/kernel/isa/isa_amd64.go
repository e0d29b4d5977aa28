package isa

import "golang.org/x/sys/cpu"

// vectors lists what the processor and the operating system allow.
func vectors() []Level {
	x := &cpu.X86
	if !x.HasAVX2 || !x.HasFMA {
		return nil
	}
	if x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL {
		return []Level{AVX2, AVX512}
	}
	return []Level{AVX2}
}

// BFloat16 reports whether kernels of a level may use instructions on bfloat16,
// those of AVX512_BF16.
func BFloat16(l Level) bool { return l == AVX512 && cpu.X86.HasAVX512BF16 }
