package family

import "testing"

func TestNamesAreDistinct(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range All() {
		if f.Name() == "" || seen[f.Name()] {
			t.Errorf("the name %q is taken or empty", f.Name())
		}
		seen[f.Name()] = true
	}
}
