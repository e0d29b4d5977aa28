package watermark

import (
	"image"
	"math"
	"slices"
)

// optimiser finds the field of a mark for one picture.
type optimiser struct {
	m       *image.NRGBA
	unit    float64
	nx, ny  int
	spread  *spread
	want    []float64 // fraction that each unit is to have
	weight  []float64 // how much each counts to the detector
	visible []float64 // share of each that is
	mask    []float64 // how far each may be moved, in grey levels
}

func newOptimiser(m *image.NRGBA, doublings int, cell *[area]float64) *optimiser {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	o := &optimiser{m: m, unit: frame(max(w, h), doublings).unit}
	f := sample(newTable(luma(m, meanGround)), pose{unit: o.unit}, maxUnits)
	visible := sample(newTable(alpha(m)), pose{unit: o.unit}, maxUnits)
	o.nx, o.ny = f.nx, f.ny
	o.want, o.weight, o.visible, o.mask = make([]float64, len(f.v)), make([]float64, len(f.v)), make([]float64, len(f.v)), make([]float64, len(f.v))
	for i := range o.want {
		o.want[i] = cell[i/o.nx%side*side+i%o.nx%side]
		o.visible[i] = visible.v[i] / 255
		if o.visible[i] >= clearly {
			o.weight[i] = 1
		}
		o.mask[i] = reach * step
	}
	o.spread = newSpread(w, h, o.nx, o.ny, o.unit)
	return o
}

// flat says that all that is visible has one luma.
func (o *optimiser) flat() bool {
	p := luma(o.m, meanGround)
	return slices.Max(p.y)-slices.Min(p.y) < level
}

// room is the number of units that count.
func (o *optimiser) room() float64 {
	sum := 0.0
	for _, w := range o.weight {
		sum += w
	}
	return sum
}

const (
	rounds = 12
	rate   = 0.6
	reach  = 0.55 // steps that a unit is moved at most
)

// run moves each unit toward what is wanted of it, by the mean of what it lacks
// in the picture as it is and as attacks leave it, and looks again. It returns
// the value of each unit.
func (o *optimiser) run() []float64 {
	v := make([]float64, len(o.want))
	lack, total := make([]float64, len(v)), make([]float64, len(v))
	for range rounds {
		clear(lack)
		clear(total)
		m := render(o.m, o.spread, v)
		for _, a := range attacks {
			t, scale := a.apply(m)
			f := sample(t, pose{unit: o.unit * scale}, maxUnits)
			if f.nx != o.nx || f.ny != o.ny {
				continue
			}
			for i, y := range f.v {
				if o.visible[i] < a.visible {
					continue
				}
				d := o.want[i] - y/step
				lack[i] += float64(a.weight * (d - math.Round(d)))
				total[i] += a.weight
			}
		}
		for i := range v {
			if total[i] == 0 {
				continue
			}
			v[i] += rate * step * lack[i] / total[i]
			v[i] = min(max(v[i], -o.mask[i]), o.mask[i])
		}
	}
	return v
}
