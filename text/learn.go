package text

import (
	"cmp"
	"container/heap"
	"fmt"
	"iter"
	"maps"
	"slices"
)

// Learn makes a tokeniser of a vocabulary of at most the given size from the
// texts of a corpus: fewer if no two pieces meet twice any more. Of pairs that
// are equally frequent the one whose bytes sort first is joined, so that a
// corpus gives the same pieces in whatever order it comes.
func Learn(corpus iter.Seq[string], vocabulary int) (*Tokeniser, error) {
	if vocabulary < Least || vocabulary > Most {
		return nil, fmt.Errorf("a vocabulary has %d to %d pieces, not %d", Least, Most, vocabulary)
	}
	l := &learner{t: Bytes(), pairs: map[[2]int]*pair{}}
	count := map[string]int{}
	for s := range corpus {
		for w := range words(Normal(head(s))) {
			count[w]++
		}
	}
	for _, w := range slices.Sorted(maps.Keys(count)) {
		l.add(w, count[w])
	}
	for l.t.Vocabulary() < vocabulary {
		p := l.next()
		if p == nil {
			break
		}
		l.join(p)
	}
	return l.t, nil
}

// learner keeps the count of every pair of neighbours up to date while pieces
// are joined, by touching only the words that a pair lies in.
type learner struct {
	t     *Tokeniser
	words []word
	pairs map[[2]int]*pair
	queue queue // every pair, some more than once with counts of the past
}

type word struct {
	pieces []int
	count  int
}

type pair struct {
	pieces [2]int
	left   string
	right  string
	count  int
	in     map[int]struct{} // words that it lies in, or once did
}

func (l *learner) add(w string, count int) {
	pieces := make([]int, len(w))
	for i := range len(w) {
		pieces[i] = firstByte + int(w[i])
	}
	l.words = append(l.words, word{pieces, count})
	l.tally(len(l.words)-1, 1)
}

// tally adds the pairs of a word to their counts, or with sign −1 takes them
// away.
func (l *learner) tally(at, sign int) {
	w := l.words[at]
	for i := range len(w.pieces) - 1 {
		key := [2]int{w.pieces[i], w.pieces[i+1]}
		p := l.pairs[key]
		if p == nil {
			p = &pair{pieces: key, left: l.t.pieces[key[0]], right: l.t.pieces[key[1]], in: map[int]struct{}{}}
			l.pairs[key] = p
		}
		p.count += sign * w.count
		p.in[at] = struct{}{}
		if sign > 0 {
			heap.Push(&l.queue, claim{p, p.count})
		}
	}
}

// next is the most frequent pair that may become a piece.
func (l *learner) next() *pair {
	for len(l.queue) > 0 {
		c := heap.Pop(&l.queue).(claim)
		switch p := c.pair; {
		case p.count != c.count:
			if p.count > 0 && p.count < c.count {
				heap.Push(&l.queue, claim{p, p.count}) // it was taken from since
			}
		case p.count < 2:
			return nil
		case len(p.left)+len(p.right) <= longest:
			return p
		}
	}
	return nil
}

// join makes a pair a piece, in all words.
func (l *learner) join(p *pair) {
	piece := l.t.Vocabulary()
	l.t.merge(p.pieces)
	for _, at := range slices.Sorted(maps.Keys(p.in)) {
		l.tally(at, -1)
		w := &l.words[at]
		kept := w.pieces[:0]
		for i := 0; i < len(w.pieces); i++ {
			if i+1 < len(w.pieces) && [2]int{w.pieces[i], w.pieces[i+1]} == p.pieces {
				kept = append(kept, piece)
				i++
			} else {
				kept = append(kept, w.pieces[i])
			}
		}
		w.pieces = kept
		l.tally(at, 1)
	}
	delete(l.pairs, p.pieces)
}

// claim is a pair with the count that it had when it was queued.
type claim struct {
	*pair
	count int
}

type queue []claim

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	a, b := q[i], q[j]
	return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.left, b.left), cmp.Compare(a.right, b.right),
		slices.Compare(a.pieces[:], b.pieces[:])) < 0
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(claim)) }
func (q *queue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}
