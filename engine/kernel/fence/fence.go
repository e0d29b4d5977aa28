// Package fence gives tests memory that ends at a page no one may touch, so
// that a kernel which reads or writes one float too far dies at once instead
// of passing a comparison of outputs.
package fence

import "math"

// Canary is what fenced floats hold until the test writes them: a NaN with a
// recognisable payload, so that a kernel that uses memory it was never given a
// value for shows it.
var Canary = math.Float32frombits(0x7fc0fe9c)
