// Package basis says on what ground pictures are used: a set states it, a model
// file carries it, and whoever makes pictures with the model is told.
package basis

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Status says how much is known.
type Status string

const (
	// Unknown is what loose files have: nobody recorded on what ground they are
	// used.
	Unknown Status = "unknown"
	// Drawn pictures were made by Limner itself and are nobody else's.
	Drawn Status = "drawn"
	// Recorded pictures were each let in by a decision in a ledger.
	Recorded Status = "recorded"
)

// Basis is the ground on which a set's pictures are used. The fields after
// Status are those of recorded ones.
type Basis struct {
	Status  Status `json:"status"`
	Set     string `json:"set,omitempty"`  // its name
	Root    string `json:"root,omitempty"` // Merkle root over Digests digests
	Digests int64  `json:"digests,omitempty"`
	// Manifest is the digest of the set's manifest, as the ledger records it.
	Manifest string         `json:"manifest,omitempty"`
	Ruleset  string         `json:"ruleset,omitempty"`
	Licences map[string]int `json:"licences,omitempty"` // pictures by SPDX expression
	// Checkpoint is the ledger's signed note when the set was frozen, Key the
	// public key that it is checked by.
	Checkpoint string    `json:"checkpoint,omitempty"`
	Key        string    `json:"key,omitempty"`
	Expires    time.Time `json:"expires,omitzero"` // of the first decision
}

// String is a line for people.
func (b Basis) String() string {
	switch b.Status {
	case Recorded:
		return fmt.Sprintf("recorded: data set %s, root %s, %s", b.Set, b.Root, b.Mix())
	case Drawn:
		return "drawn by Limner itself"
	default:
		return "unknown: trained on loose files, for which no basis is recorded"
	}
}

// Mix lists the licences, the most frequent first.
func (b Basis) Mix() string {
	ids := slices.SortedFunc(maps.Keys(b.Licences), func(x, y string) int {
		return cmp.Or(cmp.Compare(b.Licences[y], b.Licences[x]), cmp.Compare(x, y))
	})
	var out []string
	for _, id := range ids {
		out = append(out, fmt.Sprintf("%s %d", cmp.Or(id, "no licence stated"), b.Licences[id]))
	}
	return strings.Join(out, ", ")
}

// Of returns the basis that v states, if it states one, and otherwise an unknown
// one.
func Of(v any) (Basis, error) {
	if s, ok := v.(interface{ Basis() (Basis, error) }); ok {
		return s.Basis()
	}
	return Basis{Status: Unknown}, nil
}
