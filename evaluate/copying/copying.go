// Package copying tells how many of a generator's pictures are copies of its
// training pictures. A picture counts as one if the training picture nearest
// to it is less than a third as far away as the nearest one that is no
// near-duplicate of that: the test of Yoon et al., "Diffusion Probabilistic
// Models Generalize when They Fail to Memorize" (2023), with clusters. It is
// made of what pictures look like, after small changes of place, size and
// colour have been undone, and of their features (as Somepalli et al.,
// "Diffusion Art or Digital Forgery?", 2023, do); either is enough.
//
// What such a detector finds is worth what it would have found: every
// measurement plants copies of training pictures, disturbed as generators
// disturb them, and reports how many it recalls, and how many real pictures of
// other things it takes for copies.
package copying

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/tensor"
)

// Threshold is the ratio d1/d2 below which a picture is a copy.
const Threshold = 1. / 3

// Space says in what a pair is close.
type Space string

// The two spaces.
const (
	Pixels   Space = "pixels"
	Features Space = "features"
)

// Report is what was found.
type Report struct {
	N         int     `json:"n"`      // samples
	Copies    int     `json:"copies"` // in either space
	Share     float64 `json:"share"`
	Pixels    int     `json:"pixels"`             // by what they look like
	Features  *int    `json:"features,omitempty"` // by their features, if there are any
	Training  int     `json:"training"`           // pictures that they were held against
	Threshold float64 `json:"threshold"`          // of d1/d2
	Near      float64 `json:"near"`               // see Near
	// Recall is the share of planted copies that are found, of each
	// disturbance and of all.
	Planted int                `json:"planted"`
	Recall  float64            `json:"recall"`
	Of      map[string]float64 `json:"recall_of"`
	// FalseAlarms is the share of so many real pictures of other things that
	// count as copies.
	HeldOut     int     `json:"held_out,omitempty"`
	FalseAlarms float64 `json:"false_alarms"`
	// Leaving is what leaves the product; nil: not measured.
	Leaving *Leaving `json:"leaving,omitempty"`
	// Worst are the pairs with the least ratio, copies or not.
	Worst []Pair `json:"worst"`
}

// Leaving says how many are copies of the pictures that are given out, where others
// take the place of some.
type Leaving struct {
	Replaced int     `json:"replaced"`
	Copies   int     `json:"copies"`
	Share    float64 `json:"share"`
	// Flagged are pictures that say that they are too near to a training picture, since
	// all that were made in their place were too. Unsaid are the copies that do not.
	Flagged int `json:"flagged"`
	Unsaid  int `json:"unsaid"`
}

// Pair is a sample and the training picture that is nearest to it.
type Pair struct {
	Sample   int     `json:"sample"`
	Training int     `json:"training"`
	Name     string  `json:"name"` // of the training picture: where it comes from
	Caption  string  `json:"caption,omitempty"`
	Licence  string  `json:"licence,omitempty"` // of the training picture
	Holders  string  `json:"holders,omitempty"` // of the rights in it
	Space    Space   `json:"space"`             // in which the ratio is least
	D1       float64 `json:"d1"`
	D2       float64 `json:"d2"`
	Ratio    float64 `json:"ratio"`
	Copy     bool    `json:"copy"`
}

const (
	mostPairs  = 24
	perKind    = 25  // planted copies of each disturbance
	mostAlarms = 500 // real pictures that are held against the training pictures
)

// Options are what a measurement may have beside pictures.
type Options struct {
	Seed uint64
	// HeldOut are real pictures of other things than the training pictures
	// show; nil: none.
	HeldOut picture.Set
	// Describe gives the features [n d] of images [n h w c], and Training is
	// what it gives for all training pictures; nil: pictures are compared by
	// their looks alone.
	Describe func(images *tensor.Tensor) (*tensor.Tensor, error)
	Training *tensor.Tensor
	Progress func(done, total int) // nil: none
	// Instead are pictures [1 h w c] that are given out in the place of samples, by
	// the samples' numbers; nil: it is not known.
	Instead map[int]*tensor.Tensor
	// Flagged are the samples that leave and say that they are too near.
	Flagged map[int]bool
}

// Measure looks for samples [n h w c] among the training pictures.
func Measure(ctx context.Context, samples *tensor.Tensor, train picture.Set, opt Options) (*Report, error) {
	if samples.Shape.Rank() != 4 || samples.Shape[0] == 0 {
		return nil, errors.New("copying: no samples")
	}
	if (opt.Describe == nil) != (opt.Training == nil) {
		return nil, errors.New("copying: features of samples and of training pictures go together")
	}
	x, err := NewIndex(ctx, train, opt.Training)
	if err != nil {
		return nil, err
	}
	m := &measurement{ctx: ctx, x: x, train: train, opt: opt}
	m.report = &Report{N: samples.Shape[0], Training: train.Len(), Threshold: Threshold, Near: Near, Of: map[string]float64{}}
	m.total = m.report.N + len(opt.Instead) + perKind*len(disturbances)
	if opt.HeldOut != nil {
		m.report.HeldOut = min(opt.HeldOut.Len(), mostAlarms)
		m.total += m.report.HeldOut
	}
	for _, step := range []func() error{func() error { return m.samples(samples) }, m.plant, m.alarms} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return m.report, nil
}

