// Package likelihood measures how probable held-out pictures are under a
// model with a bound on log p(x): the evidence lower bound and the
// importance-weighted bound of many draws.
package likelihood

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/limner-ai/limner/dataset/loader"
	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/compile"
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
)

// DefaultDraws is the k of the literature since Burda et al. (2016).
const DefaultDraws = 5000

const (
	// batch is how many pictures share a run of the decoder. Noise belongs to
	// a picture's place in its batch, so it is the same for every model.
	batch = 8
	// rows is how many latents a run decodes at most: enough for products
	// near the processor's peak, few enough to stay near the caches.
	rows = 2000
	// floats bounds the values of the decoded pictures of a run.
	floats = 2 << 20
)

// Options are the choices of a measurement.
type Options struct {
	Draws    int            // k; 0: DefaultDraws
	Seed     uint64         // of the latents and of binarisation
	Progress func(Progress) // called now and then; nil: not
}

// Progress is how far a measurement is.
type Progress struct {
	Pictures, Total int // measured, and to measure
	Decoded         int // latents so far
	Elapsed         time.Duration
	ETA             time.Duration
	IWAE            float64 // mean of the pictures measured, nats
}

// Rate is latents decoded a second.
func (p Progress) Rate() float64 { return float64(p.Decoded) / max(p.Elapsed.Seconds(), 1e-9) }

// Result holds the bounds and the protocol that they were measured by.
// Bounds are means over the pictures, in nats a picture, of quantities that
// are at most log p(x); errors are standard errors of the mean.
type Result struct {
	Pictures    int     `json:"pictures"`
	Draws       int     `json:"draws"` // k, a picture
	Seed        uint64  `json:"seed"`
	Batch       int     `json:"batch"`       // pictures a run, and
	Chunk       int     `json:"chunk"`       // draws a run: with the seed they fix every number drawn
	Binarised   bool    `json:"binarised"`   // each picture once, by the seed, before the first draw
	Conditional bool    `json:"conditional"` // log p(x|y): the model is told the class
	ELBO        float64 `json:"elbo"`        // Kingma and Welling (2014), equation 7, over k draws
	ELBOError   float64 `json:"elbo_error"`
	Rec         float64 `json:"reconstruction"` // E log p(x|z)
	KL          float64 `json:"kl"`             // KL(q(z|x) ‖ p(z))
	IWAE        float64 `json:"iwae"`           // Burda et al. (2016), equation 8, with k draws
	IWAEError   float64 `json:"iwae_error"`
	// Effective is the mean effective number of draws, (Σw)²/Σw². Far below
	// k, the bound is loose because q misses the posterior.
	Effective float64 `json:"effective_draws"`
	// BitsPerDim is −IWAE in bits for each number of a picture.
	BitsPerDim float64 `json:"bits_per_dim"`
	Seconds    float64 `json:"seconds"`
}

// Measure bounds log p(x) of every picture of a set. The result depends on
// the model, the set, the draws and the seed alone.
//
// Pictures are taken in order, eight at a time, and a model that binarises
// sees each binarised once. When ctx ends, Measure returns the result of the
// pictures measured until then and an error that wraps the cause.
func Measure(ctx context.Context, m *trained.Model, engine trained.Engine, set picture.Set, opt Options) (Result, error) {
	if opt.Draws == 0 {
		opt.Draws = DefaultDraws
	}
	if opt.Draws < 1 {
		return Result{}, fmt.Errorf("likelihood: want at least 1 draw, not %d", opt.Draws)
	}
	h, w, c := set.Shape()
	r := &run{m: m, opt: opt, total: set.Len(), dims: h * w * c, began: time.Now()}
	r.chunk = min(opt.Draws, max(1, min(rows, floats/r.dims)/batch))
	if err := r.compile(engine, tensor.S(h, w, c), set.Classes() != nil); err != nil {
		return Result{}, fmt.Errorf("likelihood: %w", err)
	}
	l, err := loader.New(ctx, set, loader.Options{Batch: batch, Epochs: 1})
	if err != nil {
		return Result{}, fmt.Errorf("likelihood: %w", err)
	}
	defer l.Close()
	err = r.loop(ctx, l)
	if err != nil {
		err = fmt.Errorf("likelihood: %w", err)
	}
	return r.result(), err
}

// run is a measurement on its way.
type run struct {
	m   *trained.Model
	opt Options

	prepare *trained.Call // nil: the model sees pictures as they are
	exe     trained.Executable
	images  *tensor.Tensor // [batch h w c], input
	labels  *tensor.Tensor // [batch], input; nil: not conditional
	weights *tensor.Tensor // [batch chunk], output

	elbo, rec, kl   term
	iwae, effective moments

	chunk, total, dims int
	decoded            int
	began              time.Time
}

// term is an output [batch] that is averaged over the chunks of a picture
// and then over pictures.
type term struct {
	out *tensor.Tensor
	sum [batch]float64
	moments
}

func (t *term) add() {
	for i, x := range t.out.Data {
		t.sum[i] += float64(x)
	}
}

// end counts the first n pictures of a batch.
func (t *term) end(n, chunks int) {
	for _, s := range t.sum[:n] {
		t.moments.add(s / float64(chunks))
	}
	t.sum = [batch]float64{}
}

