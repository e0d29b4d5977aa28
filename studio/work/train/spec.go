// Package train is the studio's worker that trains models. A run is a folder of
// the studio's runs, the same that limner train makes: stopped or killed, it
// goes on from its newest checkpoint.
package train

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/limner-ai/limner/studio/work/place"
	trainer "github.com/limner-ai/limner/train"
)

// Kind is the name of the worker.
const Kind = "train"

// Spec is what a client asks for: a recipe and what a form fills in, or a run
// file, or that an earlier run goes on. Sets and runs are named as the listings
// name them.
type Spec struct {
	Run    string `json:"run"` // its name, and that of its folder
	Resume bool   `json:"resume,omitempty"`

	Recipe      string  `json:"recipe,omitempty"`
	Set         string  `json:"set,omitempty"`
	Size        int     `json:"size,omitempty"`   // side of the pictures, in pixels; 0: the set's
	Images      int     `json:"images,omitempty"` // pictures to see in all; with resume, a new end
	Batch       int     `json:"batch,omitempty"`
	Rate        float64 `json:"rate,omitempty"`
	Seed        uint64  `json:"seed,omitempty"`
	Autoencoder string  `json:"autoencoder,omitempty"` // a run that the recipe builds on
	Words       string  `json:"words,omitempty"`       // likewise

	Config string `json:"config,omitempty"` // a run file, instead of a recipe
}

const (
	maxConfig = 64 << 10 // bytes of a run file
	maxBatch  = 1024
	maxKeep   = 20
)

// errBegun says that a run's folder is taken.
var errBegun = errors.New("there is a run of that name already: continue it, or choose another name")

func parse(raw json.RawMessage) (Spec, error) {
	var s Spec
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return s, fmt.Errorf("this is no specification of a training: %w", err)
	}
	return s, nil
}

// Check refuses what cannot be trained. It opens the set and builds the model.
func (w *Worker) Check(ctx context.Context, raw json.RawMessage) (json.RawMessage, error) {
	s, err := parse(raw)
	if err != nil {
		return nil, err
	}
	if s.Resume {
		if s.Recipe != "" || s.Config != "" || s.Set != "" || s.Batch != 0 || s.Size != 0 || s.Rate != 0 || s.Seed != 0 {
			return nil, errors.New("resume: a run goes on as it began; only images, its end, can be given anew")
		}
		if _, err := w.o.Places.FindRun(s.Run); err != nil {
			return nil, err
		}
		if s.Images < 0 {
			return nil, errors.New("images: want a positive number")
		}
		return json.Marshal(s)
	}
	if s, err = w.name(s); err != nil {
		return nil, err
	}
	cfg, err := w.config(s)
	if err != nil {
		return nil, err
	}
	if err := w.resolve(ctx, cfg); err != nil {
		return nil, err
	}
	return json.Marshal(s)
}

// name holds that the run has a name that is free. A run file may give it.
func (w *Worker) name(s Spec) (Spec, error) {
	if len(s.Config) > maxConfig {
		return s, fmt.Errorf("config: a run file of %d bytes; at most %d are read", len(s.Config), maxConfig)
	}
	if s.Run == "" && s.Config != "" {
		cfg, err := trainer.ParseConfig([]byte(s.Config))
		if err != nil {
			return s, fmt.Errorf("config: %w", err)
		}
		s.Run = cfg.Name
	}
	if s.Run == "" {
		return s, errors.New("run: give the run a name")
	}
	dir, err := w.o.Places.Run(s.Run)
	if err != nil {
		return s, fmt.Errorf("run: %w", err)
	}
	if taken(dir) {
		return s, fmt.Errorf("run: %w", errBegun)
	}
	return s, nil
}

// config is the run file of a specification that is not resumed.
func (w *Worker) config(s Spec) (cfg trainer.Config, err error) {
	switch {
	case s.Config != "" && (s.Recipe != "" || s.Set != "" || s.Images != 0 || s.Batch != 0 || s.Rate != 0 || s.Seed != 0 || s.Size != 0):
		return cfg, errors.New("config: with a run file, nothing else but the name can be given")
	case s.Config != "":
		if cfg, err = trainer.ParseConfig([]byte(s.Config)); err != nil {
			return cfg, fmt.Errorf("config: %w", err)
		}
	default:
		if cfg, err = s.fill(); err != nil {
			return cfg, err
		}
	}
	if cfg, err = named(cfg, w.o.Places); err != nil {
		return cfg, err
	}
	cfg.Name = s.Run
	if cfg.Out, err = w.o.Places.Run(s.Run); err != nil {
		return cfg, err
	}
	cfg.Train.Threads = w.threads()
	switch {
	case cfg.Train.Batch > maxBatch:
		return cfg, fmt.Errorf("train.batch: want at most %d, not %d", maxBatch, cfg.Train.Batch)
	case cfg.Keep > maxKeep:
		return cfg, fmt.Errorf("keep: want at most %d, not %d", maxKeep, cfg.Keep)
	}
	return cfg, cfg.Check()
}

// resolve builds the model once. A tokeniser is not learnt for that: it takes
// its time, and the run does it.
func (w *Worker) resolve(ctx context.Context, cfg trainer.Config) error {
	w.resolving.Lock() // one set in memory at a time
	defer w.resolving.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	family, err := cfg.Model.Name("family")
	if err != nil {
		return err
	}
	if family == "contrast" {
		return nil
	}
	if _, err = trainer.Resolve(cfg, trainer.Options{Families: w.o.Families, Open: w.open}); err != nil {
		return bare(err, w.o.Places)
	}
	return nil
}

// taken reports whether a folder holds anything of a run that must not be lost.
func taken(dir string) bool {
	for _, name := range []string{"run.yaml", "model.safetensors", "checkpoints", "metrics.jsonl"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			return true
		}
	}
	return false
}

// bare leaves the folders of this machine out of an error that a client reads.
func bare(err error, p place.Places) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	dirs := append([]string{string(p.Home), p.Runs}, p.Sets...)
	for _, n := range p.Named {
		dirs = append(dirs, n.Path)
		text = strings.ReplaceAll(text, n.Path+":", n.Name+":")
	}
	for _, dir := range dirs {
		if filepath.IsAbs(dir) {
			text = strings.ReplaceAll(text, filepath.Clean(dir)+string(filepath.Separator), "")
		}
	}
	if text == err.Error() {
		return err
	}
	return errors.New(text)
}
