package train

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"path/filepath"
	"time"

	"github.com/limner-ai/limner/dataset/loader"
	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/internal/atomicfile"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
)

// begin makes the run ready for its first iteration, or for the one after its
// newest checkpoint.
func (r *run) begin(ctx context.Context, t *model.Training) (err error) {
	r.watch, r.window = newWatch(r.cfg.Guard), window{}
	r.last, r.metrics = map[string]float64{}, map[string]float64{}
	var start loader.Position
	if r.opt.Resume {
		if start, err = r.restore(t); err != nil {
			return err
		}
	}
	if coded, ok := r.model.Model.(model.Coded); ok {
		if r.codes, err = r.encodeSet(coded, r.set); err != nil {
			return fmt.Errorf("encoding the pictures: %w", err)
		}
	}
	order := loader.Options{
		Batch: r.cfg.Train.Batch, Seed: r.cfg.Train.Seed, Shuffle: true, Flip: r.cfg.Data.Flip,
		Drop: true, Workers: 2, Prefetch: 8, Start: start,
	}
	var notes []string
	if order.Groups, order.Each, notes, err = r.cfg.Data.order(r.set); err != nil {
		return err
	}
	r.notes = append(r.notes, notes...)
	// The loader outlives ctx: an interrupted iteration is finished.
	r.loader, err = loader.New(context.WithoutCancel(ctx), r.set, order)
	if err != nil {
		return err
	}
	r.onClose(func() error { r.loader.Close(); return nil })
	r.progress = newProgress(r.opt.Progress, r.opt.Terminal, r.total, r.done, r.cfg.Train.Batch)
	h, w, c := r.set.Shape()
	r.progress.say("training %s (%s) on %d pictures of %d×%d×%d: %d steps of %d, seed %d, into %s",
		r.cfg.Name, r.model.Manifest.Family, r.set.Len(), h, w, c, r.total, r.cfg.Train.Batch, r.cfg.Train.Seed, r.cfg.Out)
	for _, s := range r.notes {
		r.progress.say("%s", s)
	}
	if !r.opt.Resume {
		if err := r.clear(); err != nil {
			return err
		}
	}
	if r.record, err = openRecord(r.cfg.Out, r.cfg.Name, r.opt.Resume, r.done, r.opt.plain); err != nil {
		return err
	}
	r.onClose(r.record.close)
	text, err := r.cfg.YAML()
	if err != nil {
		return err
	}
	err = atomicfile.Write(filepath.Join(r.cfg.Out, configFile), 0o644, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
	if err != nil {
		return err
	}
	if skipped := picture.Skipped(r.set); len(skipped) > 0 {
		r.progress.say("%d pictures cannot be read and are left out; the first: %v", len(skipped), &skipped[0])
	}
	if r.validation, err = openValidation(r.cfg, r.model.Model); err != nil {
		r.progress.say("no validation: %v", err)
	}
	r.began = time.Now()
	r.logged = mark{r.began, r.seen, 0}
	return nil
}

// restore takes everything from the newest sound checkpoint.
func (r *run) restore(t *model.Training) (loader.Position, error) {
	file, c, damaged, err := latest(r.cfg.Out)
	if err != nil {
		return loader.Position{}, err
	}
	if file == nil {
		return loader.Position{}, fmt.Errorf("there is no checkpoint in %s to resume from: begin the run without --resume", r.cfg.Out)
	}
	defer file.Close()
	for _, err := range damaged {
		r.notes = append(r.notes, fmt.Sprintf("%v; going on from an older checkpoint, of step %d", err, c.Iteration))
	}
	if err := changed(c.Config, r.values); err != nil {
		return loader.Position{}, err
	}
	if c.Total != r.total && !r.stretchable(c.Iteration) {
		return loader.Position{}, fmt.Errorf("train.steps: the run was to have %d iterations and now has %d, and its schedules depend on that: change it back to resume, or begin a new run in another folder (out)", c.Total, r.total)
	}
	root, err := r.root.wait()
	if err != nil {
		return loader.Position{}, err
	}
	if root.String() != c.Data {
		return loader.Position{}, fmt.Errorf("data: the pictures are not those that the run began with (their digest is %.19s… and was %.19s…): restore them to resume, or begin a new run in another folder (out)", root, c.Data)
	}
	if err := restore(file, checkpointPath(r.cfg.Out, c.Iteration), t.States, r.states); err != nil {
		return loader.Position{}, err
	}
	// What the run began with may be gone by now; the checkpoint knows it.
	if m, _, err := trained.ReadManifest(checkpointPath(r.cfg.Out, c.Iteration)); err == nil {
		r.model.Manifest.From, r.model.Manifest.Parts = m.From, m.Parts
	}
	r.done, r.seen, r.before, r.started = c.Iteration, c.Images, c.Seconds, c.Started
	if c.Window != nil {
		r.window = c.Window
	}
	maps.Copy(r.metrics, c.Metrics)
	r.notes = append(r.notes, fmt.Sprintf("resuming after step %d of %d", r.done, r.total))
	return c.Position, nil
}

// stretchable reports whether what is learnt after an iteration does not
// depend on where the run ends.
func (r *run) stretchable(done int) bool {
	for _, p := range r.programs {
		if p.exe.Input(model.InputProgress) != nil {
			return false
		}
	}
	return r.cfg.Train.Schedule.Kind == "constant" && r.cfg.Train.Schedule.Warmup <= done
}

// log records the means of the metrics since the last time.
func (r *run) log() error {
	r.last = r.window.take()
	maps.Copy(r.metrics, r.last)
	line := maps.Clone(r.last)
	line["schedule/rate"] = r.cfg.Train.rate(r.done-1, r.total)
	now := time.Now()
	took := max(now.Sub(r.logged.at).Seconds(), 1e-9)
	line["speed/images"] = float64(r.seen-r.logged.seen) / took
	line["wait/data"] = (r.waiting - r.logged.waiting).Seconds() / took
	r.logged = mark{now, r.seen, r.waiting}
	return r.record.scalars(r.done, line)
}

// save writes the checkpoint, then the model file.
func (r *run) save() error {
	root, err := r.root.wait()
	if err != nil {
		return err
	}
	m := &r.model.Manifest
	m.Data.Root = root.String()
	m.Made.Started, m.Made.Finished = r.started, time.Now().UTC()
	m.Made.Seconds, m.Made.Iterations, m.Made.Images = r.seconds(), r.done, r.seen
	m.Metrics = map[string]float64{} // JSON has no NaN
	for name, v := range r.metrics {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			m.Metrics[name] = v
		}
	}
	c := checkpoint{
		Iteration: r.done, Total: r.total, Position: r.loader.Position(), Config: r.values,
		Data: root.String(), Code: m.Made.Code, Started: r.started, Seconds: r.seconds(),
		Images: r.seen, Window: r.window, Metrics: m.Metrics,
	}
	if err := c.save(r.cfg.Out, r.cfg.Keep, r.states, *m); err != nil {
		return err
	}
	return r.model.Save(filepath.Join(r.cfg.Out, trained.FileName))
}

func (r *run) result() Result {
	res := Result{
		Model: filepath.Join(r.cfg.Out, trained.FileName), Iterations: r.done, Metrics: r.metrics,
		Seconds: r.seconds(), Waiting: r.progress.waited(),
	}
	res.Skipped, _ = r.loader.Skipped()
	res.Skipped += len(picture.Skipped(r.set))
	return res
}
