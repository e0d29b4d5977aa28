package train

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/limner-ai/limner/dataset"
	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/kernel/isa"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/internal/basis"
	"github.com/limner-ai/limner/internal/nearest"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
)

// Options are what a run needs beside its run file.
type Options struct {
	Families []model.Family
	// Open opens the models that a run file names; nil: model files and folders
	// of runs alone.
	Open      func(path string) (*trained.Model, error)
	Engine    trained.Engine // nil: this processor
	Resume    bool           // continue from the newest checkpoint
	Overwrite bool           // begin anew where an earlier run has checkpoints
	Progress  io.Writer      // nil: none
	Terminal  bool           // Progress is a terminal: one line that changes

	// Each, if not nil, is called after every iteration, and the run waits for
	// it. The metrics are those of the last line of the log.
	Each func(done, total int, metrics map[string]float64)

	plain bool // draw no curves; for tests
}

func (o Options) opener() opener { return opener{o.Families, o.Open} }

// Result is what a run leaves.
type Result struct {
	Model      string // path of the model file
	Iterations int
	Metrics    map[string]float64 // the last of each
	Seconds    float64            // spent in training, over all parts of the run
	Waiting    float64            // share of this part's time spent waiting for pictures
	Skipped    int                // pictures that could not be read
}

// InterruptedError says that a run was stopped from outside and saved.
type InterruptedError struct {
	Step int
	Out  string
}

func (e *InterruptedError) Error() string {
	return fmt.Sprintf("stopped after step %d; everything is saved in %s", e.Step, e.Out)
}

