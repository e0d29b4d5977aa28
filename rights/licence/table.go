package licence

import (
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"sync"

	"github.com/goccy/go-yaml"
)

// Answer is what a licence says to one question; most licences were written
// before anybody asked.
type Answer int8

const (
	Unclear Answer = iota // not settled, or not known
	No
	Yes
)

// String gives "unclear", "no" or "yes".
func (a Answer) String() string {
	switch a {
	case No:
		return "no"
	case Yes:
		return "yes"
	}
	return "unclear"
}

// MarshalText gives String's word.
func (a Answer) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads String's word.
func (a *Answer) UnmarshalText(text []byte) error {
	for _, known := range []Answer{Unclear, No, Yes} {
		if string(text) == known.String() {
			*a = known
			return nil
		}
	}
	return fmt.Errorf("%q is no answer; write yes, no or unclear", clip(string(text)))
}

// Terms are the answers that matter for training: two permissions, then four
// duties and restrictions.
type Terms struct {
	Train         Answer `json:"train"`          // copies may be made to train a model
	Publish       Answer `json:"publish"`        // model and outputs may be published under terms of one's choice
	Attribution   Answer `json:"attribution"`    // authors must be named or notices kept
	ShareAlike    Answer `json:"share_alike"`    // what is made of the work must carry the licence
	NonCommercial Answer `json:"non_commercial"` // commercial use is excluded
	NoDerivatives Answer `json:"no_derivatives"` // sharing what is made of the work is excluded
}

// Judgement is the table's entry for one licence.
type Judgement struct {
	Terms
	Source string // where the judgement comes from
	Why    string // the reason, in a sentence
}

// Table says for each licence on what terms works may be trained on.
type Table struct {
	// Version names the table's state; decisions record it.
	Version string
	rows    map[string]Judgement
}

//go:embed table.yaml
var tableYAML []byte

// Default is the table that Limner carries: table.yaml beside this file.
var Default = sync.OnceValue(func() *Table {
	t, err := ReadTable(bytes.NewReader(tableYAML))
	if err != nil {
		panic("licence: table.yaml: " + err.Error())
	}
	return t
})

// maxTable is the most of a table that is read, in bytes.
const maxTable = 4 << 20

// ReadTable reads a table in the form of table.yaml. Every row must answer
// every question, name a source that the table explains, and hold licences of
// the SPDX lists or references; no licence may stand in two rows.
func ReadTable(r io.Reader) (*Table, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxTable+1))
	if err != nil {
		return nil, fmt.Errorf("cannot read the licence table: %w", err)
	}
	if len(data) > maxTable {
		return nil, fmt.Errorf("the licence table is larger than %d bytes", maxTable)
	}
	var file struct {
		Version  string            `yaml:"version"`
		Sources  map[string]string `yaml:"sources"`
		Licences []struct {
			IDs           []string `yaml:"ids"`
			Train         *Answer  `yaml:"train"`
			Publish       *Answer  `yaml:"publish"`
			Attribution   *Answer  `yaml:"attribution"`
			ShareAlike    *Answer  `yaml:"share-alike"`
			NonCommercial *Answer  `yaml:"non-commercial"`
			NoDerivatives *Answer  `yaml:"no-derivatives"`
			Source        string   `yaml:"source"`
			Why           string   `yaml:"why"`
		} `yaml:"licences"`
	}
	if err := yaml.UnmarshalWithOptions(data, &file, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("cannot read the licence table: %w", err)
	}
	if file.Version == "" {
		return nil, fmt.Errorf("the licence table has no version; add a line such as: version: %q", "2026-11-23.1")
	}
	t := &Table{Version: file.Version, rows: map[string]Judgement{}}
	for _, row := range file.Licences {
		j := Judgement{Source: file.Sources[row.Source], Why: row.Why}
		if j.Source == "" {
			return nil, fmt.Errorf("licence table: the row of %q names the source %q, which is not under sources", row.IDs, row.Source)
		}
		answers := []*Answer{row.Train, row.Publish, row.Attribution, row.ShareAlike, row.NonCommercial, row.NoDerivatives}
		for i, to := range j.Terms.all() {
			if answers[i] == nil {
				return nil, fmt.Errorf("licence table: the row of %q does not answer %q", row.IDs, questions[i])
			}
			*to = *answers[i]
		}
		for _, id := range row.IDs {
			l, err := simple(id)
			if err != nil || l.String() != id {
				return nil, fmt.Errorf("licence table: %q is neither an SPDX identifier in its own spelling nor a LicenseRef", id)
			}
			if _, twice := t.rows[id]; twice {
				return nil, fmt.Errorf("licence table: %s stands in two rows", id)
			}
			t.rows[id] = j
		}
	}
	return t, nil
}

// Judge gives the table's entry for a licence. An exception of the SPDX list
// only adds permission, and so changes nothing here; any other addition makes
// the licence unknown. A national port of Creative Commons is judged as its
// licence.
func (t *Table) Judge(l Licence) (Judgement, bool) {
	if isRef(l.Addition, "AdditionRef-") {
		return Judgement{}, false
	}
	j, ok := t.rows[l.ID]
	if m := ccPort.FindStringSubmatch(l.ID); !ok && m != nil {
		j, ok = t.rows[m[1]]
	}
	return j, ok
}

// Licences gives every licence that the table judges, in no order.
func (t *Table) Licences(yield func(id string, j Judgement) bool) {
	for id, j := range t.rows {
		if !yield(id, j) {
			return
		}
	}
}
