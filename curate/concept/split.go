package concept

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// Item is a picture to be put on one side of a split.
type Item struct {
	Concept Concept
	// Cluster is equal for pictures that are near duplicates of each other;
	// negative for a picture without.
	Cluster int
}

// HeldOut splits items: true ones are held out, and about share, 0 to 1, of all
// concepts are. All pictures of a concept and all of a cluster lie on one side:
// concepts that share a cluster are one group, decided by the digest of one of
// its concepts and salt. So the order of items and what else there is do not
// matter, but a new near duplicate between two groups makes them one. An item
// without concept is an error, because nothing would say where it belongs.
func HeldOut(items []Item, share float64, salt string) ([]bool, error) {
	if !(share >= 0 && share <= 1) {
		return nil, fmt.Errorf("the share held out, %v, is not within 0 to 1", share)
	}
	groups := map[Concept]Concept{}
	root := func(c Concept) Concept {
		for groups[c] != c {
			groups[c] = groups[groups[c]]
			c = groups[c]
		}
		return c
	}
	draw := make(map[Concept]uint64)
	inCluster := map[int]Concept{}
	for i, it := range items {
		if it.Concept == "" {
			return nil, fmt.Errorf("picture %d has no concept; give it a name or leave it out", i)
		}
		if _, ok := groups[it.Concept]; !ok {
			groups[it.Concept] = it.Concept
			h := sha256.Sum256([]byte("limner concept split v1\n" + salt + "\n" + string(it.Concept)))
			draw[it.Concept] = binary.BigEndian.Uint64(h[:])
		}
		if it.Cluster < 0 {
			continue
		}
		other, ok := inCluster[it.Cluster]
		if !ok {
			inCluster[it.Cluster] = it.Concept
			continue
		}
		// The group's root is its concept with the smallest draw; equal draws
		// are told apart by name.
		a, b := root(it.Concept), root(other)
		if draw[b] < draw[a] || draw[b] == draw[a] && b < a {
			a, b = b, a
		}
		groups[b] = a
	}
	out := make([]bool, len(items))
	for i, it := range items {
		// The root is drawn again, under a name of its own: the smallest of
		// many draws is no fair one.
		h := sha256.Sum256([]byte("limner concept group v1\n" + salt + "\n" + string(root(it.Concept))))
		out[i] = float64(binary.BigEndian.Uint64(h[:])>>11)/(1<<53) < share
	}
	return out, nil
}
