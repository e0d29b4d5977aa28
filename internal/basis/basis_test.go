package basis

import "testing"

type drawn struct{}

func (drawn) Basis() (Basis, error) { return Basis{Status: Drawn}, nil }

func TestOf(t *testing.T) {
	for _, c := range []struct {
		v    any
		want string
	}{
		{nil, "unknown: trained on loose files, for which no basis is recorded"},
		{3, "unknown: trained on loose files, for which no basis is recorded"},
		{drawn{}, "drawn by Limner itself"},
	} {
		if b, err := Of(c.v); err != nil || b.String() != c.want {
			t.Errorf("%T: %q, %v", c.v, b, err)
		}
	}
	b := Basis{Status: Recorded, Set: "emoji", Root: "sha256:00", Licences: map[string]int{"MIT": 2, "Apache-2.0": 5, "": 2}}
	if got := b.String(); got != "recorded: data set emoji, root sha256:00, Apache-2.0 5, no licence stated 2, MIT 2" {
		t.Error(got)
	}
	// What an older model file does not say is not known.
	if got := (Basis{}).String(); got != (Basis{Status: Unknown}).String() {
		t.Error(got)
	}
}
