// Package runs shows training runs to clients: what they learn from and how,
// their curves, and the pictures that they drew on the way.
package runs

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/limner-ai/limner/studio/work/place"
	"github.com/limner-ai/limner/train"
)

// Run is what is shown of a run.
type Run struct {
	Name     string    `json:"name"`
	Family   string    `json:"family"`
	Set      string    `json:"set"` // name or kind
	Size     int       `json:"size,omitempty"`
	Channels int       `json:"channels,omitempty"`
	Batch    int       `json:"batch"`
	Rate     float64   `json:"rate"`
	Seed     uint64    `json:"seed"`
	Images   int       `json:"images,omitempty"` // that it is to see; 0: not known without its set
	Step     int64     `json:"step"`             // of the last line of its log
	Changed  time.Time `json:"changed"`
	Model    bool      `json:"model"`      // there is a model to paint with
	Saved    bool      `json:"checkpoint"` // it can go on
	Samples  []Sample  `json:"samples"`
	Broken   string    `json:"broken,omitempty"` // why its run file cannot be read
}

// Sample is a drawing that the run made.
type Sample struct {
	File string `json:"file"`
	Kind string `json:"kind"` // step: made from nothing; reconstructions: given back
	Step int    `json:"step"`
}

var sampleFile = regexp.MustCompile(`^(step|reconstructions)-([0-9]{6,12})\.png$`)

// read looks at the folder of a run.
func read(dir string) (Run, error) {
	r := Run{Name: filepath.Base(dir), Samples: []Sample{}}
	cfg, err := train.ReadConfig(filepath.Join(dir, "run.yaml"))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return r, err
	case err != nil:
		r.Broken = "its run file cannot be read by this version"
	default:
		r.describe(cfg)
	}
	for _, name := range []string{"run.yaml", "metrics.jsonl"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil && info.ModTime().After(r.Changed) {
			r.Changed = info.ModTime().UTC()
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "model.safetensors")); err == nil {
		r.Model = true
	}
	found, _ := filepath.Glob(filepath.Join(dir, "checkpoints", "step-*.safetensors")) // the pattern is sound
	r.Saved = len(found) > 0
	if r.Samples, err = samples(dir); err != nil {
		return r, err
	}
	r.Step = lastStep(filepath.Join(dir, "metrics.jsonl"))
	return r, nil
}

func (r *Run) describe(cfg train.Config) {
	r.Family, _ = cfg.Model.Name("family") // a section that was read has one
	r.Set = cfg.Data.Kind
	if cfg.Data.Path != "" {
		r.Set = filepath.Base(cfg.Data.Path) // where it lies is no client's business
	}
	r.Size, r.Channels = cfg.Data.Size, cfg.Data.Channels
	r.Batch, r.Rate, r.Seed = cfg.Train.Batch, cfg.Train.Rate, cfg.Train.Seed
	r.Images = cmp.Or(cfg.Train.Images, cfg.Train.Steps*cfg.Train.Batch)
}

// samples lists the drawings by step.
func samples(dir string) ([]Sample, error) {
	entries, err := os.ReadDir(filepath.Join(dir, "samples"))
	if errors.Is(err, fs.ErrNotExist) {
		return []Sample{}, nil
	}
	if err != nil {
		return nil, err
	}
	out := []Sample{}
	for _, e := range entries {
		m := sampleFile.FindStringSubmatch(e.Name())
		if m == nil {
			continue
		}
		if step, err := strconv.Atoi(m[2]); err == nil {
			out = append(out, Sample{e.Name(), m[1], step})
		}
	}
	slices.SortFunc(out, func(a, b Sample) int {
		return cmp.Or(cmp.Compare(a.Step, b.Step), strings.Compare(b.Kind, a.Kind))
	})
	return out, nil
}

// all lists the runs, the one that changed last first.
func all(p place.Places) ([]Run, error) {
	names, err := p.RunNames()
	if err != nil {
		return nil, err
	}
	out := []Run{}
	for _, name := range names {
		dir, err := p.Run(name)
		if err != nil {
			continue
		}
		if r, err := read(dir); err == nil {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b Run) int { return b.Changed.Compare(a.Changed) })
	return out, nil
}
