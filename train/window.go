package train

import "math"

// window averages each metric between two lines of the log.
type window map[string]mean

type mean struct {
	Sum float64 `json:"sum"`
	N   int     `json:"n"`
}

// add counts a value; one that is no number is left out.
func (w window) add(name string, v float64) {
	m := w[name]
	if !math.IsNaN(v) && !math.IsInf(v, 0) {
		m.Sum += v
		m.N++
	}
	w[name] = m
}

// means are those of what was added so far; NaN where there was no number.
func (w window) means() map[string]float64 {
	out := make(map[string]float64, len(w))
	for name, m := range w {
		out[name] = m.Sum / float64(m.N)
	}
	return out
}

// take returns the means and starts anew.
func (w window) take() map[string]float64 {
	out := w.means()
	clear(w)
	return out
}
