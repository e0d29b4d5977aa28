package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/limner-ai/limner/internal/bench"
	"github.com/limner-ai/limner/model/family"
	"github.com/limner-ai/limner/model/safetensors"
	"github.com/limner-ai/limner/model/sampler"
	"github.com/limner-ai/limner/model/trained"
)

// sampling is how a flow model is timed.
type sampling struct {
	steps    int
	guidance float64
}

const (
	guided    = 3 // the guidance of rows that have one
	coldSteps = 4 // of the first picture of a process
)

// sampled are the rows of a model, by what comes after sample/MODEL/.
var sampled = []struct {
	name string
	sampling
}{
	{"1", sampling{1, 1}}, {"4", sampling{4, 1}}, {"20", sampling{20, 1}},
	{"1-guided", sampling{1, guided}}, {"4-guided", sampling{4, guided}}, {"20-guided", sampling{20, guided}},
}

// modelJobs are the rows of the flow model that is timed.
func (b *benchmark) modelJobs() []job {
	label := "flow"
	if b.model != "" {
		label = strings.TrimSuffix(filepath.Base(filepath.Clean(b.model)), ".safetensors")
	}
	var out []job
	for _, s := range sampled {
		out = append(out, job{name: "sample/" + label + "/" + s.name, kind: "paint", sampling: s.sampling})
	}
	return append(out, job{name: "sample/" + label + "/cold", kind: "cold", sampling: sampling{coldSteps, 1}})
}

// flowModel is the model that is timed, opened or made when it is first asked
// for, and its file, which is made for the cold start if it is on noise.
type flowModel struct {
	path    string // "": on noise
	threads int
	cpu     *trained.CPU
	sampler *sampler.Sampler
	folder  string // of a file that goes when all is done
}

// open makes the model ready.
func (f *flowModel) open() (*sampler.Sampler, error) {
	if f.sampler != nil {
		return f.sampler, nil
	}
	if f.cpu == nil {
		f.cpu = trained.NewCPU(f.threads)
	}
	m, err := bench.Flow(f.cpu)
	if f.path != "" {
		m, err = trained.Open(findModel(f.path), family.All(), f.cpu)
	}
	if err != nil {
		return nil, err
	}
	f.sampler, err = sampler.New(m)
	return f.sampler, err
}

// file is the model's own, or one of half-precision noise.
func (f *flowModel) file() (string, error) {
	s, err := f.open()
	if err != nil {
		return "", err
	}
	if f.path != "" {
		return findModel(f.path), nil
	}
	if f.folder == "" {
		if f.folder, err = os.MkdirTemp("", "limner-bench"); err != nil {
			return "", fmt.Errorf("a folder for the model: %w", err)
		}
	}
	path := filepath.Join(f.folder, "flow.safetensors")
	return path, s.SaveAs(path, safetensors.BF16)
}

func (f *flowModel) close() {
	if f.cpu != nil {
		f.cpu.Close()
	}
	if f.folder != "" {
		os.RemoveAll(f.folder)
	}
}
