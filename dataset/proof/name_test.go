package proof

import "testing"

func TestNames(t *testing.T) {
	tree, err := New([]Digest{{1}, {2}, {3}})
	if err != nil {
		t.Fatal(err)
	}
	n, err := tree.Name()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ParseName(" " + n.String() + "\n"); err != nil || got != n {
		t.Errorf("%s is read as %v, %v", n, got, err)
	}
	for _, bad := range []string{"", n.Root.String(), n.Root.String() + "/", n.Root.String() + "/-1", n.Root.String() + "/03", "sha256:00/3", n.String() + "/1"} {
		if _, err := ParseName(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
