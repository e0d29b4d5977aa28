package train

import (
	"fmt"
	"math"
	"slices"

	"github.com/limner-ai/limner/dataset/picture"
)

// What the pictures of a set can be balanced by.
const (
	byConcept = "concept"
	byClass   = "class"
)

// groups are the pictures of a set by what data.balance names, in the order in
// which the groups first come up, and how many of each make an epoch: the
// median of their numbers. A set of emoji has hundreds of pictures of two people
// in all their skin tones, and four of an apple; drawn evenly, nothing is learnt
// of apples until the people are known by heart.
func groups(set picture.Set, by string) (all [][]int, each int, err error) {
	at := map[string]int{}
	for i := range set.Len() {
		key, err := group(set, i, by)
		if picture.IsSkip(err) {
			continue
		}
		if err != nil {
			return nil, 0, err
		}
		k, known := at[key]
		if !known {
			k, at[key] = len(all), len(all)
			all = append(all, nil)
		}
		all[k] = append(all[k], i)
	}
	if len(all) == 0 {
		return nil, 0, fmt.Errorf("data.balance: no picture of the set can be read")
	}
	sizes := make([]int, len(all))
	for i, g := range all {
		sizes[i] = len(g)
	}
	slices.Sort(sizes)
	return all, sizes[len(sizes)/2], nil
}

// loosen cuts groups of more than each pictures into as many as the evenness
// leaves them: (n/each)^(1−evenness), rounded. Those of a cut group come up as
// often together as their number says.
func loosen(all [][]int, each int, evenness float64) [][]int {
	var out [][]int
	for _, g := range all {
		parts := max(1, int(math.Round(math.Pow(float64(len(g))/float64(each), 1-evenness))))
		for k := range parts {
			out = append(out, g[k*len(g)/parts:(k+1)*len(g)/parts])
		}
	}
	return out
}

// group names the group of a picture.
func group(set picture.Set, i int, by string) (string, error) {
	if by == byClass {
		l, err := set.Item(i, nil)
		return fmt.Sprint(l.Class), err
	}
	d, err := picture.Describe(set, i)
	if err == nil && d.Concept == "" {
		err = fmt.Errorf("data.balance: concept: the set does not say what concept %s shows; frozen sets do", set.Name(i))
	}
	return d.Concept, err
}
