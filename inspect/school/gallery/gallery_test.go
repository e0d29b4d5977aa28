package gallery

import (
	"os"
	"strings"
	"testing"
)

// The parts of the training pictures share no caption, and nearly a fifth is for
// tuning.
func TestSplits(t *testing.T) {
	dir := "../../../data/emoji-64-set"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("needs the frozen emoji set in data/emoji-64-set")
	}
	captions := map[string]Split{}
	count := map[Split]int{}
	for _, s := range []Split{Fit, Tune, Test} {
		g, err := Open(dir, s)
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		for i := range g.Len() {
			c := g.Caption(i)
			if was, ok := captions[c]; ok && was != s && c != "" {
				t.Fatalf("%q is in %s and in %s", c, was, s)
			}
			captions[c] = s
		}
		count[s] = g.Len()
		m, err := g.Image(0)
		if err != nil || m.Rect.Dx() != 64 || g.Name(0) == "" {
			t.Errorf("%s: %v, %v", s, m.Rect, err)
		}
		if some := g.Some(7); len(some) != 7 || some[0] != 0 || some[6] >= g.Len() {
			t.Errorf("some: %v", some)
		}
	}
	bases := map[string]Split{}
	for _, s := range []Split{Trial, Report} {
		g, err := Open(dir, s)
		if err != nil {
			t.Fatal(err)
		}
		defer g.Close()
		count[s] = g.Len()
		for i := range g.Len() {
			base, _, _ := strings.Cut(strings.ToLower(g.Caption(i)), ":")
			base, _, _ = strings.Cut(base, ",")
			if was, ok := bases[base]; ok && was != s {
				t.Fatalf("%q is in %s and in %s", base, was, s)
			}
			bases[base] = s
		}
	}
	if count[Trial]+count[Report] != count[Test] || min(count[Trial], count[Report]) < count[Test]/4 {
		t.Errorf("the halves of the held-out pictures: %v", count)
	}
	if share := float64(count[Tune]) / float64(count[Tune]+count[Fit]); share < .15 || share > .25 {
		t.Errorf("%d pictures, a share of %.2f, for tuning", count[Tune], share)
	}
}
