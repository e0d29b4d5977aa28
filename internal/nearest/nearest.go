// Package nearest finds what somebody probably meant to type.
package nearest

import (
	"cmp"
	"slices"
	"strings"
)

// Distance is the number of insertions, deletions, substitutions and swaps of
// neighbours that turn a into b (optimal string alignment), letters' case
// aside.
func Distance(a, b string) int {
	s, t := []rune(strings.ToLower(a)), []rune(strings.ToLower(b))
	before, last, row := make([]int, len(t)+1), make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range last {
		last[j] = j
	}
	for i := range s {
		row[0] = i + 1
		for j := range t {
			change := 1
			if s[i] == t[j] {
				change = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+change)
			if i > 0 && j > 0 && s[i] == t[j-1] && s[i-1] == t[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(t)]
}

// Names returns at most n of the names that are near to what was typed,
// nearest first. A name that contains it, or is contained in it, is near.
func Names(typed string, names []string, n int) []string {
	type scored struct {
		name  string
		score int
	}
	var near []scored
	low := strings.ToLower(typed)
	for _, name := range names {
		d := Distance(typed, name)
		other := strings.ToLower(name)
		if low != "" && other != "" && (strings.Contains(other, low) || strings.Contains(low, other)) {
			d = min(d, 1)
		}
		if d <= max(1, len(typed)/2) {
			near = append(near, scored{name, d})
		}
	}
	slices.SortStableFunc(near, func(a, b scored) int { return cmp.Compare(a.score, b.score) })
	var out []string
	for _, s := range near[:min(n, len(near))] {
		out = append(out, s.name)
	}
	return out
}

// Hint is the end of an error line: `; did you mean "rate"?`, or nothing if
// no name is near.
func Hint(typed string, names []string) string {
	near := Names(typed, names, 3)
	if len(near) == 0 {
		return ""
	}
	return `; did you mean "` + strings.Join(near, `" or "`) + `"?`
}
