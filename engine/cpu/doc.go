// Package cpu runs compiled programs on the processor: a persistent worker
// pool, one arena a program, and no heap allocation in a run.
package cpu
