// Package coverage tells what a curated set has much of and what little:
// concepts, groups, styles, hands, skin tones, colours, light. What is rare in
// the pictures that a model learns from is what it will draw badly.
//
// It counts by words and measures. No one looks at a picture: a hand that no
// word speaks of is not counted.
package coverage

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/limner-ai/limner/curate"
	"github.com/limner-ai/limner/internal/digest"
)

// Report is what a set covers.
type Report struct {
	Summary    curate.Summary `json:"summary"`
	Dimensions []Dimension    `json:"dimensions"`
	// Concepts has the number of concepts by how many pictures they have.
	Concepts Dimension `json:"concepts"`
	Most     []Row     `json:"most_frequent_concepts"`
	Least    []Row     `json:"least_frequent_concepts"`
	Rare     []Rare    `json:"rare"`
}

// Dimension is a way to sort pictures.
type Dimension struct {
	Name string `json:"name"`
	Note string `json:"note,omitempty"` // what it means, and what it does not
	Rows []Row  `json:"rows"`
	Of   int    `json:"of"` // pictures that it says something about

	drawn bool // see sorter
}

// Row is the pictures of one kind.
type Row struct {
	Name     string          `json:"name"`
	Caption  string          `json:"caption,omitempty"` // of one of them, for a concept
	Pictures int             `json:"pictures"`
	Test     int             `json:"test,omitempty"`   // of which are held out
	Sample   []digest.SHA256 `json:"sample,omitempty"` // prepared pictures, chosen by their digests
}

// Rare is a kind that has less than a quarter of an even share of its
// dimension.
type Rare struct {
	Dimension string `json:"dimension"`
	Row
	Even int `json:"even_share"` // pictures that it would have in an even set
}

const (
	listed    = 24 // concepts in Most and in Least
	sampled   = 6  // pictures of a row
	ofConcept = 4  // pictures of a concept
	rarePart  = 4
)

// Build reads the set in a folder twice. It holds about 100 bytes for each
// concept.
func Build(ctx context.Context, dir string) (*Report, error) {
	sum, err := curate.ReadSummary(dir)
	if err != nil {
		return nil, err
	}
	r := &Report{Summary: sum}
	counts := newCounts()
	concepts := map[string]int{}
	for e, err := range curate.Entries(dir) {
		if err := cmp.Or(err, ctx.Err()); err != nil {
			return nil, fmt.Errorf("coverage: %w", err)
		}
		counts.add(&e)
		concepts[string(e.Concept)]++
	}
	r.Dimensions = counts.dimensions()
	r.Concepts = perConcept(concepts)
	r.Most, r.Least = extremes(concepts)
	clear(concepts)
	if err := r.illustrate(ctx, dir); err != nil {
		return nil, fmt.Errorf("coverage: %w", err)
	}
	r.Rare = rare(r.Dimensions)
	return r, nil
}

// illustrate finds pictures and names for the listed concepts.
func (r *Report) illustrate(ctx context.Context, dir string) error {
	rows := map[string]*Row{}
	for _, list := range [][]Row{r.Most, r.Least} {
		for i := range list {
			rows[list[i].Name] = &list[i]
		}
	}
	styles := map[string]map[string]bool{}
	for e, err := range curate.Entries(dir) {
		if err := cmp.Or(err, ctx.Err()); err != nil {
			return err
		}
		key := string(e.Concept)
		row := rows[key]
		if row == nil {
			continue
		}
		if e.Split == "test" {
			row.Test++
		}
		if styles[key] == nil {
			styles[key] = map[string]bool{}
			if len(e.Captions) > 0 {
				row.Caption = e.Captions[0].Text
			}
		}
		// One of each style, as far as there is room.
		if len(row.Sample) < ofConcept && !styles[key][e.Style] {
			styles[key][e.Style] = true
			row.Sample = append(row.Sample, e.Picture)
		}
	}
	return nil
}

// rare lists the kinds with little, those with the least first.
func rare(dimensions []Dimension) []Rare {
	var out []Rare
	for _, d := range dimensions {
		if !d.drawn {
			continue
		}
		even := d.Of / len(d.Rows)
		for _, row := range d.Rows {
			if row.Pictures*rarePart < even {
				out = append(out, Rare{d.Name, row, even})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Rare) int {
		// The share of an even share, without dividing.
		return cmp.Compare(int64(a.Pictures)*int64(b.Even), int64(b.Pictures)*int64(a.Even))
	})
	return out
}
