package evaluate

import (
	"fmt"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/evaluate/alignment"
	"github.com/limner-ai/limner/evaluate/factors"
)

// Understanding is how well a network of the family contrast finds real pictures by
// what is said of them. What it does not tell apart, no generator that it reads for
// will paint apart.
type Understanding struct {
	Trained Found `json:"trained"`
	HeldOut Found `json:"held_out"`
}

// Found is its retrieval among few and among all.
type Found struct {
	Few alignment.Retrieval `json:"few"` // among alignment.Pool concepts
	All alignment.Retrieval `json:"all"` // among all concepts of the prompts
}

// mostUnderstood is how many pictures are looked for.
const mostUnderstood = 2000

// understand measures a network that holds words against pictures on real ones.
func (e *evaluation) understand() error {
	net, err := alignment.NewEncoder(e.m)
	if err != nil {
		return err
	}
	u := &Understanding{}
	for _, c := range []struct {
		of    picture.Set
		to    *Found
		stage string
	}{{e.train, &u.Trained, "looking at training pictures"}, {e.heldOut, &u.HeldOut, "looking at held-out pictures"}} {
		prompts, err := e.asked(c.of)
		if err != nil {
			return err
		}
		if *c.to, err = e.search(net, c.of, prompts, c.stage); err != nil {
			return err
		}
	}
	e.report.Understanding = u
	return nil
}

// asked are prompts for pictures of a set: of different concepts, or of drawn shapes
// for each as many as there are, since combinations are what they are about.
func (e *evaluation) asked(set picture.Set) ([]alignment.Prompt, error) {
	if e.source.Kind != "shapes" || !e.source.Combinations {
		return alignment.Prompts(set, min(mostUnderstood, e.opt.Samples), e.opt.Seed)
	}
	drawn, err := factors.Prompts(set, min(mostUnderstood, e.opt.Samples, set.Len()))
	if err != nil {
		return nil, err
	}
	out := make([]alignment.Prompt, len(drawn))
	for i, p := range drawn {
		out[i] = alignment.Prompt{Text: p.Text, Concept: fmt.Sprint(p.Asked), Picture: i}
	}
	return out, nil
}

func (e *evaluation) search(net *alignment.Encoder, set picture.Set, prompts []alignment.Prompt, stage string) (f Found, err error) {
	words, err := net.Read(alignment.Texts(prompts))
	if err != nil {
		return f, err
	}
	h, w, ch := set.Shape()
	pictures := tensor.New(len(prompts), net.Dim)
	concepts := make([]string, len(prompts))
	for at := 0; at < len(prompts); at += part {
		if err := e.ctx.Err(); err != nil {
			return f, err
		}
		some := prompts[at:min(at+part, len(prompts))]
		images := tensor.New(len(some), h, w, ch)
		for i, p := range some {
			if _, err := set.Item(p.Picture, images.Row(i)); err != nil {
				return f, err
			}
			concepts[at+i] = p.Concept
		}
		seen, err := net.Look(images)
		if err != nil {
			return f, err
		}
		copy(pictures.Data[at*net.Dim:], seen.Data)
		e.stage(stage)(at+len(some), len(prompts))
	}
	if f.Few, err = alignment.Retrieve(pictures, words, concepts, alignment.Pool, e.opt.Seed); err != nil {
		return f, err
	}
	f.All, err = alignment.Retrieve(pictures, words, concepts, len(concepts), e.opt.Seed)
	return f, err
}
