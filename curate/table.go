package curate

import (
	"github.com/limner-ai/limner/curate/concept"
	"github.com/limner-ai/limner/curate/fingerprint"
)

// table holds what must be known of all pictures at once: 41 bytes of each.
type table struct {
	hashes   []fingerprint.Hash // of those whose hash says something
	hashed   []int32            // for each picture, the place of its hash, or -1
	concepts []int32            // for each picture, the place of its concept
	names    []concept.Concept
	places   map[concept.Concept]int32

	cluster []int32 // for each hash, the first in its cluster, or -1 if that is alone
	heldOut []bool  // for each concept
}

func newTable() *table { return &table{places: map[concept.Concept]int32{}} }

// add takes a picture in.
func (t *table) add(c concept.Concept, p *prepared) {
	at, ok := t.places[c]
	if !ok {
		at = int32(len(t.names))
		t.names = append(t.names, c)
		t.places[c] = at
	}
	t.concepts = append(t.concepts, at)
	if p.Sharp < fingerprint.Sharp {
		t.hashed = append(t.hashed, -1)
		return
	}
	t.hashed = append(t.hashed, int32(len(t.hashes)))
	t.hashes = append(t.hashes, p.Hash)
}

// clusterOf is the cluster of a picture, -1 for none. Its number is the place
// of a hash.
func (t *table) clusterOf(picture int) int32 {
	if at := t.hashed[picture]; at >= 0 && t.cluster != nil {
		return t.cluster[at]
	}
	return -1
}

// find looks for near duplicates.
func (t *table) find(d Duplicates) error {
	t.places = nil
	if d.Near == Ignore {
		return nil
	}
	first, err := fingerprint.Clusters(t.hashes, d.Radius)
	if err != nil {
		return err
	}
	t.hashes = nil
	t.cluster = make([]int32, len(first))
	for i := range t.cluster {
		t.cluster[i] = -1
	}
	for i, at := range first {
		if i != at {
			t.cluster[i], t.cluster[at] = int32(at), int32(at)
		}
	}
	return nil
}

// split holds concepts out. Near duplicates join theirs, which is why a concept
// and one cluster of each kind of pair is all that counts.
func (t *table) split(s Split) error {
	items := make([]concept.Item, 0, len(t.names))
	known := make([]bool, len(t.names))
	last := map[int32]int32{} // concept that a cluster was last seen with
	for i, c := range t.concepts {
		k := t.clusterOf(i)
		if at, ok := last[k]; known[c] && (k < 0 || ok && at == c) {
			continue
		}
		known[c] = true
		if k >= 0 {
			last[k] = c
		}
		items = append(items, concept.Item{Concept: t.names[c], Cluster: int(k)})
	}
	out, err := concept.HeldOut(items, s.Share, s.Salt)
	if err != nil {
		return err
	}
	t.heldOut = make([]bool, len(t.names))
	at := map[concept.Concept]int32{}
	for i, n := range t.names {
		at[n] = int32(i)
	}
	for i, it := range items {
		t.heldOut[at[it.Concept]] = out[i]
	}
	return nil
}
