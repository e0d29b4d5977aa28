package frozen

import (
	"fmt"
	"time"

	"github.com/limner-ai/limner/internal/basis"
)

// Basis says on what ground the set's pictures are used. A set whose decisions
// have expired is an error: they must be made anew.
func (s *Set) Basis() (basis.Basis, error) {
	m := s.manifest
	f, err := ReadFreeze(s.dir)
	if err != nil {
		return basis.Basis{}, err
	}
	if !f.Expires.IsZero() && time.Now().After(f.Expires) {
		return basis.Basis{}, fmt.Errorf("frozen: %s: the decisions that it rests on expired on %s: freeze it anew", m.Name, f.Expires.Format(time.DateOnly))
	}
	return basis.Basis{
		Status: basis.Recorded, Set: m.Name, Root: m.Root.Root.String(), Digests: m.Root.Size, Manifest: f.Manifest.String(),
		Ruleset: m.Ruleset, Licences: m.Licences, Checkpoint: f.Checkpoint, Key: f.Key, Expires: f.Expires,
	}, nil
}
