// Package generate makes pictures with a trained model from prompts: a class,
// a seed, a picture, or two of them to go between.
//
// A picture depends on the model, the seed, its index and its class alone:
// not on how many others are made with it, nor on the number of threads.
package generate

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/internal/nearest"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
)

// Generator is an open model. It is for one goroutine at a time.
type Generator struct {
	*trained.Model
	cpu *trained.CPU
}

// Open verifies the model at path, a file or the folder of a run, and makes
// it ready. The caller closes it.
func Open(path string, families []model.Family, threads int) (*Generator, error) {
	cpu := trained.NewCPU(threads)
	m, err := trained.Open(path, families, cpu)
	if err != nil {
		cpu.Close()
		return nil, err
	}
	return &Generator{m, cpu}, nil
}

// Close stops the generator's workers.
func (g *Generator) Close() { g.cpu.Close() }

// Item says what a picture was made from.
type Item struct {
	Seed       uint64
	Index      int
	Class      int // -1: none
	ClassName  string
	Truncation float64
	How        string // "", or variation, interpolation, original, reconstruction
}

// Pictures are what a request gives.
type Pictures struct {
	Images *tensor.Tensor // [n h w c] in [0, 1]
	Items  []Item
	// Columns and Labels lay them out: a line for each class where there are
	// several.
	Columns int
	Labels  []string
}

// Classes returns the index of the named class, or of all classes if name is
// "". A model that takes no class gives a single -1, and refuses a name.
func (g *Generator) Classes(name string) ([]int, error) {
	conditional, err := g.Conditional()
	if err != nil {
		return nil, err
	}
	names := g.Manifest.Pictures.Classes
	switch {
	case !conditional && name != "":
		return nil, fmt.Errorf("the model %s makes pictures without classes: leave out the class", g.Manifest.Name)
	case !conditional:
		return []int{-1}, nil
	case name == "":
		all := make([]int, len(names))
		for i := range all {
			all[i] = i
		}
		return all, nil
	}
	if i := slices.IndexFunc(names, func(s string) bool { return plain(s) == plain(name) }); i >= 0 {
		return []int{i}, nil
	}
	hint := nearest.Hint(name, names)
	if hint == "" {
		hint = "; its classes are " + strings.Join(names[:min(len(names), 20)], ", ")
	}
	return nil, fmt.Errorf("the model %s has no class %q%s", g.Manifest.Name, name, hint)
}

// plain is a name without what people leave out or write otherwise.
func plain(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return strings.ContainsRune(" -_/", r) }), " ")
}

// Request asks for new pictures.
type Request struct {
	Class      string // "": all classes
	Seed       uint64
	First, N   int     // pictures First up to First+N of the seed, of each class
	Truncation float64 // of the prior; 1: all of it
}

// Sample draws from the prior.
func (g *Generator) Sample(q Request) (*Pictures, error) {
	switch {
	case q.N < 1 || q.First < 0:
		return nil, fmt.Errorf("cannot make %d pictures from number %d on: want at least 1, from 0 on", q.N, q.First)
	case !(q.Truncation > 0) || math.IsInf(q.Truncation, 0):
		return nil, fmt.Errorf("truncation %v: want a number above 0; 1 is the whole prior", q.Truncation)
	}
	classes, err := g.Classes(q.Class)
	if err != nil {
		return nil, err
	}
	z, err := g.Latent()
	if err != nil {
		return nil, err
	}
	rows := trained.Latents(q.Seed, q.First, q.N, z)
	p, err := g.decode(rows, classes, q.Truncation)
	if err != nil {
		return nil, err
	}
	for i := range p.Items {
		p.Items[i].Seed, p.Items[i].Index = q.Seed, q.First+i%q.N
	}
	return p, nil
}

// decode makes the pictures of the latents [n z] for each class in turn.
func (g *Generator) decode(rows *tensor.Tensor, classes []int, truncation float64) (*Pictures, error) {
	n, z := rows.Shape[0], rows.Shape[1]
	all := tensor.New(n*len(classes), z)
	p := &Pictures{}
	var labels []int
	for k, class := range classes {
		copy(all.Data[k*n*z:], rows.Data)
		item := Item{Class: class, ClassName: g.className(class), Truncation: truncation}
		for range n {
			labels = append(labels, max(0, class))
			p.Items = append(p.Items, item)
		}
		if len(classes) > 1 {
			p.Labels = append(p.Labels, item.ClassName)
			p.Columns = n
		}
	}
	var err error
	p.Images, err = g.Model.Sample(all, labels, truncation)
	return p, err
}

func (g *Generator) className(class int) string {
	if class < 0 {
		return ""
	}
	return g.Manifest.Pictures.Classes[class]
}

var errNoEncoder = errors.New("it has no encoder: pictures as prompts need a VAE")

// encoder says whether the model can take pictures in.
func (g *Generator) encoder() error {
	if !g.Has(model.UseEncode) {
		return fmt.Errorf("the model %s (%s) cannot take a picture: %w", g.Manifest.Name, g.Manifest.Family, errNoEncoder)
	}
	return nil
}
