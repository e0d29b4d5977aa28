package tensor

import "fmt"

// Precision is what matrix products and convolutions take their operands for.
// Tensors are float32 in any case.
type Precision uint8

const (
	// Float32 takes them as they are.
	Float32 Precision = iota
	// BFloat16 rounds them to eight significant bits, ties to even, and adds
	// their products up in float32.
	BFloat16
)

var precisions = [...]string{"float32", "bfloat16"}

// String is the name in run files.
func (p Precision) String() string { return precisions[p] }

// MarshalText is String, for run files.
func (p Precision) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads a name.
func (p *Precision) UnmarshalText(text []byte) error {
	for i, name := range precisions {
		if string(text) == name {
			*p = Precision(i)
			return nil
		}
	}
	return fmt.Errorf("the precision %q: want float32 or bfloat16", text)
}
