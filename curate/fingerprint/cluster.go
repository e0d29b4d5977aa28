package fingerprint

import (
	"encoding/binary"
	"math/bits"
)

// Clusters puts hashes at most radius apart into one cluster, and with them
// all that are near to those: what a chain of near pairs joins is together. It
// returns for each hash the smallest index in its cluster, whatever the order
// of the hashes; radius is at most Near.
//
// Beside the hashes it takes about 200 bytes for each. Its time grows with the
// number of pairs that have a word in common: hashes of flat pictures (quality
// below Sharp) are alike and say little, so leave them out.
func Clusters(hashes []Hash, radius int) ([]int, error) {
	if err := checkRadius(radius); err != nil {
		return nil, err
	}
	// Equal hashes are one, or a thousand copies would be compared a million
	// times.
	number := make(map[Hash]uint32, len(hashes))
	var distinct []Hash
	of := make([]uint32, len(hashes))
	for i, h := range hashes {
		n, ok := number[h]
		if !ok {
			n = uint32(len(distinct))
			number[h] = n
			distinct = append(distinct, h)
		}
		of[i] = n
	}
	clear(number)
	f := newForest(len(distinct))
	for k := range words {
		f.joinByWord(distinct, k, radius)
	}
	out := make([]int, len(hashes))
	first := make([]int, len(distinct))
	for i := len(hashes) - 1; i >= 0; i-- {
		first[f.root(of[i])] = i
	}
	for i := range out {
		out[i] = first[f.root(of[i])]
	}
	return out, nil
}

// joinByWord joins all near pairs whose words number k differ in one bit at
// most. It goes through the hashes in the order of that word, so that what is
// compared lies side by side.
func (f forest) joinByWord(hashes []Hash, k, radius int) {
	t := newTable(hashes, k)
	sorted := make([][4]uint64, len(hashes))
	for at, i := range t.order {
		for q := range 4 {
			sorted[at][q] = binary.BigEndian.Uint64(hashes[i][8*q:])
		}
	}
	compare := func(i, from, to uint32) {
		a := &sorted[i]
		for j := from; j < to; j++ {
			b := &sorted[j]
			d := bits.OnesCount64(a[0]^b[0]) + bits.OnesCount64(a[1]^b[1]) +
				bits.OnesCount64(a[2]^b[2]) + bits.OnesCount64(a[3]^b[3])
			if d <= radius {
				f.join(t.order[i], t.order[j])
			}
		}
	}
	for v := range uint32(1 << wordBits) {
		for i := t.first[v]; i < t.first[v+1]; i++ {
			compare(i, i+1, t.first[v+1])
			for bit := range wordBits {
				if w := v | 1<<bit; w != v { // the other way round, w meets v
					compare(i, t.first[w], t.first[w+1])
				}
			}
		}
	}
}

// forest is the disjoint sets of Galler and Fischer.
type forest []uint32

func newForest(n int) forest {
	f := make(forest, n)
	for i := range f {
		f[i] = uint32(i)
	}
	return f
}

func (f forest) root(i uint32) uint32 {
	for f[i] != i {
		f[i] = f[f[i]]
		i = f[i]
	}
	return i
}

func (f forest) join(a, b uint32) {
	a, b = f.root(a), f.root(b)
	f[max(a, b)] = min(a, b)
}
