package watermark

import (
	"image"
	"math"
)

// optimiser finds the field of a mark for one picture.
type optimiser struct {
	m      *image.NRGBA
	unit   float64
	nx, ny int
	spread *spread
	want   []float64 // fraction that each unit is to have
	weight []float64 // how much each counts to the detector
	mask   []float64 // how far each may be moved, in grey levels
}

func newOptimiser(m *image.NRGBA, units int, cell *[area]float64) *optimiser {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	o := &optimiser{m: m, unit: float64(max(w, h)) / float64(units)}
	f := sample(newTable(luma(m, meanGround)), upright(o.unit, 0, 0), maxUnits)
	visible := sample(newTable(alpha(m)), upright(o.unit, 0, 0), maxUnits)
	o.nx, o.ny = f.nx, f.ny
	o.want, o.weight, o.mask = make([]float64, len(f.v)), make([]float64, len(f.v)), make([]float64, len(f.v))
	for i := range o.want {
		o.want[i] = cell[i/o.nx%side*side+i%o.nx%side]
		if visible.v[i] >= 0.9*255 {
			o.weight[i] = 1
		}
		o.mask[i] = reach * step
	}
	o.spread = newSpread(w, h, o.nx, o.ny, o.unit)
	return o
}

// room is the number of units that count, 0 if all pixels have one luma.
func (o *optimiser) room() float64 {
	least, most, sum := int32(math.MaxInt32), int32(-1), 0.0
	for _, y := range luma(o.m, meanGround).y {
		least, most = min(least, y), max(most, y)
	}
	if most-least < level {
		return 0
	}
	for _, w := range o.weight {
		sum += w
	}
	return sum
}

var (
	rounds = 12
	rate   = 0.6
	reach  = 0.55
	trace  func(r int, v []float64)
)

// run moves each unit toward what is wanted of it, by the mean of what it lacks
// in the picture as it is and as attacks leave it, and looks again. It returns
// the value of each unit.
func (o *optimiser) run() []float64 {
	v := make([]float64, len(o.want))
	lack := make([]float64, len(v))
	for r := range rounds {
		clear(lack)
		total := 0.0
		m := render(o.m, o.spread, v)
		if trace != nil {
			trace(r, v)
		}
		for _, a := range attacks {
			t, scale := a.apply(m)
			f := sample(t, upright(o.unit*scale, 0, 0), maxUnits)
			if f.nx != o.nx || f.ny != o.ny {
				continue
			}
			total += a.weight
			for i, y := range f.v {
				d := o.want[i] - y/step
				lack[i] += a.weight * (d - math.Round(d))
			}
		}
		for i := range v {
			v[i] += rate * step * o.weight[i] * lack[i] / total
			v[i] = min(max(v[i], -o.mask[i]), o.mask[i])
		}
	}
	return v
}
