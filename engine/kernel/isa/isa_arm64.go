package isa

// vectors needs no look at the processor: Go runs on none without NEON.
func vectors() []Level { return []Level{NEON} }
