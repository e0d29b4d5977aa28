package nearest

import (
	"slices"
	"testing"
)

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "ABC", 0},
		{"kitten", "sitting", 3}, {"rate", "raet", 1}, {"ca", "abc", 3},
	} {
		if got := Distance(c.a, c.b); got != c.want {
			t.Errorf("%q to %q is %d, want %d", c.a, c.b, got, c.want)
		}
		if got := Distance(c.b, c.a); got != c.want {
			t.Errorf("%q to %q is %d, want %d", c.b, c.a, got, c.want)
		}
	}
}

func TestNames(t *testing.T) {
	names := []string{"T-shirt/top", "Trouser", "Ankle boot", "Bag", "Shirt"}
	for typed, want := range map[string][]string{
		"ankel boot": {"Ankle boot"},
		"boot":       {"Ankle boot"},
		"shirt":      {"Shirt", "T-shirt/top"},
		"xylophone":  nil,
	} {
		if got := Names(typed, names, 3); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
	if got := Names("shirt", names, 1); len(got) != 1 {
		t.Errorf("asked for one, got %q", got)
	}
}

func TestHint(t *testing.T) {
	if got := Hint("baag", []string{"Bag", "Coat"}); got != `; did you mean "Bag"?` {
		t.Error(got)
	}
	if got := Hint("zebra", []string{"Bag", "Coat"}); got != "" {
		t.Error(got)
	}
}