// Run trains as the run file says. When ctx ends it finishes the iteration,
// saves, and returns an *InterruptedError; a later Run with Resume continues
// as if nothing had happened. A *DivergedError leaves the last checkpoint as
// it was.
func Run(ctx context.Context, cfg Config, opt Options) (res Result, err error) {
	if err := cfg.Check(); err != nil {
		return res, err
	}
	if opt.Progress == nil {
		opt.Progress = io.Discard
	}
	r, err := prepare(ctx, cfg, opt)
	if err != nil {
		return res, err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	err = r.loop(ctx)
	return r.result(), err
}

// Resolve opens the data and builds the model, and returns the run file with
// everything filled in.
func Resolve(cfg Config, opt Options) (Config, error) {
	if err := cfg.Check(); err != nil {
		return cfg, err
	}
	set, err := openSet(&cfg)
	if err != nil {
		return cfg, err
	}
	_, err = build(&cfg, set, opt.opener(), nil)
	return cfg, err
}

// openSet opens the training split and writes its extent into cfg.
func openSet(cfg *Config) (picture.Set, error) {
	set, err := dataset.Open(cfg.Data.Source)
	if err != nil {
		return nil, err
	}
	h, w, c := set.Shape()
	if cfg.Data.Split == "" {
		cfg.Data.Split = picture.Train
	}
	cfg.Data.Channels = c
	if h == w {
		cfg.Data.Size = h
	}
	return set, nil
}

// Learning rates, if the run file gives none: that of Adam's paper for models
// with a likelihood or a score, that of the GAN papers for others.
const (
	likelihoodRate  = 1e-3
	adversarialRate = 2e-4
)

// built is the model of a run and what it is made from.
type built struct {
	model    model.Model
	pictures model.Pictures
	parts    map[string]*trained.Model // by the scope of their weights
	earlier  *trained.Model            // that the run begins with; nil: none
}

// origins is where the parts come from, by name: files of their own, or the
// model that the run begins with.
func (b built) origins(family string) map[string]trained.Origin {
	all := map[string]trained.Origin{}
	if b.earlier != nil && b.earlier.Manifest.Family == family {
		maps.Copy(all, b.earlier.Manifest.Parts)
	}
	for name, p := range b.parts {
		all[name] = originOf(p)
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

// build makes the model for the pictures of a set and writes its whole
// configuration into cfg. kept is what a run that is resumed says of its model:
// what it began with may be gone by then. nil: it begins.
func build(cfg *Config, set picture.Set, open opener, kept *trained.Manifest) (b built, err error) {
	h, w, c := set.Shape()
	b.pictures = model.Pictures{Height: h, Width: w, Channels: c, Classes: set.Classes()}
	name, err := cfg.Model.Name("family")
	if err != nil {
		return b, fmt.Errorf("model: %w", err)
	}
	var names []string
	for _, f := range open.families {
		names = append(names, f.Name())
		if f.Name() != name {
			continue
		}
		if cfg.Train.From != "" && kept == nil {
			if b.earlier, err = open.earlier(cfg.Train.From, f); err != nil {
				return b, err
			}
			kept = &b.earlier.Manifest
		}
		if err := inherit(cfg, f, kept); err != nil {
			return b, err
		}
		if err := learnWords(cfg, f, set, kept); err != nil {
			return b, fmt.Errorf("model: %w", err)
		}
		if b.parts, err = openParts(cfg, f, open); err != nil {
			return b, fmt.Errorf("model: %w", err)
		}
		decode := func(dst any) error { return cfg.Model.Decode("family", dst) }
		if caught := graph.Catch(func() { b.model, err = f.New(b.pictures, decode) }); caught != nil {
			err = caught
		}
		if err == nil {
			cfg.Model, err = NewSection("family", name, b.model.Config())
		}
		if err != nil {
			return b, fmt.Errorf("model: %w", err)
		}
		if cfg.Train.Rate == 0 {
			cfg.Train.Rate = adversarialRate
			if slices.Contains(b.model.Uses(), model.UseBound) || slices.Contains(b.model.Uses(), model.UseScore) {
				cfg.Train.Rate = likelihoodRate
			}
		}
		return b, nil
	}
	if name == "" {
		return b, fmt.Errorf("model.family: say which of %v to train", names)
	}
	return b, fmt.Errorf("model.family: unknown family %q%s", name, nearest.Hint(name, names))
}

// prepare opens, builds, compiles and restores; it leaves the run ready for
// its next iteration.
func prepare(ctx context.Context, cfg Config, opt Options) (r *run, err error) {
	r = &run{opt: opt, began: time.Now(), started: time.Now().UTC()}
	defer func() {
		if err != nil {
			r.close()
		}
	}()
	if r.set, err = openSet(&cfg); err != nil {
		return r, err
	}
	var kept *trained.Manifest
	if opt.Resume && cfg.Train.From != "" {
		kept = begun(cfg.Out)
	}
	b, err := build(&cfg, r.set, opt.opener(), kept)
	if err != nil {
		return r, err
	}
	r.cfg = cfg
	r.total = cfg.Train.Iterations(r.set.Len())
	if r.values, err = cfg.values(); err != nil {
		return r, err
	}
	if err = r.claim(); err != nil {
		return r, err
	}
	if r.engine = opt.Engine; r.engine == nil {
		cpu := trained.NewCPU(cfg.Train.Threads)
		r.engine = cpu
		r.onClose(func() error { cpu.Close(); return nil })
	}
	if err = r.setPrecision(cfg.Train.Precision); err != nil {
		return r, err
	}
	var training *model.Training
	if caught := graph.Catch(func() { training, err = b.model.Training(cfg.Train.Batch) }); caught != nil {
		err = caught
	}
	if err != nil {
		return r, fmt.Errorf("model: %w", err)
	}
	r.initialise(training)
	var from *trained.Origin
	if !opt.Resume {
		if b.earlier != nil {
			if from, err = r.continueFrom(cfg.Train, b.earlier, b.parts); err != nil {
				return r, err
			}
		}
		if err = r.adopt(b.parts); err != nil {
			return r, err
		}
	}
	if err = r.compile(b.model, training); err != nil {
		return r, err
	}
	manifest, err := r.manifest(b)
	if err != nil {
		return r, err
	}
	manifest.From = from
	r.model = trained.New(b.model, manifest, r.states, r.engine)
	r.root = digestOf(ctx, r.set)
	r.onClose(func() error { r.root.stop(); return nil })
	return r, r.begin(ctx, training)
}

// claim makes sure that no other run is lost in the folder of this one.
func (r *run) claim() error {
	old, err := checkpoints(r.cfg.Out)
	if err != nil {
		return err
	}
	if len(old) > 0 && !r.opt.Resume && !r.opt.Overwrite {
		return fmt.Errorf("%s already holds a run: continue it with --resume, replace it with --overwrite, or name another folder (out)", r.cfg.Out)
	}
	return nil
}

// clear removes what an earlier run left, once this one is sure to begin.
func (r *run) clear() error {
	for _, name := range []string{checkpointFolder, samplesFolder, eventsFolder, historyFile, curvesFile, trained.FileName, configFile} {
		if err := os.RemoveAll(filepath.Join(r.cfg.Out, name)); err != nil {
			return fmt.Errorf("cannot clear %s: %w", r.cfg.Out, err)
		}
	}
	return nil
}

// initialise fills every state from the stream that belongs to its name. The
// step is one that no iteration reaches, so that initial weights share no
// numbers with the noise of training.
func (r *run) initialise(t *model.Training) {
	r.states = make(map[string]*tensor.Tensor, len(t.States))
	for _, s := range t.States {
		if r.states[s.Name] != nil {
			continue
		}
		v := tensor.New(s.Shape...)
		s.Init(v.Data, s.Shape, tensor.Philox{Seed: r.cfg.Train.Seed, Stream: tensor.StreamOf(s.Name), Step: ^uint32(0)})
		r.states[s.Name] = v
		r.names = append(r.names, s.Name)
	}
}

// manifest is what the model file will say, as far as it is known now.
func (r *run) manifest(b built) (trained.Manifest, error) {
	family, err := r.cfg.Model.Name("family")
	if err != nil {
		return trained.Manifest{}, err
	}
	config, err := r.cfg.Model.Values()
	if err != nil {
		return trained.Manifest{}, err
	}
	delete(config, "family")
	source := r.values["data"].(map[string]any)
	m := trained.Manifest{Name: r.cfg.Name, Family: family, Pictures: b.pictures}
	if m.Config, err = json.Marshal(config); err != nil {
		return m, err
	}
	if m.Data.Source, err = json.Marshal(source); err != nil {
		return m, err
	}
	m.Parts = b.origins(family)
	m.Data.Pictures = r.set.Len()
	if m.Data.Basis, err = basis.Of(r.set); err != nil {
		return m, fmt.Errorf("data: %w", err)
	}
	r.notes = append(r.notes, "rights in the pictures: "+m.Data.Basis.String())
	threads := r.cfg.Train.Threads
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	m.Made = trained.Made{
		Place:   r.cfg.Place,
		Machine: fmt.Sprintf("%s/%s %s, %d threads, %s", runtime.GOOS, runtime.GOARCH, isa.Active(), threads, r.cfg.Train.Precision),
		Code:    trained.CodeVersion(),
		Seed:    r.cfg.Train.Seed,
	}
	return m, nil
}
