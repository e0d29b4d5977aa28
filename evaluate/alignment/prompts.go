package alignment

import (
	"errors"
	"math/bits"
	"slices"
	"strings"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/tensor"
)

// Prompt asks for what a picture of a set shows.
type Prompt struct {
	Text    string // for the generator: the caption, and the style
	Caption string // for the measure, in which a style would give away a part
	Concept string // what the caption is about
	Picture int    // of the set
}

// Prompts draws up to n prompts of different concepts from a set, in its order.
// Of several captions of a picture the first is taken. What stands behind a
// colon in a caption, as in "waving hand: light skin tone", varies a concept.
func Prompts(set picture.Set, n int, seed uint64) ([]Prompt, error) {
	r := tensor.Philox{Seed: seed, Stream: tensor.StreamOf("alignment/prompts")}
	order := make([]int, set.Len())
	for i := range order {
		order[i] = i
	}
	seen := map[string]bool{}
	var all []Prompt
	for k := 0; k < len(order) && len(all) < n; k++ {
		w := r.Block(uint64(k))
		j, _ := bits.Mul64(uint64(w[0])<<32|uint64(w[1]), uint64(len(order)-k))
		order[k], order[k+int(j)] = order[k+int(j)], order[k]
		d, err := picture.Describe(set, order[k])
		if picture.IsSkip(err) || err == nil && len(d.Captions) == 0 {
			continue
		}
		if err != nil {
			return nil, err
		}
		p := Prompt{Text: d.Captions[0].Text, Caption: d.Captions[0].Text, Picture: order[k]}
		base, _, _ := strings.Cut(p.Caption, ":")
		p.Concept = strings.ToLower(strings.TrimSpace(base))
		if seen[p.Concept] {
			continue
		}
		seen[p.Concept] = true
		if d.Style != "" {
			p.Text += ", " + d.Style
		}
		all = append(all, p)
	}
	if len(all) < 2 {
		return nil, errors.New("alignment: the set has captions of fewer than two concepts")
	}
	slices.SortFunc(all, func(a, b Prompt) int { return a.Picture - b.Picture })
	return all, nil
}

// Texts are what the prompts ask for.
func Texts(prompts []Prompt) []string {
	all := make([]string, len(prompts))
	for i, p := range prompts {
		all[i] = p.Text
	}
	return all
}

// Part is the retrieval of pictures made for prompts, beside that of real
// pictures of the same prompts: the ceiling.
type Part struct {
	Samples Retrieval `json:"samples"`
	Real    Retrieval `json:"real"`
	Ratio   float64   `json:"ratio"` // of R1
}

// Measure holds images [n h w c] made for prompts, and the real ones that the
// prompts describe, against the captions.
func Measure(e *Encoder, images, real *tensor.Tensor, prompts []Prompt, seed uint64) (*Part, error) {
	captions, concepts := make([]string, len(prompts)), make([]string, len(prompts))
	for i, p := range prompts {
		captions[i], concepts[i] = p.Caption, p.Concept
	}
	words, err := e.Read(captions)
	if err != nil {
		return nil, err
	}
	part := &Part{}
	for _, c := range []struct {
		of *tensor.Tensor
		to *Retrieval
	}{{images, &part.Samples}, {real, &part.Real}} {
		seen, err := e.Look(c.of)
		if err != nil {
			return nil, err
		}
		if *c.to, err = Retrieve(seen, words, concepts, Pool, seed); err != nil {
			return nil, err
		}
	}
	if part.Real.R1 > 0 {
		part.Ratio = part.Samples.R1 / part.Real.R1
	}
	return part, nil
}
