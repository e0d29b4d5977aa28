package main

import (
	"os"

	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/model/box"
	"github.com/limner-ai/limner/model/family"
	"github.com/limner-ai/limner/model/trained"
)

// openModel opens what the user calls a model; no name is the model that comes
// with Limner, which is also found by its name where no other has it.
func openModel(name string, engine trained.Engine) (*trained.Model, error) {
	if boxed(name) {
		return box.Open(family.All(), engine)
	}
	return trained.Open(findModel(name), family.All(), engine)
}

// openPart opens a model that a run file names, for its weights.
func openPart(name string) (*trained.Model, error) { return openModel(name, nil) }

// boxed reports whether a name stands for the model that comes with Limner.
func boxed(name string) bool {
	if name == "" {
		return true
	}
	_, err := os.Stat(findModel(name))
	return err != nil && name == box.Name
}

// inTheBox is what the model that comes with Limner says about itself.
func inTheBox() (path string, m trained.Manifest, digest string, err error) {
	opened, err := box.Open(family.All(), nil)
	if err != nil {
		return "", m, "", err
	}
	return "comes with Limner", opened.Manifest, opened.Digest, nil
}

// openGenerator is openModel for making pictures on this processor.
func openGenerator(name string, threads int) (*generate.Generator, error) {
	cpu := trained.NewCPU(threads)
	m, err := openModel(name, cpu)
	var g *generate.Generator
	if err == nil {
		g, err = generate.New(m, cpu)
	}
	if err != nil {
		cpu.Close()
		return nil, err
	}
	return g, nil
}