type measurement struct {
	ctx         context.Context
	x           *Index
	train       picture.Set
	opt         Options
	report      *Report
	done, total int
}

// Credit says whose the training picture is: what is known of it, in brackets
// after its name.
func (p Pair) Credit() string {
	known := strings.Trim(p.Holders+", "+p.Licence, ", ")
	if known == "" {
		return p.Name
	}
	return p.Name + " (" + known + ")"
}

// verdict is what both spaces say of a picture.
type verdict struct {
	pixels, features Match
	described        bool
}

func (v verdict) copied() (pixels, features bool) {
	return v.pixels.Ratio() < Threshold, v.described && v.features.Ratio() < Threshold
}

// judge looks for images in both spaces, a part at a time.
func (m *measurement) judge(images *tensor.Tensor) ([]verdict, error) {
	n := images.Shape[0]
	all := make([]verdict, 0, n)
	size := images.Shape[1:].Size()
	const part = 4 * block
	for at := 0; at < n; at += part {
		to := min(at+part, n)
		some := tensor.From(images.Data[at*size:to*size], append(tensor.S(to-at), images.Shape[1:]...)...)
		pixels, err := m.x.Pixels(m.ctx, some)
		if err != nil {
			return nil, err
		}
		features := make([]Match, len(pixels))
		if m.opt.Describe != nil {
			f, err := m.opt.Describe(some)
			if err != nil {
				return nil, err
			}
			if features, err = m.x.Features(m.ctx, f); err != nil {
				return nil, err
			}
		}
		for i := range pixels {
			all = append(all, verdict{pixels[i], features[i], m.opt.Describe != nil})
		}
		if m.done += to - at; m.opt.Progress != nil {
			m.opt.Progress(m.done, m.total)
		}
	}
	return all, nil
}

// samples counts copies and keeps the closest pairs.
func (m *measurement) samples(samples *tensor.Tensor) error {
	all, err := m.judge(samples)
	if err != nil {
		return err
	}
	r := m.report
	if m.opt.Describe != nil {
		r.Features = new(int)
	}
	copies := make([]bool, len(all))
	for i, v := range all {
		p, f := v.copied()
		copies[i] = p || f
		if p {
			r.Pixels++
		}
		if f {
			*r.Features++
		}
		pair := Pair{Sample: i, Copy: p || f, Space: Pixels}
		if pair.Copy {
			r.Copies++
		}
		match := v.pixels
		if v.described && v.features.Ratio() < match.Ratio() {
			match, pair.Space = v.features, Features
		}
		pair.Training, pair.D1, pair.D2, pair.Ratio = match.Nearest, match.D1, match.D2, match.Ratio()
		r.Worst = append(r.Worst, pair)
	}
	r.Share = float64(r.Copies) / float64(r.N)
	if err := m.leaving(copies); err != nil {
		return err
	}
	slices.SortStableFunc(r.Worst, func(a, b Pair) int { return cmp.Compare(a.Ratio, b.Ratio) })
	r.Worst = r.Worst[:min(len(r.Worst), mostPairs)]
	for i := range r.Worst {
		p := &r.Worst[i]
		p.Name = m.train.Name(p.Training)
		if label, err := m.train.Item(p.Training, nil); err == nil {
			p.Caption = label.Caption
		}
		if d, err := picture.Describe(m.train, p.Training); err == nil {
			p.Licence, p.Holders = d.Licence, strings.Join(d.Holders, "; ")
		}
	}
	return nil
}

// leaving counts the copies among what is given out, of samples some of which are
// copies.
func (m *measurement) leaving(copies []bool) error {
	if m.opt.Instead == nil {
		return nil
	}
	r := m.report
	l := &Leaving{Copies: r.Copies, Replaced: len(m.opt.Instead), Flagged: len(m.opt.Flagged), Unsaid: r.Copies}
	for i := range m.opt.Flagged {
		if i < 0 || i >= len(copies) {
			return fmt.Errorf("copying: sample %d of %d says that it is too near", i, len(copies))
		}
		if copies[i] {
			l.Unsaid--
		}
	}
	for i, other := range m.opt.Instead {
		if i < 0 || i >= len(copies) {
			return fmt.Errorf("copying: another picture for sample %d of %d", i, len(copies))
		}
		v, err := m.judge(other)
		if err != nil {
			return err
		}
		if copies[i] {
			l.Copies--
			l.Unsaid--
		}
		if p, f := v[0].copied(); p || f {
			l.Copies++
			l.Unsaid++
		}
	}
	l.Share = float64(l.Copies) / float64(r.N)
	r.Leaving = l
	return nil
}
