// Package diagnose goes from symptom to cause: it has a model make pictures,
// asks the inspectors what is wrong with them, and looks up what the training
// set has of that which goes wrong.
package diagnose

import (
	"context"
	"errors"
	"fmt"
	"image"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/inspect"
	"github.com/limner-ai/limner/inspect/all"
)

// Options say how much is looked at.
type Options struct {
	N        int    // pictures to make
	Seed     uint64 // of the pictures, and of which prompts are drawn
	Steps    int    // of the model's sampler; 0: as its maker chose
	Prompts  []string
	Root     string // that names the training set
	Training int    // training pictures to inspect; 0: none
	Cache    string // folder where what was found in training pictures is kept; "": nowhere
	// Progress, if not nil, is told how far a stage is.
	Progress func(stage string, done, of int)
}

// Report is what a model does wrong, and what its training set has to do with it.
type Report struct {
	Model    string `json:"model"`
	Digest   string `json:"digest,omitempty"`
	Root     string `json:"root,omitempty"` // of the training set that was looked at
	Code     string `json:"code"`           // version of Limner
	N        int    `json:"n"`
	Seed     uint64 `json:"seed"`
	Training int    `json:"training_pictures,omitempty"` // in the set that was looked at
	Looked   int    `json:"looked,omitempty"`            // of which were inspected
	// Inspectors are what each found; Faulty is the share of the pictures in which
	// at least one found a fault.
	Inspectors []Inspector `json:"inspectors"`
	Faulty     float64     `json:"faulty"`
	// Familiar has the share of faulty pictures by how many training pictures
	// there are of what the prompt asks for.
	Familiar []Bin    `json:"familiar,omitempty"`
	Advice   []string `json:"advice"`
	Notes    []string `json:"notes,omitempty"`
}

// Inspector is what one inspector found.
type Inspector struct {
	Name   string `json:"name"`
	Judged int    `json:"judged"` // samples to which it applies
	Faulty int    `json:"faulty"`
	// TrainingJudged and TrainingFaulty are the same of the training pictures.
	TrainingJudged int       `json:"training_judged,omitempty"`
	TrainingFaulty int       `json:"training_faulty,omitempty"`
	Faults         []Fault   `json:"faults,omitempty"`
	Subjects       []Subject `json:"subjects,omitempty"`
}

// Fault is a kind of fault, how often it was found, and the worst examples.
type Fault struct {
	Name     string    `json:"name"`
	N        int       `json:"n"`
	Examples []Example `json:"examples"`
}

// Example is a faulty picture. That of a prompt is made again with the report's
// seed.
type Example struct {
	Prompt      string  `json:"prompt"`
	Probability float64 `json:"probability"`
	Sentence    string  `json:"sentence"`

	picture *image.NRGBA
	finding inspect.Finding
}

// Bin is the prompts for which the training set has so many pictures.
type Bin struct {
	Name    string `json:"name"`
	Prompts int    `json:"prompts"`
	Faulty  int    `json:"faulty"`
}

// mostExamples is how many examples a fault has.
const mostExamples = 6

// sample is a picture that was made, and what was found in it.
type sample struct {
	prompt   string
	concept  string
	picture  *image.NRGBA
	findings []inspect.Finding
}

func (s *sample) faulty() bool {
	for _, f := range s.findings {
		if f.Faulty {
			return true
		}
	}
	return false
}

// Run makes pictures with g and inspects them. The set is what g was trained on;
// nil if it is not at hand, which the report then says.
func Run(ctx context.Context, g *generate.Generator, set picture.Set, panel *all.Panel, o Options) (*Report, error) {
	if o.N < 1 {
		return nil, fmt.Errorf("diagnose: %d pictures: want at least 1", o.N)
	}
	if !g.Takes().Words {
		return nil, fmt.Errorf("diagnose: the model %s takes no words: there is nothing to look up", g.Manifest.Name)
	}
	tell := o.Progress
	if tell == nil {
		tell = func(string, int, int) {}
	}
	r := &Report{Model: g.Manifest.Name, Digest: g.Digest, Root: o.Root, Code: code(), N: o.N, Seed: o.Seed}
	var words *lexicon
	if set != nil {
		var err error
		if words, err = read(ctx, set); err != nil {
			return nil, err
		}
		r.Training = words.n
		if want := g.Manifest.Data; o.Root != want.Root && o.Root != want.Basis.Root {
			r.Notes = append(r.Notes, "The model was made of another set, or of another version of this one: "+want.Root+".")
		}
	} else {
		r.Notes = append(r.Notes, "The training set is not at hand, so that nothing can be said about what it has: name it with --data.")
	}
	prompts := asked(o, words)
	samples, err := paint(ctx, g, o, prompts, tell)
	if err != nil {
		return nil, err
	}
	for i := range samples {
		if samples[i].findings, err = panel.Inspect(ctx, samples[i].picture); err != nil {
			return nil, err
		}
		tell("inspecting", i+1, len(samples))
	}
	var trained *looked
	if set != nil && o.Training > 0 {
		if trained, err = look(ctx, set, panel, o, tell); err != nil {
			return nil, err
		}
		r.Looked = trained.Pictures
	}
	r.count(panel, samples, trained)
	r.explain(samples, words)
	r.Advice = r.advise(words)
	return r, nil
}

// paint makes a picture of each prompt.
func paint(ctx context.Context, g *generate.Generator, o Options, prompts []prompt, tell func(string, int, int)) ([]sample, error) {
	texts := make([]string, len(prompts))
	for i, p := range prompts {
		texts[i] = p.text
	}
	made, err := g.MakeEach(ctx, generate.Request{Seed: o.Seed, N: 1, Steps: o.Steps}, texts, func(done, of int) { tell("painting", done, of) })
	if err != nil {
		return nil, err
	}
	if made.Images.Shape[0] != len(prompts) {
		return nil, errors.New("diagnose: the model made another number of pictures than was asked for")
	}
	out := make([]sample, len(prompts))
	for i, p := range prompts {
		out[i] = sample{prompt: p.text, concept: p.concept, picture: Image(made.Images, i)}
	}
	return out, nil
}

// Image is picture i of a tensor [n h w c] from 0 to 1, c being 1, 3 or 4.
func Image(t *tensor.Tensor, i int) *image.NRGBA {
	h, w, c := t.Shape[1], t.Shape[2], t.Shape[3]
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	values := t.Row(i)
	for p := range h * w {
		px := [4]float32{0, 0, 0, 1}
		copy(px[:], values[p*c:(p+1)*c])
		if c == 1 {
			px[1], px[2] = px[0], px[0]
		}
		for k, v := range px {
			m.Pix[4*p+k] = uint8(255*max(0, min(v, 1)) + .5)
		}
	}
	return m
}
