package coverage

import (
	"cmp"
	"hash/fnv"
	"maps"
	"slices"

	"github.com/limner-ai/limner/curate"
	"github.com/limner-ai/limner/internal/digest"
)

// sorter is a way to sort pictures: kinds gives those that a picture belongs
// to, none if nothing is known.
type sorter struct {
	name, note string
	kinds      func(*curate.Entry) []string
	expected   []string // kinds that are listed in this order, even with no picture
	drawn      bool     // it is about what is to be seen, so that what is rare is learnt badly
}

func one(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func sorters() []sorter {
	return []sorter{
		{name: "style", drawn: true, kinds: func(e *curate.Entry) []string { return one(e.Style) }},
		{name: "group", drawn: true, note: "as Unicode groups emoji", kinds: func(e *curate.Entry) []string { return one(e.Emoji.Group) }},
		{name: "subgroup", drawn: true, note: "as Unicode groups emoji", kinds: func(e *curate.Entry) []string { return one(e.Emoji.Subgroup) }},
		{name: "hands", drawn: true, note: "by the words of subgroups, captions and keywords, not by looking", kinds: func(e *curate.Entry) []string { return one(hands(e)) },
			expected: []string{handMain, handBeside, handWord, handNone}},
		{name: "skin tone", drawn: true, note: "of emoji that can have one, by their code points", kinds: tones,
			expected: []string{"light", "medium-light", "medium", "medium-dark", "dark", "none chosen", "several"}},
		{name: "gender", drawn: true, note: "of emoji that name one, by their code points", kinds: func(e *curate.Entry) []string { return one(e.Emoji.Gender) },
			expected: []string{"female", "male"}},
		{name: "colour", drawn: true, note: "the commonest of the visible pixels", kinds: func(e *curate.Entry) []string { return one(e.Colour) },
			expected: []string{"black", "grey", "white", "red", "orange", "brown", "yellow", "green", "cyan", "blue", "purple", "pink"}},
		seen(binned("brightness", "mean luma, 0 to 255, on white where nothing is drawn", func(e *curate.Entry) float64 { return e.Measures.Brightness },
			[]bin{{51, "below 51 (dark)"}, {102, "51 to 102"}, {153, "102 to 153"}, {204, "153 to 204"}, {256, "204 and more (bright)"}})),
		seen(binned("contrast", "standard deviation of the luma, on white", func(e *curate.Entry) float64 { return e.Measures.Contrast },
			[]bin{{15, "below 15 (flat)"}, {30, "15 to 30"}, {60, "30 to 60"}, {90, "60 to 90"}, {128, "90 and more"}})),
		binned("edges", "mean width in pixels of the file's own; drawings have 2, what is blurred more", func(e *curate.Entry) float64 { return e.Measures.EdgeWidth },
			[]bin{{1e-9, "none"}, {2.5, "hard, below 2.5"}, {4, "2.5 to 4"}, {8, "4 to 8"}, {1e9, "8 and more (blurred)"}}),
		binned("side", "shorter one of the file's picture in pixels; SVG as it was drawn", func(e *curate.Entry) float64 { return float64(min(e.Measures.Width, e.Measures.Height)) },
			[]bin{{64, "below 64"}, {128, "64 to 127"}, {256, "128 to 255"}, {512, "256 to 511"}, {1024, "512 to 1023"}, {1e9, "1024 and more"}}),
		{name: "source", kinds: func(e *curate.Entry) []string { return one(e.Source) }},
		{name: "licence", kinds: func(e *curate.Entry) []string { return one(cmp.Or(e.Licence, "by agreement or own")) }},
		{name: "split", kinds: func(e *curate.Entry) []string { return one(e.Split) }, expected: []string{"train", "test"}},
	}
}

func seen(s sorter) sorter {
	s.drawn = true
	return s
}

// bin is the numbers below a limit, and not below that of the bin before.
type bin struct {
	limit float64
	name  string
}

// binned sorts by a number.
func binned(name, note string, of func(*curate.Entry) float64, bins []bin) sorter {
	s := sorter{name: name, note: note}
	for _, b := range bins {
		s.expected = append(s.expected, b.name)
	}
	s.kinds = func(e *curate.Entry) []string {
		v := of(e)
		at := slices.IndexFunc(bins, func(b bin) bool { return v < b.limit })
		if at < 0 {
			at = len(bins) - 1
		}
		return s.expected[at : at+1]
	}
	return s
}

// counts are the pictures of every kind.
type counts struct {
	sorters []sorter
	rows    []map[string]*Row
	of      []int
}

func newCounts() *counts {
	c := &counts{sorters: sorters()}
	for _, s := range c.sorters {
		rows := map[string]*Row{}
		for _, name := range s.expected {
			rows[name] = &Row{Name: name}
		}
		c.rows = append(c.rows, rows)
	}
	c.of = make([]int, len(c.sorters))
	return c
}

func (c *counts) add(e *curate.Entry) {
	for i, s := range c.sorters {
		kinds := s.kinds(e)
		if len(kinds) > 0 {
			c.of[i]++
		}
		for _, k := range kinds {
			row := c.rows[i][k]
			if row == nil {
				row = &Row{Name: k}
				c.rows[i][k] = row
			}
			row.Pictures++
			if e.Split == "test" {
				row.Test++
			}
			row.Sample = least(row.Sample, e.Picture)
		}
	}
}

// least keeps the least digests: a fair sample that no order changes.
func least(sample []digest.SHA256, d digest.SHA256) []digest.SHA256 {
	at, found := slices.BinarySearchFunc(sample, d, digest.Compare)
	if found || at == sampled {
		return sample
	}
	if len(sample) == sampled {
		sample = sample[:sampled-1]
	}
	return slices.Insert(sample, at, d)
}

// dimensions are the rows, in the expected order or by number. One without any
// picture is left out.
func (c *counts) dimensions() []Dimension {
	var out []Dimension
	for i, s := range c.sorters {
		if c.of[i] == 0 {
			continue
		}
		d := Dimension{Name: s.name, Note: s.note, Of: c.of[i], drawn: s.drawn}
		for _, name := range s.expected {
			d.Rows = append(d.Rows, *c.rows[i][name])
			delete(c.rows[i], name)
		}
		begin := len(d.Rows)
		for _, name := range slices.Sorted(maps.Keys(c.rows[i])) {
			d.Rows = append(d.Rows, *c.rows[i][name])
		}
		slices.SortStableFunc(d.Rows[begin:], func(a, b Row) int { return cmp.Compare(b.Pictures, a.Pictures) })
		out = append(out, d)
	}
	return out
}

// perConcept counts concepts by their number of pictures.
func perConcept(concepts map[string]int) Dimension {
	d := Dimension{Name: "pictures of a concept", Of: len(concepts)}
	limits := []int{1, 2, 4, 8, 16, 32}
	names := []string{"1", "2", "3 to 4", "5 to 8", "9 to 16", "17 to 32", "33 and more"}
	for _, n := range names {
		d.Rows = append(d.Rows, Row{Name: n})
	}
	for _, n := range concepts {
		i, _ := slices.BinarySearch(limits, n)
		d.Rows[i].Pictures++
	}
	return d
}

// extremes lists the concepts with most and least pictures; among equals a
// draw by their names decides.
func extremes(concepts map[string]int) (most, fewest []Row) {
	type ranked struct {
		name string
		n    int
		draw uint64
	}
	all := make([]ranked, 0, len(concepts))
	for name, n := range concepts {
		h := fnv.New64a()
		h.Write([]byte(name))
		all = append(all, ranked{name, n, h.Sum64()})
	}
	slices.SortFunc(all, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.draw, b.draw), cmp.Compare(a.name, b.name))
	})
	for i, x := range all {
		row := Row{Name: x.name, Pictures: x.n}
		if i < listed {
			most = append(most, row)
		} else if i >= len(all)-listed {
			fewest = append(fewest, row)
		}
	}
	slices.Reverse(fewest)
	return most, fewest
}
