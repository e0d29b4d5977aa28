package watermark

import (
	"math"
	"sync"
)

// tone is a change of luma that is undone before reading: luma divided by gain,
// then its power. What is added to luma turns all phases alike, which the score
// does not see.
type tone struct{ gain, power float64 }

var same = tone{1, 1}

// tones are the changes that are tried; the first only adds.
var tones = func() (list []tone) {
	list = append(list, same)
	for g := 0.5; g < 1.55; g *= 1.012 {
		list = append(list, tone{g, 1})
	}
	for p := 0.6; p < 1.7; p *= 1.02 {
		list = append(list, tone{1, p})
	}
	return list
}()

// powers are 255·(v/255)^(1/p) at all v from 0 to 255, for the powers of tones.
var powers = sync.OnceValue(func() map[float64]*[257]float64 {
	all := map[float64]*[257]float64{}
	for _, t := range tones {
		if t.power != 1 {
			var curve [257]float64
			for v := range curve {
				curve[v] = 255 * math.Pow(float64(v)/255, 1/t.power)
			}
			all[t.power] = &curve
		}
	}
	return all
})

// undo is the field before the change.
func (t tone) undo(f field) field {
	if t == same {
		return f
	}
	out := f
	out.v = make([]float64, len(f.v))
	curve := powers()[t.power]
	for i, v := range f.v {
		v = min(max(v, 0), 255)
		if curve != nil {
			k := int(v)
			v = curve[k] + (v-float64(k))*(curve[k+1]-curve[k])
		}
		out.v[i] = v / t.gain
	}
	return out
}
