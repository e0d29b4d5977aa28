//go:build ignore

// Freeze makes a built-in feature space of a trained classifier: it measures
// the classifier on the held-out pictures of its own data, writes that into
// the model file, and prints the digest to pin in frozen.go.
//
//	limner train evaluate/feature/shapes.yaml
//	go run evaluate/feature/freeze.go runs/shapes-features evaluate/feature/shapes.safetensors
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"

	"github.com/limner-ai/limner/dataset"
	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/evaluate/feature"
	"github.com/limner-ai/limner/model/family"
	"github.com/limner-ai/limner/model/trained"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("freeze wants the folder of a run and the file to write")
	}
	if err := freeze(os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

func freeze(from, to string) error {
	engine := trained.NewCPU(0)
	defer engine.Close()
	m, err := trained.Open(from, family.All(), engine)
	if err != nil {
		return err
	}
	var src picture.Source
	if err := json.Unmarshal(m.Manifest.Data.Source, &src); err != nil {
		return err
	}
	src.Split, src.Count = picture.Test, 10_000
	set, err := dataset.Open(src)
	if err != nil {
		return err
	}
	space, err := feature.New(m)
	if err != nil {
		return err
	}
	d, err := space.DescribeSet(context.Background(), set, nil)
	if err != nil {
		return err
	}
	right, n := d.Right()
	if m.Manifest.Metrics == nil {
		m.Manifest.Metrics = map[string]float64{}
	}
	m.Manifest.Metrics[feature.AccuracyMetric] = right
	if err := m.Save(to); err != nil {
		return err
	}
	_, digest, err := trained.ReadManifest(to)
	fmt.Printf("%.4f of %d held-out pictures named correctly\n%s\n", right, n, digest)
	return err
}
