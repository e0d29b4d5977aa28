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
