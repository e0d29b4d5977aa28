package isa

// vectors needs no look at the processor: Go runs on none without NEON.
func vectors() []Level { return []Level{NEON} }

// BFloat16 reports whether kernels of a level may use instructions on bfloat16:
// none do here.
func BFloat16(Level) bool { return false }
