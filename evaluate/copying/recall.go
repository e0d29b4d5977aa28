package copying

import (
	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/engine/tensor"
)

// plant hides copies of training pictures, with all disturbances in turn, and
// counts those that are found: taken for a copy, of this picture or of one of
// its near-duplicates.
func (m *measurement) plant() error {
	h, w, c := m.train.Shape()
	r := m.report
	r.Planted = perKind * len(disturbances)
	images := tensor.New(r.Planted, h, w, c)
	origin := make([]int, r.Planted)
	d := &dice{Philox: tensor.Philox{Seed: m.opt.Seed, Stream: tensor.StreamOf("copying/plant")}}
	for i := range origin {
		origin[i] = min(int(d.within(0, float64(m.train.Len()))), m.train.Len()-1)
		if _, err := m.train.Item(origin[i], images.Row(i)); err != nil && !picture.IsSkip(err) {
			return err
		}
		plant(images.Row(i), h, w, c, disturbances[i%len(disturbances)], d)
	}
	all, err := m.judge(images)
	if err != nil {
		return err
	}
	for i, v := range all {
		pixels, features := v.copied()
		if pixels && m.alike(v.pixels.Nearest, origin[i]) || features && m.alike(v.features.Nearest, origin[i]) {
			r.Recall++
			r.Of[disturbances[i%len(disturbances)].name]++
		}
	}
	r.Recall /= float64(r.Planted)
	for _, d := range disturbances {
		r.Of[d.name] /= perKind
	}
	return nil
}

// alike reports whether training pictures are the same or near-duplicates.
func (m *measurement) alike(a, b int) bool {
	looks := m.x.looks
	sum := float32(0)
	for k, v := range looks.row(a) {
		e := v - looks.row(b)[k]
		sum += e * e
	}
	return sum <= Near*Near*float32(looks.dim)
}

// alarms counts real pictures of other things that are taken for copies.
func (m *measurement) alarms() error {
	set, n := m.opt.HeldOut, m.report.HeldOut
	if n == 0 {
		return nil
	}
	h, w, c := set.Shape()
	images := tensor.New(n, h, w, c)
	for i := range n {
		if _, err := set.Item(i*set.Len()/n, images.Row(i)); err != nil && !picture.IsSkip(err) {
			return err
		}
	}
	all, err := m.judge(images)
	if err != nil {
		return err
	}
	for _, v := range all {
		if pixels, features := v.copied(); pixels || features {
			m.report.FalseAlarms++
		}
	}
	m.report.FalseAlarms /= float64(n)
	return nil
}
