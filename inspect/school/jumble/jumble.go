// Package jumble teaches the inspector of broken structure: pictures are
// spoilt in a place, and the network says where and how.
package jumble

import (
	"context"
	"fmt"
	"image"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/inspect/jumble"
	"github.com/limner-ai/limner/inspect/plane"
	"github.com/limner-ai/limner/inspect/school/corrupt"
	"github.com/limner-ai/limner/inspect/school/fit"
	"github.com/limner-ai/limner/inspect/school/gallery"
	"github.com/limner-ai/limner/inspect/school/lesson"
	"github.com/limner-ai/limner/nn"
)

// Lesson is the school's.
var Lesson = lesson.Lesson{Name: "jumble", Summary: "broken structure: melted, jumbled, broken, doubled", Fit: teach, Table: table}

// kinds of package corrupt, in the order of jumble.Faults.
var kinds = []string{"melt", "tiles", "break", "twice"}

const (
	batch   = 24
	steps   = 5000
	rate    = 2e-3
	cells   = jumble.Grid * jumble.Grid
	outputs = 1 + 4 // of the whole picture
)

// lesson's inputs.
const (
	pictures = "pictures"
	places   = "places"
	what     = "what"
)

func loss(s *nn.Scope) *graph.Value {
	g := s.Graph
	x := g.Input(pictures, batch, jumble.Side, jumble.Side, 4)
	at := g.Input(places, batch, jumble.Grid, jumble.Grid, 1)
	faults := g.Input(what, batch, outputs)
	logits, whole := jumble.Net(s, x)
	// Few cells are spoilt; those that are weigh three times.
	weight := at.MulScalar(2).AddScalar(1)
	return entropy(logits, at).Mul(weight).Mean().Add(entropy(whole, faults).Mean())
}

// entropy is the cross-entropy of the logistic of logits z, softplus(z) − y·z.
func entropy(z, y *graph.Value) *graph.Value { return z.Softplus().Sub(y.Mul(z)) }

func teach(ctx context.Context, d *lesson.Desk) error {
	g, err := d.Open(gallery.Fit)
	if err != nil {
		return err
	}
	defer g.Close()
	parts := d.Only
	if len(parts) == 0 {
		parts = []string{"niqe", "net", "scale"}
	}
	if slices.Contains(parts, "niqe") {
		if err := teachNIQE(d, g); err != nil {
			return err
		}
	}
	if slices.Contains(parts, "net") {
		if err := teachNet(ctx, d, g); err != nil {
			return err
		}
	}
	if slices.Contains(parts, "scale") {
		return tune(ctx, d)
	}
	return nil
}

// teachNet trains the network, which has no scale yet.
func teachNet(ctx context.Context, d *lesson.Desk, g *gallery.Gallery) error {
	use := g.Some(d.N)
	in := make(chan example, 2*batch)
	stop, cancel := context.WithCancel(ctx)
	defer cancel()
	failed := make(chan error, 1)
	go func() {
		defer close(in)
		for i := range uint64(steps * batch) {
			e, err := draw(g, use, d.Seed<<32+i)
			if err != nil {
				failed <- err
				return
			}
			select {
			case in <- e:
			case <-stop.Done():
				return
			}
		}
	}()
	start, err := before(d)
	if err != nil {
		return err
	}
	task := fit.Task{Start: start, Loss: loss, Steps: steps, Rate: rate, Decay: .02, Average: .998, Seed: d.Seed, Threads: 1,
		Feed: func(_ int, input func(string) []float32) error {
			for i := range batch {
				e, ok := <-in
				if !ok {
					return <-failed
				}
				copy(input(pictures)[i*len(e.picture):], e.picture)
				copy(input(places)[i*cells:], e.places)
				copy(input(what)[i*outputs:], e.what)
			}
			return nil
		}}
	weights, last, err := task.Run(ctx, d.Progress)
	if err != nil {
		return err
	}
	return save(d, g.Root, weights, last)
}

// before are the weights in the repository, if the lesson is told to go on from
// them.
func before(d *lesson.Desk) (map[string]*tensor.Tensor, error) {
	if !slices.Contains(d.Only, "more") {
		return nil, nil
	}
	file, err := os.ReadFile(filepath.Join(d.Root, "inspect", "jumble", "jumble.safetensors"))
	if err != nil {
		return nil, err
	}
	weights, _, err := jumble.Read(file)
	return weights, err
}

func save(d *lesson.Desk, root string, weights map[string]*tensor.Tensor, last float64) error {
	return fit.Save(filepath.Join(d.Root, "inspect", "jumble", "jumble.safetensors"), weights, map[string]string{
		"made":    "go run ./inspect/school fit jumble",
		"data":    root,
		"split":   "fit: four in five of the training pictures, by caption",
		"faults":  "melt, tiles, break and twice of inspect/school/corrupt, strengths 0 to 1; as many clean",
		"steps":   fmt.Sprintf("%d of %d pictures, AdamW, rate %g", steps, batch, rate),
		"seed":    fmt.Sprint(d.Seed),
		"loss":    fmt.Sprintf("%.4f", last),
		"licence": "Apache-2.0",
	})
}

// example is a picture for the network with what is wrong in it.
type example struct{ picture, places, what []float32 }

// draw makes the i-th example.
func draw(g *gallery.Gallery, use []int, i uint64) (example, error) {
	random := rand.New(rand.NewPCG(i, 77))
	m, err := g.Image(use[random.IntN(len(use))])
	if err != nil {
		return example{}, err
	}
	m = corrupt.Jitter(m, random)
	var mask *plane.Plane
	e := example{places: make([]float32, cells), what: make([]float32, outputs)}
	switch p := random.Float64(); {
	case p < .6:
		which := random.IntN(len(kinds))
		k, err := corrupt.Named(kinds[which])
		if err != nil {
			return e, err
		}
		if r, ok := k[0].Apply(m, random.Float64(), i); ok {
			m, mask = r.Image, r.Mask
			e.what[0], e.what[1+which] = 1, 1
		}
	case p < .68:
		// Softness is no broken structure.
		k, err := corrupt.Named("blur-part")
		if err != nil {
			return e, err
		}
		if r, ok := k[0].Apply(m, random.Float64(), i); ok {
			m = r.Image
		}
	}
	if mask != nil {
		shares := plane.Resize(mask, jumble.Grid, jumble.Grid)
		for j, v := range shares.V {
			if v > .25 {
				e.places[j] = 1
			}
		}
	}
	e.picture = jumble.Input(wear(m, random, i))
	return e, nil
}

// wear blurs a little, adds a little noise or compresses, as pictures from
// anywhere are, so that the network cannot learn how faults are made.
func wear(m *image.NRGBA, random *rand.Rand, seed uint64) *image.NRGBA {
	try := func(name string, strength float64) {
		k, err := corrupt.Named(name)
		if err != nil {
			return
		}
		if r, ok := k[0].Apply(m, strength, seed); ok {
			m = r.Image
		}
	}
	if random.Float64() < .25 {
		try("blur", .1*random.Float64())
	}
	if random.Float64() < .2 {
		try("noise", .1*random.Float64())
	}
	if random.Float64() < .1 {
		try("jpeg", .3*random.Float64())
	}
	return m
}
