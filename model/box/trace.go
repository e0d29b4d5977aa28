package box

import _ "embed"

//go:embed emoji.trace
var trace []byte

// Trace is an index of the pictures that the model was trained on, as package
// trace/index reads it: whose they are, and what they look like in small. It must
// not be changed.
func Trace() []byte { return trace }
