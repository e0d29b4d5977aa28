package text

import (
	"strings"
)

// Tokeniser cuts texts into pieces by byte pair encoding: Sennrich et al.,
// "Neural Machine Translation of Rare Words with Subword Units" (2016),
// algorithm 1, on bytes instead of characters, as in Radford et al., "Language
// Models are Unsupervised Multitask Learners" (2019), section 2.2. It is safe
// for concurrent use.
type Tokeniser struct {
	merges [][2]int       // the piece firstMerge+i is these two joined
	rank   map[[2]int]int // piece that a pair becomes; a lower one goes first
	pieces []string       // bytes of each piece, none of the special ones
}

// Bytes is the tokeniser that has learnt nothing: every byte is a piece.
func Bytes() *Tokeniser {
	t := &Tokeniser{rank: map[[2]int]int{}, pieces: make([]string, firstMerge)}
	for b := range 256 {
		t.pieces[firstByte+b] = string([]byte{byte(b)})
	}
	return t
}

func (t *Tokeniser) merge(pair [2]int) {
	t.rank[pair] = len(t.pieces)
	t.merges = append(t.merges, pair)
	t.pieces = append(t.pieces, t.pieces[pair[0]]+t.pieces[pair[1]])
}

// Vocabulary is the number of pieces, the special ones and all bytes included.
func (t *Tokeniser) Vocabulary() int { return len(t.pieces) }

// Encode gives the pieces of a text of any length, without the special ones.
func (t *Tokeniser) Encode(s string) []int {
	var out []int
	for w := range words(Normal(s)) {
		out = t.word(out, w)
	}
	return out
}

// word appends the pieces of one word: of all neighbours that may be joined,
// those whose piece was learnt first are, until none may.
func (t *Tokeniser) word(out []int, w string) []int {
	var space [longest]int
	p := space[:0]
	for i := range len(w) {
		p = append(p, firstByte+int(w[i]))
	}
	for {
		best, at := len(t.pieces), -1
		for i := range len(p) - 1 {
			if r, ok := t.rank[[2]int{p[i], p[i+1]}]; ok && r < best {
				best, at = r, i
			}
		}
		if at < 0 {
			return append(out, p...)
		}
		p[at] = best
		p = append(p[:at+1], p[at+2:]...)
	}
}

// Decode gives the text of pieces; Decode(Encode(s)) is Normal(s). Special
// pieces and numbers that are no pieces stand for nothing.
func (t *Tokeniser) Decode(pieces []int) string {
	var b strings.Builder
	for _, p := range pieces {
		if p >= 0 && p < len(t.pieces) {
			b.WriteString(t.pieces[p])
		}
	}
	return strings.TrimPrefix(b.String(), " ")
}

// Fill writes a prompt as a network reads it: Start, its pieces, End, then
// Pad. What does not fit is cut off, and of a prompt only the first 64 KiB are
// read. dst holds at least 2 numbers.
func (t *Tokeniser) Fill(dst []float32, prompt string) {
	clear(dst)
	dst[0] = Start
	n := 1
	for w := range words(Normal(head(prompt))) {
		for _, p := range t.word(nil, w) {
			if n == len(dst)-1 {
				dst[n] = End
				return
			}
			dst[n] = float32(p)
			n++
		}
	}
	dst[n] = End
}
