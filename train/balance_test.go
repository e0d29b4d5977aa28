package train

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/dataset/picture"
)

// said is a set of pictures with nothing but words.
type said []picture.Description

func (s said) Len() int           { return len(s) }
func (said) Shape() (h, w, c int) { return 1, 1, 1 }
func (said) Classes() []string    { return []string{"even", "odd"} }
func (s said) Name(i int) string  { return s[i].Concept }
func (s said) Describe(i int) (picture.Description, error) {
	if s[i].Concept == "broken" {
		return picture.Description{}, &picture.Skip{Path: "broken", Err: errors.New("cannot be read")}
	}
	return s[i], nil
}
func (s said) Item(i int, _ []float32) (picture.Label, error) {
	return picture.Label{Class: i % 2}, nil
}

func TestGroupsOfConcepts(t *testing.T) {
	set := said{{Concept: "apple"}, {Concept: "man"}, {Concept: "man"}, {Concept: "broken"}, {Concept: "apple"}, {Concept: "man"}, {Concept: "man"}, {Concept: "sun"}}
	all, each, err := groups(set, byConcept)
	if err != nil {
		t.Fatal(err)
	}
	if want := [][]int{{0, 4}, {1, 2, 5, 6}, {7}}; !slices.EqualFunc(all, want, slices.Equal) || each != 2 {
		t.Errorf("%v, %d each; want %v, 2 each", all, each, want)
	}
	if all, each, err = groups(set, byClass); err != nil || len(all) != 2 || each != 4 {
		t.Errorf("by class: %v, %d, %v", all, each, err)
	}
	if _, _, err := groups(said{{}}, byConcept); err == nil || !strings.Contains(err.Error(), "frozen sets do") {
		t.Errorf("without concepts: %v", err)
	}
}

// A concept of 9 pictures where the median is 1 comes up 9 times as often
// without evenness, 3 times with half of it, and once with all.
func TestEvenness(t *testing.T) {
	set := said{{Concept: "sun"}, {Concept: "star"}}
	for range 9 {
		set = append(set, picture.Description{Concept: "man"})
	}
	for evenness, want := range map[float64][]int{0: {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, .5: {1, 1, 3, 3, 3}, 1: {1, 1, 9}} {
		d := Data{Balance: byConcept, Evenness: evenness}
		all, each, _, err := d.order(set)
		if err != nil || each != 1 {
			t.Fatalf("%d each, %v", each, err)
		}
		var sizes []int
		seen := map[int]bool{}
		for _, g := range all {
			sizes = append(sizes, len(g))
			for _, i := range g {
				seen[i] = true
			}
		}
		if !slices.Equal(sizes, want) || len(seen) != len(set) {
			t.Errorf("evenness %v: groups of %v, %d of %d pictures; want %v", evenness, sizes, len(seen), len(set), want)
		}
	}
}
