// Package demo shows in a few minutes what Limner does: it draws a set of
// pictures, trains a small VAE and a small GAN on it, and writes a page with
// what came out.
package demo

import (
	"context"
	_ "embed"
	"fmt"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/limner-ai/limner/dataset"
	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/internal/atomicfile"
	"github.com/limner-ai/limner/internal/grid"
	"github.com/limner-ai/limner/model"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/train"
)

//go:embed vae.yaml
var vaeRun []byte

//go:embed gan.yaml
var ganRun []byte

// Options are where the demonstration goes and who watches it.
type Options struct {
	Out      string // folder for everything
	Families []model.Family
	Progress io.Writer
	Terminal bool

	brief bool // two steps on a few pictures, for tests
}

const (
	columns = 8 // pictures in a line
	lines   = 4 // of reconstructions and interpolations
	seed    = 7
)

// Run trains both models and returns the path of the page.
func Run(ctx context.Context, o Options) (string, error) {
	start := time.Now()
	p := &page{}
	var set picture.Set
	for _, text := range [][]byte{vaeRun, ganRun} {
		cfg, err := o.config(text)
		if err != nil {
			return "", err
		}
		if set == nil {
			if set, err = dataset.Open(cfg.Data.Source); err != nil {
				return "", err
			}
			if err := o.real(p, set); err != nil {
				return "", err
			}
		}
		fmt.Fprintf(o.Progress, "training a %s on %d drawn pictures, %d steps of %d\n", title(cfg.Name), set.Len(), cfg.Train.Steps, cfg.Train.Batch)
		res, err := train.Run(ctx, cfg, train.Options{Families: o.Families, Overwrite: true, Progress: o.Progress, Terminal: o.Terminal})
		if err != nil {
			return "", fmt.Errorf("training the %s: %w", cfg.Name, err)
		}
		if err := o.show(p, cfg, res, set); err != nil {
			return "", fmt.Errorf("showing the %s: %w", cfg.Name, err)
		}
	}
	p.Seconds = time.Since(start).Seconds()
	p.Version = trained.CodeVersion()
	path := filepath.Join(o.Out, "index.html")
	return path, p.write(path)
}

// config is a run file of the demonstration with its place filled in.
func (o *Options) config(text []byte) (train.Config, error) {
	cfg, err := train.ParseConfig(text)
	if err != nil {
		return cfg, err
	}
	cfg.Out = filepath.Join(o.Out, cfg.Name)
	if o.brief {
		cfg.Train.Steps, cfg.Data.Count, cfg.Every.Pictures = 2, 400, 32
	}
	return cfg, cfg.Check()
}

func title(name string) string {
	if name == "vae" {
		return "VAE"
	}
	return "GAN"
}

// real shows what the models learn from, a line a class.
func (o *Options) real(p *page, set picture.Set) error {
	classes := set.Classes()
	h, w, c := set.Shape()
	t := tensor.New(len(classes)*columns, h, w, c)
	found := make([]int, len(classes))
	pixels := make([]float32, h*w*c)
	for i, left := 0, len(classes)*columns; left > 0 && i < set.Len(); i++ {
		l, err := set.Item(i, pixels)
		if err != nil {
			return err
		}
		if k := l.Class; found[k] < columns {
			copy(t.Row(k*columns+found[k]), pixels)
			found[k]++
			left--
			if p.Caption == "" {
				p.Caption = l.Caption
			}
		}
	}
	p.Count, p.Size = set.Len(), h
	return o.picture(&p.Real, "pictures.png", t, classes)
}

// show makes the pictures of one trained model.
func (o *Options) show(p *page, cfg train.Config, res train.Result, set picture.Set) error {
	g, err := generate.Open(res.Model, o.Families, 0)
	if err != nil {
		return err
	}
	defer g.Close()
	s := section{Name: title(cfg.Name), Steps: res.Iterations, Pictures: res.Iterations * cfg.Train.Batch,
		Seconds: res.Seconds, Model: res.Model, Digest: g.Digest}
	for _, t := range g.Weights {
		s.Parameters += len(t.Data)
	}
	if s.Curves, err = read(filepath.Join(cfg.Out, "curves.png")); err != nil {
		return err
	}
	samples, err := g.Sample(generate.Request{Seed: seed, N: columns, Truncation: 1})
	if err != nil {
		return err
	}
	if err := o.picture(&s.Samples, cfg.Name+"-samples.png", samples.Images, samples.Labels); err != nil {
		return err
	}
	walk, err := o.walk(g)
	if err != nil {
		return err
	}
	if err := o.picture(&s.Interpolation, cfg.Name+"-interpolation.png", walk, nil); err != nil {
		return err
	}
	if g.Has(model.UseReconstruct) {
		held := cfg.Data.Source
		held.Split = picture.Test
		test, err := dataset.Open(held)
		if err != nil {
			return err
		}
		both, err := reconstructions(g, test)
		if err != nil {
			return err
		}
		if err := o.picture(&s.Reconstructions, cfg.Name+"-reconstructions.png", both, nil); err != nil {
			return err
		}
	}
	p.Sections = append(p.Sections, s)
	return nil
}

// walk goes from one latent to another, a line a class.
func (o *Options) walk(g *generate.Generator) (*tensor.Tensor, error) {
	classes := g.Manifest.Pictures.Classes
	var all []float32
	var shape tensor.Shape
	for i := range lines {
		class := ""
		if len(classes) > 0 {
			class = classes[i*len(classes)/lines]
		}
		between, err := g.BetweenSeeds(seed+uint64(i), seed+100+uint64(i), class, columns)
		if err != nil {
			return nil, err
		}
		all = append(all, between.Images.Data...)
		shape = between.Images.Shape.Clone()
	}
	shape[0] *= lines
	return tensor.From(all, shape...), nil
}

// reconstructions are lines of held-out pictures, each above what the model
// makes of it.
func reconstructions(g *generate.Generator, test picture.Set) (*tensor.Tensor, error) {
	h, w, c := test.Shape()
	n := lines / 2 * columns
	real := tensor.New(n, h, w, c)
	labels := make([]int, n)
	for i := range n {
		l, err := test.Item(i, real.Row(i))
		if err != nil {
			return nil, err
		}
		labels[i] = l.Class
	}
	made, err := g.Reconstruct(real, labels)
	if err != nil {
		return nil, err
	}
	both := tensor.New(2*n, h, w, c)
	for i := range n {
		at := i/columns*2*columns + i%columns
		copy(both.Row(at), real.Row(i))
		copy(both.Row(at+columns), made.Row(i))
	}
	return both, nil
}

// picture draws a grid into the folder and into the page.
func (o *Options) picture(into *image64, name string, t *tensor.Tensor, labels []string) error {
	img, err := grid.Draw(t, grid.Options{Columns: columns, Scale: 2, Labels: labels})
	if err != nil {
		return err
	}
	path := filepath.Join(o.Out, name)
	if err := os.MkdirAll(o.Out, 0o755); err != nil {
		return err
	}
	if err := atomicfile.Write(path, 0o644, func(w io.Writer) error { return png.Encode(w, img) }); err != nil {
		return err
	}
	*into, err = read(path)
	return err
}
