package train

import (
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/dataset/picture"
)

func words(concept, caption string, keywords ...string) picture.Description {
	return picture.Description{Concept: concept, Captions: []picture.Caption{{Text: caption}}, Keywords: keywords}
}

func TestEmphasis(t *testing.T) {
	set := said{
		words("wave", "waving hand"), words("wave", "waving hand: dark skin tone"),
		words("apple", "red apple"), words("thumb", "thumbs up", "hand", "like"), words("chandelier", "a shandy"),
	}
	alone := Data{Emphasis: map[string]int{"hand": 3, "apple": 2, "unheard of": 9}}
	all, each, notes, err := alone.order(set)
	if err != nil || each != 1 || len(notes) != 1 {
		t.Fatal(each, notes, err)
	}
	times := map[int]int{}
	for _, g := range all {
		times[g[0]]++
	}
	for i, want := range []int{3, 3, 2, 3, 1} {
		if times[i] != want {
			t.Errorf("picture %d comes up %d times, want %d", i, times[i], want)
		}
	}
	both := Data{Balance: byConcept, Evenness: 1, Emphasis: map[string]int{"hand": 2}}
	all, each, _, err = both.order(set)
	if want := [][]int{{0, 1}, {1, 0}, {2}, {3}, {3}, {4}}; err != nil || each != 1 || !slices.EqualFunc(all, want, slices.Equal) {
		t.Errorf("%v, %d each, %v; want %v", all, each, err, want)
	}
	if all, _, _, err := (&Data{}).order(set); all != nil || err != nil {
		t.Error("without balance and emphasis there are groups", all, err)
	}
	if _, _, _, err := (&Data{Emphasis: map[string]int{"foot": 2}}).order(set); err == nil || !strings.Contains(err.Error(), "of no picture") {
		t.Error(err)
	}
	for word, n := range map[string]int{"": 2, "hand": 0, "hands,": 2, "foot": 101} {
		if (&Data{Emphasis: map[string]int{word: n}}).unsoundEmphasis() == "" {
			t.Errorf("%q: %d is taken", word, n)
		}
	}
}
