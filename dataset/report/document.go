package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Document is a report: titled sections of questions with their answers.
type Document struct {
	Title    string    `json:"title"`
	Basis    string    `json:"basis"` // the provision that asks for it
	Made     time.Time `json:"made"`
	Sections []Section `json:"sections"`
	// Missing lists what neither the ledger nor the provider's file says, by the
	// keys of that file.
	Missing []string `json:"missing,omitempty"`
}

// Section is a part of a document.
type Section struct {
	Title string `json:"title"`
	Items []Item `json:"items"`
}

// Item is a question with its answer, in words or as a table.
type Item struct {
	Name   string     `json:"name"`
	Answer string     `json:"answer,omitempty"`
	Head   []string   `json:"head,omitempty"`
	Rows   [][]string `json:"rows,omitempty"`
}

// Kind is a kind of report.
type Kind struct {
	Name    string
	Summary string
	Make    func(Facts, Provider, time.Time) Document
}

// Kinds lists the reports, by name.
func Kinds() []Kind {
	return []Kind{
		{"ab2013", "training data documentation of California's AB 2013 (Civil Code section 3111)", ab2013},
		{"ai-act", "public summary of training content, EU AI Act article 53(1)(d)", aiAct},
	}
}

// said answers with what the provider's file says, or notes that its key is
// missing.
func (d *Document) said(key, text string) string {
	if text = strings.TrimSpace(text); text != "" {
		return text
	}
	d.Missing = append(d.Missing, key)
	return "not stated"
}

func day(t time.Time) string {
	if t.IsZero() {
		return "not recorded"
	}
	return t.UTC().Format(time.DateOnly)
}

// counts puts counts into rows, the largest first.
func counts(c map[string]int, none string) [][]string {
	type pair struct {
		name string
		n    int
	}
	var ps []pair
	for name, n := range c {
		ps = append(ps, pair{cmp.Or(name, none), n})
	}
	slices.SortFunc(ps, func(a, b pair) int { return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.name, b.name)) })
	var rows [][]string
	for _, p := range ps {
		rows = append(rows, []string{p.name, fmt.Sprint(p.n)})
	}
	return rows
}

// byType gathers the sources of some types.
func (f Facts) byType(types ...string) []Source {
	var out []Source
	for _, s := range f.Sources {
		for _, t := range types {
			if s.Type == t {
				out = append(out, s)
			}
		}
	}
	return out
}

// period is from the first to the last taking of any source.
func (f Facts) period() (first, last time.Time) {
	for _, s := range f.Sources {
		if first.IsZero() || !s.First.IsZero() && s.First.Before(first) {
			first = s.First
		}
		if s.Last.After(last) {
			last = s.Last
		}
	}
	return first, last
}
