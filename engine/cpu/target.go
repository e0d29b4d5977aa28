package cpu

import "github.com/limner-ai/limner/engine/kernel/vec"

// How a target of a fold takes values x, or products of x and y if y is not nil.

// accumulate folds consecutive elements, the first of which is in column c,
// into one row.
func (t *target) accumulate(acc, x, y []float32, c int) {
	inner := len(acc)
	if inner == 1 {
		if t.max {
			acc[0] = maximum(acc[0], t.whole(x, y))
		} else {
			acc[0] += t.whole(x, y)
		}
		return
	}
	at := 0
	if c != 0 || len(x) < inner {
		at = min(inner-c, len(x))
		t.row(acc[c:c+at], x[:at], part(y, 0, at))
	}
	if n := (len(x) - at) / inner * inner; n > 0 {
		t.wholeRows(acc, x[at:at+n], part(y, at, n))
		at += n
	}
	if n := len(x) - at; n > 0 {
		t.row(acc[:n], x[at:], part(y, at, n))
	}
}

// wholeRows folds rows as long as acc.
func (t *target) wholeRows(acc, x, y []float32) {
	switch rows := len(x) / len(acc); {
	case t.max:
		vec.MaxRows(acc, x, rows, len(acc))
	case y != nil:
		vec.DotRows(acc, x, y, rows, len(acc))
	default:
		vec.AddRows(acc, x, rows, len(acc))
	}
}

// row folds a row, or a piece of one.
func (t *target) row(acc, x, y []float32) {
	switch {
	case t.max:
		vec.Max(acc, acc, x)
	case y != nil:
		vec.MulAdd(acc, x, y, acc)
	default:
		vec.Add(acc, acc, x)
	}
}

// along folds rows of x, one to each of out.
func (t *target) along(out, x, y []float32, cols int) {
	switch {
	case t.max:
		vec.MaxAlong(out, x, cols)
	case y != nil:
		vec.DotAlong(out, x, y, cols)
	default:
		vec.SumAlong(out, x, cols)
	}
}

// whole folds all of x to one number.
func (t *target) whole(x, y []float32) float32 {
	switch {
	case t.max && len(x) >= 8:
		return vec.MaxOf(x)
	case y != nil:
		return vec.Dot(x, y)
	case len(x) >= 8:
		return vec.Sum(x)
	}
	s := x[0]
	for _, e := range x[1:] {
		if t.max {
			s = maximum(s, e)
		} else {
			s += e
		}
	}
	return s
}

// maximum propagates NaN, as vec.Max does.
func maximum(a, b float32) float32 {
	if a > b || a != a {
		return a
	}
	return b
}
