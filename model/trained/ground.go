package trained

import (
	"maps"
	"slices"

	"github.com/limner-ai/limner/internal/basis"
)

// Ground is the basis on which a part of a model was trained.
type Ground struct {
	Of    string // "" for the model itself, else the part: autoencoder, words, first weights
	Root  string // of the set, as its basis names it, or else the digest of its pictures
	Basis basis.Basis
}

// firstWeights is what the weights are called that a run began with.
const firstWeights = "first weights"

// Grounds are the bases of all that a model learnt from: its own, then those of
// the models that it contains and that it or they began with, each set once.
func (m *Manifest) Grounds() []Ground {
	var out []Ground
	add := func(of string, d Data) {
		g := Ground{of, d.Basis.Root, d.Basis}
		if g.Root == "" {
			g.Root = d.Root
		}
		if g.Basis.Status == "" { // of before it was asked for
			g.Basis.Status = basis.Unknown
		}
		same := func(o Ground) bool {
			return o.Basis.Status == g.Basis.Status && o.Basis.Set == g.Basis.Set && o.Root == g.Root
		}
		if !slices.ContainsFunc(out, same) {
			out = append(out, g)
		}
	}
	add("", m.Data)
	for o := m.From; o != nil; o = o.From {
		add(firstWeights, o.Data)
	}
	for _, name := range slices.Sorted(maps.Keys(m.Parts)) {
		part := m.Parts[name]
		for o := &part; o != nil; o = o.From {
			add(name, o.Data)
		}
	}
	return out
}

// Licences counts the pictures of all grounds by the licence that each is under; nil
// if none is recorded.
func (m *Manifest) Licences() map[string]int {
	var all map[string]int
	for _, g := range m.Grounds() {
		for licence, n := range g.Basis.Licences {
			if all == nil {
				all = map[string]int{}
			}
			all[licence] += n
		}
	}
	return all
}
