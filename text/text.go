// Package text turns prompts into what networks read: a tokeniser that is
// trained on the captions of a set and knows every byte, so that nothing is
// out of its vocabulary; prompts composed of what is known about a picture;
// and a transformer that encodes them.
//
// Pieces are learnt here rather than by a library because those in pure Go
// either only apply a vocabulary made elsewhere or break ties between equally
// frequent pairs by the order of a map, so that a training would not repeat.
package text

// The first pieces of every vocabulary.
const (
	Pad   = 0 // fills up after the end
	Start = 1
	End   = 2

	firstByte  = 3
	firstMerge = firstByte + 256
)

const (
	// longest is how many bytes a piece or a word may have. Longer words are
	// split, which bounds the work a word costs.
	longest = 64
	// prefix is how many bytes of a prompt are read, to bound the work that a
	// prompt costs: far more than any encoder takes.
	prefix = 1 << 16
)

const (
	// Least is the smallest vocabulary: the special pieces and all bytes.
	Least = firstMerge
	// Most is the largest.
	Most = 1 << 16
)
