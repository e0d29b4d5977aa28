package fingerprint

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// Index finds the hashes near a given one without comparing all of them, by
// multi-index hashing (Norouzi, Punjani and Fleet, 2012): of the 16 words of
// 16 bits of two hashes at most Near apart, at least one pair differs in at
// most one bit. It takes about 100 bytes a hash.
type Index struct {
	hashes []Hash
	words  [words]table
}

const (
	words    = 16
	wordBits = 16
)

// table holds the numbers of all hashes in the order of one of their words:
// those with word v are order[first[v]:first[v+1]].
type table struct {
	first []uint32
	order []uint32
}

func word(h Hash, k int) uint32 { return uint32(binary.BigEndian.Uint16(h[2*k:])) }

func newTable(hashes []Hash, k int) table {
	t := table{make([]uint32, 1<<wordBits+1), make([]uint32, len(hashes))}
	for _, h := range hashes {
		t.first[word(h, k)+1]++
	}
	for v := range 1 << wordBits {
		t.first[v+1] += t.first[v]
	}
	next := slices.Clone(t.first)
	for i, h := range hashes {
		w := word(h, k)
		t.order[next[w]] = uint32(i)
		next[w]++
	}
	return t
}

// each calls f with the number of every hash whose word is v or differs from
// it in one bit.
func (t *table) each(v uint32, f func(i uint32)) {
	for flip := -1; flip < wordBits; flip++ {
		w := v
		if flip >= 0 {
			w ^= 1 << flip
		}
		for _, i := range t.order[t.first[w]:t.first[w+1]] {
			f(i)
		}
	}
}

// NewIndex makes an index of hashes, which it keeps and must not change.
func NewIndex(hashes []Hash) *Index {
	x := &Index{hashes: hashes}
	for k := range x.words {
		x.words[k] = newTable(hashes, k)
	}
	return x
}

// Match is a hash near another.
type Match struct {
	Index    int // in the slice that the index was made of
	Distance int
}

// Near returns the hashes at most radius from h, the nearest first and among
// equals the first; radius is at most Near.
func (x *Index) Near(h Hash, radius int) ([]Match, error) {
	if err := checkRadius(radius); err != nil {
		return nil, err
	}
	var found []Match
	seen := map[uint32]bool{}
	for k := range x.words {
		x.words[k].each(word(h, k), func(i uint32) {
			if seen[i] {
				return
			}
			if d := Distance(h, x.hashes[i]); d <= radius {
				seen[i] = true
				found = append(found, Match{int(i), d})
			}
		})
	}
	slices.SortFunc(found, func(a, b Match) int {
		if a.Distance != b.Distance {
			return a.Distance - b.Distance
		}
		return a.Index - b.Index
	})
	return found, nil
}

func checkRadius(radius int) error {
	if radius < 0 || radius > Near {
		return fmt.Errorf("a radius of %d bits is not within 0 to %d", radius, Near)
	}
	return nil
}
