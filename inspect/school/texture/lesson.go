// Package texture is the lesson of the inspector texture: faults of borders and
// surfaces put into clean pictures, the head that names them, and the table of
// what it can do.
package texture

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"path/filepath"

	"github.com/limner-ai/limner/inspect/calibrate"
	"github.com/limner-ai/limner/inspect/school/gallery"
	"github.com/limner-ai/limner/inspect/school/lesson"
	"github.com/limner-ai/limner/inspect/school/logistic"
	"github.com/limner-ai/limner/inspect/texture"
	"github.com/limner-ai/limner/internal/atomicfile"
)

// Lesson is the lesson.
var Lesson = lesson.Lesson{
	Name:    "texture",
	Summary: "borders that are smeared or run over, foreign and lost texture, traces of upsampling",
	Fit:     fit,
	Table:   table,
}

const (
	fitted     = 2600 // pictures
	tuned      = 1600
	ofSound    = 40 // cells of each clean picture
	ofFaulty   = 48 // and of each spoilt one
	falseShare = .03
)

// record says where a head comes from.
type record struct {
	Set      string  `json:"set"`
	Command  string  `json:"command"`
	Seed     uint64  `json:"seed"`
	Pictures int     `json:"pictures"`
	Cells    int     `json:"cells"`
	Tuned    int     `json:"tuned"`
	Loss     float64 `json:"loss"` // of the last epoch, nats a cell
}

func fit(ctx context.Context, d *lesson.Desk) error {
	h := &texture.Head{}
	var rec record
	all, err := examples(ctx, d, h, &rec)
	if err != nil {
		return err
	}
	rec.Cells, rec.Seed, rec.Command = len(all), d.Seed, "go run ./inspect/school fit texture"
	train(h, all, d.Seed, func(epoch int, loss float64) {
		rec.Loss = loss
		fmt.Fprintf(d.Progress, "epoch %d: %.4f nats\n", epoch, loss)
	})
	if err := scale(ctx, d, h, &rec); err != nil {
		return err
	}
	if h.Record, err = json.Marshal(rec); err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(d.Root, "inspect", "texture", "head.json"), 0o644, func(w io.Writer) error {
		return json.NewEncoder(w).Encode(rounded(h))
	})
}

// examples measures clean and spoilt pictures of the split Fit, and the
// statistics of the clean ones.
func examples(ctx context.Context, d *lesson.Desk, h *texture.Head, rec *record) ([]example, error) {
	g, err := d.Open(gallery.Fit)
	if err != nil {
		return nil, err
	}
	defer g.Close()
	r := rand.New(rand.NewPCG(d.Seed, 1))
	var all []example
	n := fitted
	if d.N > 0 {
		n = d.N
	}
	for at, i := range g.Some(n) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m, err := g.Image(i)
		if err != nil {
			return nil, err
		}
		all = sampled(all, texture.Measure(m), nil, 0, ofSound, r)
		for t := range 2 {
			kind := (2*at + t) % len(faults)
			other, err := g.Image(r.IntN(g.Len()))
			if err != nil {
				return nil, err
			}
			if bad, mask, ok := spoil(faults[kind], m, other, r.Float64(), r); ok {
				all = sampled(all, texture.Measure(bad), mask, kind+1, ofFaulty, r)
			}
		}
		if at%100 == 0 {
			fmt.Fprintf(d.Progress, "%d pictures, %d cells\n", at, len(all))
		}
	}
	rec.Set, rec.Pictures = g.Root, n
	statistics(h, all)
	return all, nil
}

// statistics are the mean and the deviation of each input over sound cells.
func statistics(h *texture.Head, all []example) {
	n := len(all[0].input)
	sum, two, count := make([]float64, n), make([]float64, n), 0.
	for _, e := range all {
		if e.class > 0 {
			continue
		}
		count++
		for i, v := range e.input {
			sum[i] += float64(v)
			two[i] += float64(v) * float64(v)
		}
	}
	for i := range n {
		mean := sum[i] / count
		h.Mean = append(h.Mean, float32(mean))
		h.Deviation = append(h.Deviation, float32(math.Sqrt(max(two[i]/count-mean*mean, 1e-6))))
	}
}

// scale fits the score's weights and its scale on the split Tune.
func scale(ctx context.Context, d *lesson.Desk, h *texture.Head, rec *record) error {
	g, err := d.Open(gallery.Tune)
	if err != nil {
		return err
	}
	defer g.Close()
	r := rand.New(rand.NewPCG(d.Seed, 2))
	var sound, faulty [][]float64
	styles := map[string][][]float64{}
	n := tuned
	if d.N > 0 {
		n = d.N
	}
	for at, i := range g.Some(n) {
		if err := ctx.Err(); err != nil {
			return err
		}
		m, err := g.Image(i)
		if err != nil {
			return err
		}
		clean := summary(h, texture.Measure(m))
		sound = append(sound, clean)
		styles[style(g.Name(i))] = append(styles[style(g.Name(i))], clean)
		other, err := g.Image(r.IntN(g.Len()))
		if err != nil {
			return err
		}
		if bad, _, ok := spoil(faults[at%len(faults)], m, other, r.Float64(), r); ok {
			faulty = append(faulty, summary(h, texture.Measure(bad)))
		}
	}
	if h.Weights, err = logistic.Fit(sound, faulty, 1e-3); err != nil {
		return err
	}
	scores := func(rows [][]float64) (list []float64) {
		for _, x := range rows {
			list = append(list, logistic.Score(h.Weights, x))
		}
		return list
	}
	if h.Scale, err = calibrate.Fit(scores(sound), scores(faulty), 24, falseShare); err != nil {
		return err
	}
	// Of no style may more be called faulty than of all.
	for _, rows := range styles {
		h.Scale.Threshold = max(h.Scale.Threshold, calibrate.Threshold(scores(rows), falseShare))
	}
	h.Scale.FalseShare = calibrate.Above(scores(sound), h.Scale.Threshold)
	rec.Tuned = len(sound)
	return nil
}

func summary(h *texture.Head, c *texture.Cells) []float64 {
	chances := make([][]float64, len(c.Inputs))
	for i, x := range c.Inputs {
		chances[i] = h.Chances(x)
	}
	return texture.Summary(c, chances)
}

// rounded keeps five digits of each weight: more are never told apart.
func rounded(h *texture.Head) *texture.Head {
	for _, list := range append(append([][]float32{h.Mean, h.Deviation}, h.Hidden...), h.Out...) {
		for i, v := range list {
			if v != 0 {
				digits := math.Pow(10, 5-math.Ceil(math.Log10(math.Abs(float64(v)))))
				list[i] = float32(math.Round(float64(v)*digits) / digits)
			}
		}
	}
	return h
}
