package vec

// Adam holds the numbers of one step of AdamW (Loshchilov and Hutter,
// "Decoupled Weight Decay Regularization", 2019, algorithm 2).
type Adam struct {
	Tau1, Tau2 float32 // 1−β1 and 1−β2
	Pace       float32 // the learning rate over the first moment's bias correction
	Unit       float32 // 1 over the root of the second moment's bias correction
	Eps        float32
	Decay      float32 // weight decay times the learning rate
	Gain       float32 // 1 minus the decay of the average
}

// AdamState is what a step changes: the parameters P, their moments M and V,
// and an average E of the parameters, which may be nil.
type AdamState struct{ P, M, V, E []float32 }

// Step computes the state to from the state from and the gradient; both may
// be one, or share slices in any way, as long as none overlaps another partly:
//
//	for i, d := range grad {
//		m := fma(d-from.M[i], Tau1, from.M[i])
//		v := fma(d*d-from.V[i], Tau2, from.V[i])
//		p := fma(-Decay, from.P[i], from.P[i]-Pace*m/fma(sqrt(v), Unit, Eps))
//		to.E[i] = fma(p-from.E[i], Gain, from.E[i])
//		to.P[i], to.M[i], to.V[i] = p, m, v
//	}
func (a *Adam) Step(to, from AdamState, grad []float32) {
	same(len(grad), len(to.P))
	same(len(grad), len(to.M))
	same(len(grad), len(to.V))
	same(len(grad), len(from.P))
	same(len(grad), len(from.M))
	same(len(grad), len(from.V))
	if from.E != nil {
		same(len(grad), len(from.E))
		same(len(grad), len(to.E))
	}
	for len(grad) > span/4 {
		a.step(to.slice(0, span/4), from.slice(0, span/4), grad[:span/4])
		to, from, grad = to.slice(span/4, len(grad)), from.slice(span/4, len(grad)), grad[span/4:]
	}
	a.step(to, from, grad)
}

func (a *Adam) step(to, from AdamState, grad []float32) {
	if from.E == nil {
		active.adam(to.P, to.M, to.V, from.P, from.M, from.V, grad, a.Tau1, a.Tau2, a.Pace, a.Unit, a.Eps, a.Decay, a.Gain)
	} else {
		active.adamAverage(to.P, to.M, to.V, to.E, from.P, from.M, from.V, from.E, grad, a.Tau1, a.Tau2, a.Pace, a.Unit, a.Eps, a.Decay, a.Gain)
	}
}

func (s AdamState) slice(lo, hi int) AdamState {
	s.P, s.M, s.V = s.P[lo:hi], s.M[lo:hi], s.V[lo:hi]
	if s.E != nil {
		s.E = s.E[lo:hi]
	}
	return s
}

func adamGeneric(toP, toM, toV, p, m, v, grad []float32, tau1, tau2, pace, unit, eps, decay, gain float32) {
	adamAverageGeneric(toP, toM, toV, nil, p, m, v, nil, grad, tau1, tau2, pace, unit, eps, decay, gain)
}

func adamAverageGeneric(toP, toM, toV, toE, p, m, v, e, grad []float32, tau1, tau2, pace, unit, eps, decay, gain float32) {
	for i, d := range grad {
		p0 := p[i]
		m1 := fma(d-m[i], tau1, m[i])
		v1 := fma(float32(d*d)-v[i], tau2, v[i])
		p1 := fma(-decay, p0, p0-pace*m1/fma(sqrt(v1), unit, eps))
		var e1 float32
		if e != nil {
			e1 = fma(p1-e[i], gain, e[i])
		}
		toP[i], toM[i], toV[i] = p1, m1, v1
		if e != nil {
			toE[i] = e1
		}
	}
}
