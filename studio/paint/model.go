package paint

import (
	"errors"
	"time"

	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/box"
	"github.com/limner-ai/limner/model/family"
	"github.com/limner-ai/limner/model/trained"
)

// Model is what a client may know of a model.
type Model struct {
	Name     string         `json:"name"`
	Family   string         `json:"family"`
	Digest   string         `json:"digest"` // of the model file
	Offers   []string       `json:"offers"` // see generate.Generator.Offers
	Takes    generate.Takes `json:"takes"`
	Width    int            `json:"width"` // of a picture, in pixels
	Height   int            `json:"height"`
	Channels int            `json:"channels"`
	Classes  []string       `json:"classes,omitempty"`
	Sampling model.Sampling `json:"sampling,omitzero"`  // as its maker would; of a model that takes steps
	Strides  bool           `json:"strides,omitempty"`  // 1, 2, 4 and 8 steps were taught
	Root     string         `json:"root,omitempty"`     // of the data set
	Rights   string         `json:"rights"`             // a line for people
	Licences map[string]int `json:"licences,omitempty"` // pictures that it and its parts learnt from, by licence
	Made     time.Time      `json:"made"`
	Boxed    bool           `json:"boxed,omitempty"` // comes with Limner

	Manifest trained.Manifest `json:"-"` // what its file says
}

// look opens a file to see what it holds.
func look(p place) (Model, error) {
	cpu := trained.NewCPU(1)
	m, err := read(p.path, cpu)
	if err != nil {
		cpu.Close()
		return Model{}, err
	}
	g, err := generate.New(m, cpu)
	if err != nil {
		cpu.Close()
		return Model{}, err
	}
	defer g.Close()
	return describe(g, p.path == ""), nil
}

// read opens a model file; "" is the model that comes with Limner.
func read(path string, cpu *trained.CPU) (*trained.Model, error) {
	if path == "" {
		return box.Open(family.All(), cpu)
	}
	m, err := trained.Open(path, family.All(), cpu)
	if err != nil {
		// The error names the path, which is nobody's business but the owner's.
		return nil, errors.New("its file is damaged, or of another version")
	}
	return m, nil
}

func describe(g *generate.Generator, boxed bool) Model {
	p, d := g.Manifest.Pictures, g.Manifest.Data
	m := Model{
		Family: g.Manifest.Family, Digest: g.Digest, Offers: g.Offers(), Takes: g.Takes(),
		Width: p.Width, Height: p.Height, Channels: p.Channels,
		Root: d.Root, Manifest: g.Manifest, Rights: g.Rights(), Licences: g.Manifest.Licences(), Made: g.Manifest.Made.Finished, Boxed: boxed,
	}
	if m.Takes.Classes {
		m.Classes = p.Classes
	}
	if f, ok := g.Model.Model.(model.Flow); ok {
		m.Sampling, m.Strides = f.Sampling(), f.Strides()
	}
	return m
}
