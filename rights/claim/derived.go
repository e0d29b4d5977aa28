package claim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"

	"github.com/limner-ai/limner/rights/ledger"
)

// Derived is what was made with claimed copies.
type Derived struct {
	Datasets []Dataset `json:"datasets"`
	Models   []string  `json:"models"`  // identifiers
	Outputs  []string  `json:"outputs"` // identifiers
}

// Dataset is a frozen set that holds claimed copies: it is to be frozen anew
// without them.
type Dataset struct {
	ID     string `json:"id"`
	Root   string `json:"root"`
	Copies int    `json:"copies"` // claimed ones in it
}

// Affected finds what was made with any of the contents, which are ascending.
func Affected(ctx context.Context, l *ledger.Ledger, contents []ledger.Digest) (Derived, error) {
	d := Derived{Datasets: []Dataset{}, Models: []string{}, Outputs: []string{}}
	for e, err := range l.Events(ctx, ledger.Query{Kinds: []ledger.Kind{ledger.KindDataset}}) {
		if err != nil {
			return d, err
		}
		set, ok := e.Fact.(ledger.Dataset)
		if !ok {
			continue
		}
		n, err := held(ctx, l, e, set, contents)
		if err != nil {
			return d, fmt.Errorf("the data set %s: %w", set.ID, err)
		}
		if n > 0 && !slices.ContainsFunc(d.Datasets, func(x Dataset) bool { return x.ID == set.ID }) {
			d.Datasets = append(d.Datasets, Dataset{set.ID, set.Root, n})
		}
	}
	var err error
	for _, set := range d.Datasets {
		if d.Models, err = mentioning(ctx, l, d.Models, ledger.KindModel, ledger.Ref(ledger.KindDataset, set.ID)); err != nil {
			return d, err
		}
	}
	// A model that continues another one carries what that one learnt.
	for i := 0; i < len(d.Models); i++ {
		if d.Models, err = mentioning(ctx, l, d.Models, ledger.KindModel, ledger.Ref(ledger.KindModel, d.Models[i])); err != nil {
			return d, err
		}
		if d.Outputs, err = mentioning(ctx, l, d.Outputs, ledger.KindOutput, ledger.Ref(ledger.KindModel, d.Models[i])); err != nil {
			return d, err
		}
	}
	return d, nil
}

// mentioning adds the identifiers of models or outputs whose events name ref.
func mentioning(ctx context.Context, l *ledger.Ledger, to []string, kind ledger.Kind, ref string) ([]string, error) {
	for e, err := range l.Events(ctx, ledger.Query{Mentions: ref, Kinds: []ledger.Kind{kind}}) {
		if err != nil {
			return to, err
		}
		if id := e.Subject[len(ledger.Ref(kind, "")):]; !slices.Contains(to, id) {
			to = append(to, id)
		}
	}
	return to, nil
}

// held counts the contents that a data set holds. Beside its manifest the set's
// event cites the list of its contents: SHA-256 digests of 32 bytes, ascending.
func held(ctx context.Context, l *ledger.Ledger, e ledger.Event, set ledger.Dataset, contents []ledger.Digest) (int, error) {
	n, listed := 0, false
	for _, d := range e.Evidence {
		if d == set.Manifest {
			continue
		}
		list, err := l.Evidence(ctx, d)
		if err != nil {
			return 0, err
		}
		if len(list)%len(d) != 0 {
			continue
		}
		listed = true
		for _, c := range contents {
			if contains(list, c) {
				n++
			}
		}
	}
	if !listed {
		return 0, errors.New("its event cites no list of contents")
	}
	return n, nil
}

// contains searches a list of ascending digests.
func contains(list []byte, d ledger.Digest) bool {
	const size = len(ledger.Digest{})
	at := func(i int) []byte { return list[i*size : (i+1)*size] }
	n := len(list) / size
	i := sort.Search(n, func(i int) bool { return bytes.Compare(at(i), d[:]) >= 0 })
	return i < n && bytes.Equal(at(i), d[:])
}
