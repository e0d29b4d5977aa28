package train

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/limner-ai/limner/dataset/loader"
	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
)

// run is a training run that is ready for its next iteration.
type run struct {
	cfg    Config
	opt    Options
	values map[string]any // the run file with everything filled in
	engine trained.Engine
	tutor  trained.Engine // the same at the precision of learning
	model  *trained.Model // shares its weights with the programs

	set    picture.Set
	root   *digest
	loader *loader.Loader
	inputs map[string][]float32 // what a program may read, by name
	prompt *prompter            // nil: the model takes no words
	codes  *codes               // nil: the model takes pictures

	names    []string // of the states
	states   map[string]*tensor.Tensor
	programs []program

	total, done int // iterations
	seen        int // pictures
	watch       *watch
	window      window
	last        map[string]float64 // the last line of the log
	metrics     map[string]float64 // the last of each metric
	record      *record
	progress    *progress
	validation  *validation    // nil: none
	real        *tensor.Tensor // pictures that are reconstructed
	realLabels  []int
	notes       []string // to say once progress is there

	started time.Time // of the whole run
	before  float64   // seconds of its earlier parts
	began   time.Time // of this part
	waiting time.Duration
	logged  mark
	closers []func() error
}

// mark is where the last line of the log was.
type mark struct {
	at      time.Time
	seen    int
	waiting time.Duration
}

// program is a step of an iteration.
type program struct {
	step    model.Step
	exe     trained.Executable
	metrics []string
	feeds   []feed
}

// feed copies an input of the run to where a program reads it.
type feed struct{ to, from []float32 }

func (r *run) onClose(f func() error) { r.closers = append(r.closers, f) }

// close undoes prepare, last things first.
func (r *run) close() error {
	var errs []error
	for i := len(r.closers) - 1; i >= 0; i-- {
		errs = append(errs, r.closers[i]())
	}
	r.closers = nil
	return errors.Join(errs...)
}

func (r *run) compile(m model.Model, t *model.Training) error {
	h, w, c := r.set.Shape()
	r.inputs = map[string][]float32{
		model.InputImages:   make([]float32, r.cfg.Train.Batch*h*w*c),
		model.InputLabels:   make([]float32, r.cfg.Train.Batch),
		model.InputProgress: make([]float32, 1),
		model.InputRate:     make([]float32, 1),
	}
	if worded, ok := m.(model.Worded); ok && worded.Tokens() > 0 {
		r.prompt = &prompter{worded, r.set, make([]float32, r.cfg.Train.Batch*worded.Tokens())}
		r.inputs[model.InputTokens] = r.prompt.tokens
	}
	if coded, ok := m.(model.Coded); ok {
		shape, err := codeShape(coded)
		if err != nil {
			return fmt.Errorf("model: %w", err)
		}
		r.inputs[model.InputCodes] = make([]float32, r.cfg.Train.Batch*shape.Size())
	}
	for _, s := range t.Steps {
		p := program{step: s}
		var outputs []*graph.Value
		for _, m := range s.Metrics {
			p.metrics = append(p.metrics, m.Name)
			outputs = append(outputs, m.Value)
		}
		exe, err := r.tutor.Load(outputs, s.Updates, r.states)
		if err != nil {
			return fmt.Errorf("compiling the step %q: %w", s.Name, err)
		}
		p.exe = exe
		for name, from := range r.inputs {
			in := exe.Input(name)
			if in == nil {
				continue
			}
			if len(in.Data) != len(from) {
				return fmt.Errorf("the step %q reads %s of shape %v, which %d values do not fill", s.Name, name, in.Shape, len(from))
			}
			p.feeds = append(p.feeds, feed{in.Data, from})
		}
		r.programs = append(r.programs, p)
	}
	return nil
}

// loop runs iterations until the end of the run or of ctx.
func (r *run) loop(ctx context.Context) error {
	for r.done < r.total {
		if err := r.iterate(); err != nil {
			return err
		}
		interrupted := ctx.Err() != nil
		if err := r.report(r.done == r.total, interrupted); err != nil {
			return err
		}
		if interrupted && r.done < r.total {
			r.progress.end()
			return &InterruptedError{r.done, r.cfg.Out}
		}
	}
	r.progress.end()
	return nil
}

// iterate runs every step of one iteration that is due.
func (r *run) iterate() error {
	drawn := false
	progress := float64(r.done) / float64(r.total)
	r.inputs[model.InputProgress][0] = float32(progress)
	r.inputs[model.InputRate][0] = float32(r.cfg.Train.rate(r.done, r.total))
	for _, p := range r.programs {
		if !p.step.Due(r.done, progress) {
			continue
		}
		if !drawn || p.step.FreshBatch {
			if err := r.draw(); err != nil {
				return err
			}
			drawn = true
		}
		for _, f := range p.feeds {
			copy(f.to, f.from)
		}
		if err := p.exe.Run(r.cfg.Train.Seed, uint32(r.done)); err != nil {
			return fmt.Errorf("step %d, %s: %w", r.done+1, p.step.Name, err)
		}
		for i, name := range p.metrics {
			v := float64(p.exe.Output(i).Data[0])
			if err := r.watch.see(r.done+1, name, v); err != nil {
				return r.diverged(err)
			}
			r.window.add(name, v)
		}
	}
	r.done++
	if r.opt.Each != nil {
		r.opt.Each(r.done, r.total, r.last)
	}
	return nil
}

// draw takes the next batch.
func (r *run) draw() error {
	from := time.Now()
	n, err := r.loader.Next(r.inputs[model.InputImages], r.inputs[model.InputLabels])
	r.waiting += time.Since(from)
	if err != nil {
		return fmt.Errorf("reading pictures: %w", err)
	}
	if r.prompt != nil {
		if err := r.prompt.fill(r.loader.Items(), r.cfg.Train.Seed, r.seen); err != nil {
			return err
		}
	}
	if r.codes != nil {
		r.codes.fill(r.inputs[model.InputCodes], r.loader.Items())
	}
	r.seen += n
	return nil
}

// report does what is due after an iteration: the log, the samples, the
// validation and the checkpoint.
func (r *run) report(end, interrupted bool) error {
	every := r.cfg.Every
	due := func(n int) bool { return n > 0 && (r.done%n == 0 || end) }
	save := due(every.Checkpoint) || interrupted || end
	if due(every.Log) || save {
		if err := finite(r.done, r.names, r.states); err != nil {
			return r.diverged(err)
		}
	}
	if due(every.Log) {
		if err := r.log(); err != nil {
			return err
		}
	}
	shown := r.last
	if len(shown) == 0 {
		shown = r.window.means() // until the first line of the log
	}
	r.progress.step(r.done, r.waiting, shown)
	if due(every.Validate) {
		if err := r.validate(); err != nil {
			return err
		}
	}
	if save {
		if err := r.save(); err != nil {
			return err
		}
	}
	if due(every.Sample) {
		if err := r.sample(); err != nil {
			return err
		}
	}
	if due(every.Log) || save {
		return r.record.flush()
	}
	return nil
}

// diverged adds to a DivergedError what is left of the run.
func (r *run) diverged(err error) error {
	r.progress.end()
	paths, _ := checkpoints(r.cfg.Out)
	if len(paths) == 0 {
		return fmt.Errorf("%w; no checkpoint had been saved yet", err)
	}
	return fmt.Errorf("%w; the last good checkpoint is %s", err, paths[len(paths)-1])
}

// seconds is the time spent in training so far, over all parts of the run.
func (r *run) seconds() float64 { return r.before + time.Since(r.began).Seconds() }
