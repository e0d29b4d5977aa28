package generate

import (
	"strings"

	"github.com/limner-ai/limner/internal/basis"
	"github.com/limner-ai/limner/model/trained"
)

// rights is a line for people that names every ground once.
func rights(grounds []trained.Ground) string {
	var lines []string
	loose := false
	for _, g := range grounds {
		if g.Basis.Status == basis.Unknown { // of which there is no more to say
			if loose {
				continue
			}
			loose = true
		}
		line := g.Basis.String()
		if g.Of != "" {
			line = "its " + g.Of + ": " + line
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "; ")
}

// Rights is a line for people: on what grounds the pictures were used that the
// model and all its parts learnt from.
func (g *Generator) Rights() string { return rights(g.Manifest.Grounds()) }
