package likelihood

import "math"

// logMean is log 1/k Σ exp(x) over k numbers that come in parts: the sum is
// kept relative to the largest number so far, so that nothing overflows and
// no number need be held.
type logMean struct {
	k            int
	top          float64
	sum, squares float64 // of exp(x − top)
}

func (l *logMean) add(part []float32) {
	if l.k == 0 {
		l.top = math.Inf(-1)
	}
	top := l.top
	for _, x := range part {
		top = max(top, float64(x)) // NaN stays
	}
	if top > l.top || math.IsNaN(top) {
		shrink := math.Exp(l.top - top)
		l.sum *= shrink
		l.squares *= shrink * shrink
		l.top = top
	}
	l.k += len(part)
	if math.IsInf(l.top, -1) {
		return
	}
	for _, x := range part {
		w := math.Exp(float64(x) - l.top)
		l.sum += w
		l.squares += w * w
	}
}

func (l *logMean) value() float64 { return l.top + math.Log(l.sum/float64(l.k)) }

// effective is (Σw)²/Σw², Kish's number of draws that equal weights would
// have needed.
func (l *logMean) effective() float64 { return l.sum * l.sum / l.squares }

// moments are the mean and the spread of numbers that come one by one:
// Welford, "Note on a Method for Calculating Corrected Sums of Squares" (1962).
type moments struct {
	n             int
	mean, scatter float64
}

func (m *moments) add(x float64) {
	m.n++
	d := x - m.mean
	m.mean += d / float64(m.n)
	m.scatter += d * (x - m.mean)
}

// error is the standard error of the mean, 0 of fewer than two numbers.
func (m *moments) error() float64 {
	if m.n < 2 {
		return 0
	}
	return math.Sqrt(m.scatter / float64(m.n-1) / float64(m.n))
}
