package alignment

import (
	"fmt"
	"math/bits"

	"github.com/limner-ai/limner/engine/tensor"
)

// Pool is how many captions a generated picture is held against, its own among them.
const Pool = 100

// Retrieval is how often the right one of several is found first, or among the
// first five: the caption of a picture, and the picture of a caption.
type Retrieval struct {
	N    int `json:"n"`
	Pool int `json:"pool"` // how many they are

	R1      float64 `json:"r1"` // captions for a picture
	R5      float64 `json:"r5"`
	WordsR1 float64 `json:"words_r1"` // pictures for a caption
	WordsR5 float64 `json:"words_r5"`
}

// Retrieve measures pictures and words, rows [n e] that belong together, in pools of
// so many, or less if there are fewer concepts; no two of a pool are of the same
// concept. Equally good wrong ones count as better.
func Retrieve(pictures, words *tensor.Tensor, concepts []string, size int, seed uint64) (Retrieval, error) {
	n := len(concepts)
	if n == 0 || pictures.Shape.Rank() != 2 || pictures.Shape[0] != n || !pictures.Shape.Equal(words.Shape) {
		return Retrieval{}, fmt.Errorf("alignment: pictures %v and words %v of %d prompts", pictures.Shape, words.Shape, n)
	}
	distinct := map[string]bool{}
	for _, c := range concepts {
		distinct[c] = true
	}
	r := Retrieval{N: n, Pool: min(size, len(distinct))}
	if r.Pool < 2 {
		return r, fmt.Errorf("alignment: all prompts are of the concept %q: at least 2 are wanted", concepts[0])
	}
	for i := range n {
		others := pool(concepts, i, r.Pool-1, seed)
		own := dot(pictures.Row(i), words.Row(i))
		caption, picture := 0, 0 // that many are better
		for _, k := range others {
			if dot(pictures.Row(i), words.Row(k)) >= own {
				caption++
			}
			if dot(pictures.Row(k), words.Row(i)) >= own {
				picture++
			}
		}
		for _, c := range []struct {
			to    *float64
			found bool
		}{{&r.R1, caption < 1}, {&r.R5, caption < 5}, {&r.WordsR1, picture < 1}, {&r.WordsR5, picture < 5}} {
			if c.found {
				*c.to++
			}
		}
	}
	for _, share := range []*float64{&r.R1, &r.R5, &r.WordsR1, &r.WordsR5} {
		*share /= float64(n)
	}
	return r, nil
}

// pool draws n others of concepts that differ from that of i and from each
// other.
func pool(concepts []string, i, n int, seed uint64) []int {
	p := tensor.Philox{Seed: seed, Stream: tensor.StreamOf("alignment/pool"), Step: uint32(i)}
	order := make([]int, len(concepts))
	for k := range order {
		order[k] = k
	}
	seen := map[string]bool{concepts[i]: true}
	var found []int
	// The steps of the shuffle of Fisher and Yates, as far as they are needed.
	for k := 0; k < len(order) && len(found) < n; k++ {
		w := p.Block(uint64(k))
		j, _ := bits.Mul64(uint64(w[0])<<32|uint64(w[1]), uint64(len(order)-k))
		order[k], order[k+int(j)] = order[k+int(j)], order[k]
		if c := concepts[order[k]]; !seen[c] {
			seen[c] = true
			found = append(found, order[k])
		}
	}
	return found
}

func dot(a, b []float32) (sum float64) {
	for i, v := range a {
		sum += float64(v) * float64(b[i])
	}
	return sum
}
