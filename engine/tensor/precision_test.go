package tensor

import "testing"

func TestPrecisionText(t *testing.T) {
	for _, p := range []Precision{Float32, BFloat16} {
		text, err := p.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var back Precision
		if err := back.UnmarshalText(text); err != nil || back != p {
			t.Errorf("%s reads as %v, %v", text, back, err)
		}
	}
	p := BFloat16
	if err := p.UnmarshalText([]byte("bf16")); err == nil || p != BFloat16 {
		t.Errorf("bf16 reads as %v, %v", p, err)
	}
}
