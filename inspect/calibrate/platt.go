package calibrate

import "math"

// Logistic is Platt's curve: the probability is 1/(1 + exp(A·score + B)).
type Logistic struct {
	A float64 `json:"a"`
	B float64 `json:"b"`
}

// At is the probability at a score.
func (l Logistic) At(score float64) float64 { return 1 / (1 + math.Exp(l.A*score+l.B)) }

// Platt fits a logistic curve by Newton's method with backtracking (Platt 1999;
// Lin, Lin and Weng 2007, algorithm 1), both classes weighing the same in all.
func Platt(sound, faulty []float64) (Logistic, error) {
	if err := checked(sound, faulty); err != nil {
		return Logistic{}, err
	}
	// The targets of Platt's section 2.2, which keep the curve off 0 and 1.
	ns, nf := float64(len(sound)), float64(len(faulty))
	low, high := 1/(ns+2), (nf+1)/(nf+2)
	each := func(visit func(score, target, weight float64)) {
		for _, v := range sound {
			visit(v, low, .5/ns)
		}
		for _, v := range faulty {
			visit(v, high, .5/nf)
		}
	}
	loss := func(l Logistic) (sum float64) {
		each(func(score, t, w float64) {
			f := l.A*score + l.B
			// t·f + log(1+exp(−f)), without overflow.
			if f >= 0 {
				sum += w * (t*f + math.Log1p(math.Exp(-f)))
			} else {
				sum += w * ((t-1)*f + math.Log1p(math.Exp(f)))
			}
		})
		return sum
	}
	var l Logistic
	at := loss(l)
	for range 100 {
		h11, h22, h21, g1, g2 := 1e-12, 1e-12, 0., 0., 0.
		each(func(score, t, w float64) {
			p := l.At(score)
			d1, d2 := t-p, p*(1-p)
			h11 += w * score * score * d2
			h22 += w * d2
			h21 += w * score * d2
			g1 += w * score * d1
			g2 += w * d1
		})
		if math.Abs(g1) < 1e-10 && math.Abs(g2) < 1e-10 {
			break
		}
		det := h11*h22 - h21*h21
		da, db := -(h22*g1-h21*g2)/det, -(-h21*g1+h11*g2)/det
		slope := g1*da + g2*db
		step := 1.
		for ; step >= 1e-10; step /= 2 {
			next := Logistic{l.A + step*da, l.B + step*db}
			if v := loss(next); v < at+1e-4*step*slope {
				l, at = next, v
				break
			}
		}
		if step < 1e-10 {
			break
		}
	}
	return l, nil
}