func (r *run) compile(engine trained.Engine, shape tensor.Shape, labelled bool) error {
	b, ok := r.m.Model.(model.Bounder)
	if !ok {
		return fmt.Errorf("a model of the family %s has no bound on the likelihood", r.m.Manifest.Family)
	}
	call, err := b.Bound(batch, r.chunk)
	if err != nil {
		return err
	}
	if r.exe, err = engine.Load(values(call), nil, r.m.Weights); err != nil {
		return fmt.Errorf("compiling the bound: %w", err)
	}
	for i, o := range call.Outputs {
		switch o.Name {
		case "elbo":
			r.elbo.out = r.exe.Output(i)
		case "rec":
			r.rec.out = r.exe.Output(i)
		case "kl":
			r.kl.out = r.exe.Output(i)
		case "log_weight":
			r.weights = r.exe.Output(i)
		}
	}
	r.images, r.labels = r.exe.Input(model.InputImages), r.exe.Input(model.InputLabels)
	switch {
	case r.images == nil || r.weights == nil || r.elbo.out == nil || r.rec.out == nil || r.kl.out == nil:
		return errors.New("the model's bound lacks a part")
	case !r.images.Shape[1:].Equal(shape):
		return fmt.Errorf("the model wants pictures of %v, the set has %v", r.images.Shape[1:], shape)
	}
	if r.labels != nil && !labelled {
		return errors.New("the model wants a class for each picture, the set has none")
	}
	if r.m.Has(model.UsePrepare) {
		r.prepare, err = r.m.Call(model.UsePrepare, batch)
	}
	return err
}

// loop takes the set batch by batch. The places of the last batch that no
// picture fills keep what was there before and are not counted.
func (r *run) loop(ctx context.Context, l *loader.Loader) error {
	classes := make([]float32, batch)
	seeds := tensor.Philox{Seed: r.opt.Seed, Stream: tensor.StreamOf("likelihood")}
	for b := 0; ; b++ {
		n, err := l.Next(r.images.Data, classes)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if r.labels != nil {
			copy(r.labels.Data, classes)
		}
		if r.prepare != nil {
			copy(r.prepare.Input(model.InputImages).Data, r.images.Data)
			if err := r.prepare.Run(r.opt.Seed, uint32(b)); err != nil {
				return err
			}
			copy(r.images.Data, r.prepare.Output("images").Data)
		}
		w := seeds.Block(uint64(b))
		if err := r.batch(ctx, n, uint64(w[0])<<32|uint64(w[1])); err != nil {
			return err
		}
	}
}

// batch measures the first n pictures of a batch, a chunk of draws a time.
func (r *run) batch(ctx context.Context, n int, seed uint64) error {
	var sums [batch]logMean
	chunks := 0
	for at := 0; at < r.opt.Draws; at += r.chunk {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := r.exe.Run(seed, uint32(chunks)); err != nil {
			return err
		}
		chunks++
		r.elbo.add()
		r.rec.add()
		r.kl.add()
		for i := range n {
			sums[i].add(r.weights.Row(i)[:min(r.chunk, r.opt.Draws-at)])
		}
		r.decoded += n * r.chunk
		r.report()
	}
	for i := range n {
		v := sums[i].value()
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("the bound of picture %d is %v: the model's weights have diverged", r.iwae.n, v)
		}
		r.iwae.add(v)
		r.effective.add(sums[i].effective())
	}
	r.elbo.end(n, chunks)
	r.rec.end(n, chunks)
	r.kl.end(n, chunks)
	return nil
}

func (r *run) report() {
	if r.opt.Progress == nil {
		return
	}
	p := Progress{Pictures: r.iwae.n, Total: r.total, Decoded: r.decoded, Elapsed: time.Since(r.began), IWAE: r.iwae.mean}
	draws := (r.opt.Draws + r.chunk - 1) / r.chunk * r.chunk
	if all := r.total * draws; r.decoded > 0 {
		p.ETA = time.Duration(float64(p.Elapsed) * float64(all-r.decoded) / float64(r.decoded))
	}
	r.opt.Progress(p)
}

func (r *run) result() Result {
	return Result{
		Pictures: r.iwae.n, Draws: r.opt.Draws, Seed: r.opt.Seed, Batch: batch, Chunk: r.chunk,
		Binarised: r.prepare != nil, Conditional: r.labels != nil,
		ELBO: r.elbo.mean, ELBOError: r.elbo.error(), Rec: r.rec.mean, KL: r.kl.mean,
		IWAE: r.iwae.mean, IWAEError: r.iwae.error(), Effective: r.effective.mean,
		BitsPerDim: -r.iwae.mean / (math.Ln2 * float64(r.dims)),
		Seconds:    time.Since(r.began).Seconds(),
	}
}

// FLOPs is what one draw for one picture costs, in floating-point operations.
func FLOPs(m model.Model) (float64, error) {
	b, ok := m.(model.Bounder)
	if !ok {
		return 0, errors.New("likelihood: the model has no bound")
	}
	const draws = 16
	call, err := b.Bound(1, draws)
	if err != nil {
		return 0, fmt.Errorf("likelihood: %w", err)
	}
	program, err := compile.Compile(values(call), nil)
	if err != nil {
		return 0, fmt.Errorf("likelihood: %w", err)
	}
	total := 0.
	for _, s := range program.Steps {
		total += float64(s.FLOPs())
	}
	return total / draws, nil
}

func values(call *model.Call) []*graph.Value {
	var all []*graph.Value
	for _, o := range call.Outputs {
		all = append(all, o.Value)
	}
	return all
}
