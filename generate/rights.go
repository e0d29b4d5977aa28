package generate

import (
	"maps"
	"slices"
	"strings"

	"github.com/limner-ai/limner/internal/basis"
	"github.com/limner-ai/limner/model/trained"
)

// Ground is the basis on which a part of a model was trained.
type Ground struct {
	Of    string // "" for the model itself, else the part: autoencoder, words, first weights
	Basis basis.Basis
}

// firstWeights is what the weights are called that a run began with.
const firstWeights = "first weights"

// Grounds are the bases of all that a model learnt from: its own, then those of
// the models that it contains and that it or they began with, each set once.
func Grounds(m *trained.Manifest) []Ground {
	var out []Ground
	add := func(of string, b basis.Basis) {
		if b.Status == "" { // of before it was asked for
			b.Status = basis.Unknown
		}
		same := func(g Ground) bool {
			return g.Basis.Status == b.Status && g.Basis.Set == b.Set && g.Basis.Root == b.Root
		}
		if !slices.ContainsFunc(out, same) {
			out = append(out, Ground{of, b})
		}
	}
	add("", m.Data.Basis)
	for o := m.From; o != nil; o = o.From {
		add(firstWeights, o.Data.Basis)
	}
	for _, name := range slices.Sorted(maps.Keys(m.Parts)) {
		part := m.Parts[name]
		for o := &part; o != nil; o = o.From {
			add(name, o.Data.Basis)
		}
	}
	return out
}

// rights is a line for people that names every ground.
func rights(grounds []Ground) string {
	lines := make([]string, len(grounds))
	for i, g := range grounds {
		if lines[i] = g.Basis.String(); g.Of != "" {
			lines[i] = "its " + g.Of + ": " + lines[i]
		}
	}
	return strings.Join(lines, "; ")
}

// Rights is a line for people: on what grounds the pictures were used that the
// model and all its parts learnt from.
func (g *Generator) Rights() string { return rights(Grounds(&g.Manifest)) }
