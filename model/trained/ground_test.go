package trained

import (
	"maps"
	"slices"
	"testing"

	"github.com/limner-ai/limner/internal/basis"
)

func TestGrounds(t *testing.T) {
	set := func(name string, n int) Data {
		return Data{Root: "pixels of " + name, Basis: basis.Basis{Status: basis.Recorded, Set: name, Root: "root of " + name, Licences: map[string]int{"MIT": n}}}
	}
	loose := Data{Root: "pixels of a folder", Basis: basis.Basis{Status: basis.Unknown}}
	m := Manifest{
		Data: loose,
		From: &Origin{Data: set("a", 1), From: &Origin{Data: set("b", 2)}},
		Parts: map[string]Origin{
			"words":       {Data: set("a", 1), From: &Origin{Data: set("c", 4)}},
			"autoencoder": {Data: Data{Root: "old"}},
		},
	}
	var got []string
	for _, g := range m.Grounds() {
		got = append(got, g.Of+": "+g.Root)
	}
	want := []string{": pixels of a folder", "first weights: root of a", "first weights: root of b", "autoencoder: old", "words: root of c"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if all := m.Licences(); !maps.Equal(all, map[string]int{"MIT": 7}) {
		t.Errorf("licences %v", all)
	}
	alone := Manifest{Data: loose}
	if g := alone.Grounds(); len(g) != 1 || alone.Licences() != nil {
		t.Errorf("a model of loose pictures has the grounds %v and the licences %v", g, alone.Licences())
	}
}
