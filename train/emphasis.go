package train

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/limner-ai/limner/dataset/picture"
)

// mostEmphasis is how many times as often something may come up.
const mostEmphasis = 100

// order is in what groups the pictures of a set come up, and how many of each
// make an epoch; nil if each picture comes up as often as any other.
func (d *Data) order(set picture.Set) (all [][]int, each int, notes []string, err error) {
	switch {
	case d.Balance != "":
		if all, each, err = groups(set, d.Balance); err != nil {
			return nil, 0, nil, err
		}
		of := len(all)
		all = loosen(all, each, d.Evenness)
		notes = append(notes, fmt.Sprintf("balanced by %s, evenness %v: %d of each of %d in %d groups an epoch", d.Balance, d.Evenness, each, of, len(all)))
	case len(d.Emphasis) > 0:
		each = 1
		for i := range set.Len() {
			all = append(all, []int{i})
		}
	}
	if len(d.Emphasis) == 0 {
		return all, each, notes, nil
	}
	all, more, err := emphasise(set, all, d.Emphasis)
	if err != nil {
		return nil, 0, nil, err
	}
	return all, each, append(notes, fmt.Sprintf("emphasised: %d of %d groups come up more often", more, len(all))), nil
}

// emphasise repeats the groups in which something is said of a picture that is
// to come up more often: as many times as it is asked for, the most if several
// words are. A repeated group begins elsewhere, so that the same pictures do not
// come twice.
func emphasise(set picture.Set, all [][]int, words map[string]int) (out [][]int, more int, err error) {
	for _, g := range all {
		times := 1
		for _, i := range g {
			said, err := picture.Describe(set, i)
			if picture.IsSkip(err) {
				continue
			}
			if err != nil {
				return nil, 0, fmt.Errorf("data.emphasis: %w", err)
			}
			times = max(times, emphasis(said, words))
		}
		if times > 1 {
			more++
		}
		for k := range times {
			at := k * len(g) / times
			out = append(out, slices.Concat(g[at:], g[:at]))
		}
	}
	if more == 0 {
		return nil, 0, fmt.Errorf("data.emphasis: of no picture of the set is any of the words said; captions and keywords are looked at")
	}
	return out, more, nil
}

// emphasis is how many times as often a picture comes up of which this is said.
func emphasis(said picture.Description, words map[string]int) int {
	times := 1
	look := func(text string) {
		text = " " + strings.ToLower(text) + " "
		for word, n := range words {
			if strings.Contains(text, " "+strings.ToLower(word)+" ") {
				times = max(times, n)
			}
		}
	}
	for _, c := range said.Captions {
		look(plainWords(c.Text))
	}
	for _, k := range said.Keywords {
		look(plainWords(k))
	}
	return times
}

// plainWords are the words of a text with nothing but spaces between.
func plainWords(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" \t\n,.;:!?()-_/\"'", r) }), " ")
}

// unsoundEmphasis is a word that cannot be emphasised as asked, or "".
func (d *Data) unsoundEmphasis() string {
	for _, word := range slices.Sorted(maps.Keys(d.Emphasis)) {
		if n := d.Emphasis[word]; plainWords(word) != word || word == "" || n < 1 || n > mostEmphasis {
			return fmt.Sprintf("%q: %d", word, n)
		}
	}
	return ""
}
