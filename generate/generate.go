// Package generate makes pictures with a trained model from prompts: words, a
// class, a seed, a picture and a mask, or two of them to go between.
//
// A picture depends on the model, the request, its seed, its index and its
// class alone: not on how many others are made with it, nor on the number of
// threads.
package generate

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/limner-ai/limner/internal/nearest"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
)

// Generator is an open model. It is for one goroutine at a time.
type Generator struct {
	*trained.Model
	cpu     *trained.CPU
	painter Painter
}

// Open verifies the model at path, a file or the folder of a run, and makes
// it ready. The caller closes it.
func Open(path string, families []model.Family, threads int) (*Generator, error) {
	cpu := trained.NewCPU(threads)
	g, err := open(path, families, cpu)
	if err != nil {
		cpu.Close()
		return nil, err
	}
	return g, nil
}

func open(path string, families []model.Family, cpu *trained.CPU) (*Generator, error) {
	m, err := trained.Open(path, families, cpu)
	if err != nil {
		return nil, err
	}
	return New(m, cpu)
}

// New makes a model ready that runs on cpu, which the generator's Close stops.
func New(m *trained.Model, cpu *trained.CPU) (*Generator, error) {
	p, err := painterOf(m)
	if err != nil {
		return nil, err
	}
	if a, ok := p.(*adversarial); ok {
		a.engine = cpu
	}
	return &Generator{m, cpu, p}, nil
}

// Close stops the generator's workers.
func (g *Generator) Close() { g.cpu.Close() }

// Takes says what the model wants to be told.
func (g *Generator) Takes() Takes { return g.painter.Takes() }

// Classes returns the index of the named class, or of all classes if name is
// "". A model that takes no class gives a single -1, and refuses a name.
func (g *Generator) Classes(name string) ([]int, error) {
	names := g.Manifest.Pictures.Classes
	switch conditional := g.painter.Takes().Classes; {
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

// classesFor are the classes of a request: the named one, that of the picture
// that is given, or all.
func (g *Generator) classesFor(ctx context.Context, q *Request) ([]int, error) {
	classes, err := g.Classes(q.Class)
	if err != nil || len(classes) == 1 {
		return classes, err
	}
	image := q.Image
	switch {
	case q.Style != nil:
		image = q.Style
	case endImage(q.From) != nil:
		image = q.From.Image
	case endImage(q.To) != nil:
		image = q.To.Image
	}
	if image == nil {
		return classes, nil
	}
	r, ok := g.painter.(Recogniser)
	if !ok {
		return nil, fmt.Errorf("the model %s wants to be told the class of a picture", g.Manifest.Name)
	}
	return r.Recognise(ctx, image)
}

// plain is a name without what people leave out or write otherwise.
func plain(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return strings.ContainsRune(" -_/", r) }), " ")
}

func (g *Generator) className(class int) string {
	if class < 0 {
		return ""
	}
	return g.Manifest.Pictures.Classes[class]
}
