package pick

import (
	"strings"
	"testing"
)

func TestTakes(t *testing.T) {
	for _, c := range []struct {
		rule Rule
		path string
		want bool
	}{
		{Rule{}, "a/b.PNG", true},
		{Rule{}, "a/b.txt", false},
		{Rule{}, "__MACOSX/a/b.png", false},
		{Rule{}, "a/._b.png", false},
		{Rule{Include: []string{"img/**"}}, "img/x/64/a.webp", true},
		{Rule{Include: []string{"img/**"}}, "img/a.txt", false},
		{Rule{Include: []string{"img/*"}}, "img/x/a.png", false},
		{Rule{Exclude: []string{"**/sheets*/**"}}, "img/apple/sheets-128/a.png", false},
		{Rule{Exclude: []string{"**/sheets*/**"}}, "img/apple/64/a.png", true},
		{Rule{Include: []string{"*.svg", "a.png"}, Exclude: []string{"b*"}}, "b.svg", false},
	} {
		if got := c.rule.Takes(c.path); got != c.want {
			t.Errorf("%+v takes %q: %v", c.rule, c.path, got)
		}
	}
}

func TestCheck(t *testing.T) {
	if err := (Rule{Include: []string{"a/**"}}).Check(); err != nil {
		t.Error(err)
	}
	if err := (Rule{Exclude: []string{"a[", "b"}}).Check(); err == nil || !strings.Contains(err.Error(), "exclude") {
		t.Errorf("error %v does not name the key", err)
	}
}
