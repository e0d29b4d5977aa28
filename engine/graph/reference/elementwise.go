package reference

import (
	"fmt"
	"math"

	"github.com/limner-ai/limner/engine/graph"
)

var unary = map[graph.Op]func(x float64) float64{
	graph.OpNeg: func(x float64) float64 { return -x },
	graph.OpAbs: math.Abs,
	graph.OpSign: func(x float64) float64 {
		switch {
		case x > 0:
			return 1
		case x < 0:
			return -1
		}
		return x // zero and NaN
	},
	graph.OpSqrt:    math.Sqrt,
	graph.OpRsqrt:   func(x float64) float64 { return 1 / math.Sqrt(x) },
	graph.OpExp:     math.Exp,
	graph.OpLog:     math.Log,
	graph.OpSin:     math.Sin,
	graph.OpCos:     math.Cos,
	graph.OpTanh:    math.Tanh,
	graph.OpSigmoid: func(x float64) float64 { return 1 / (1 + math.Exp(-x)) },
	// log(1 + eˣ) = max(x, 0) + log(1 + e^−|x|)
	graph.OpSoftplus:     func(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) },
	graph.OpErf:          math.Erf,
	graph.OpFloor:        math.Floor,
	graph.OpStopGradient: func(x float64) float64 { return x },
}

// Comparisons with NaN are false; max and min with NaN are NaN.
var binary = map[graph.Op]func(x, y float64) float64{
	graph.OpAdd:       func(x, y float64) float64 { return x + y },
	graph.OpSub:       func(x, y float64) float64 { return x - y },
	graph.OpMul:       func(x, y float64) float64 { return x * y },
	graph.OpDiv:       func(x, y float64) float64 { return x / y },
	graph.OpMax:       func(x, y float64) float64 { return max(x, y) },
	graph.OpMin:       func(x, y float64) float64 { return min(x, y) },
	graph.OpLess:      func(x, y float64) float64 { return truth(x < y) },
	graph.OpLessEqual: func(x, y float64) float64 { return truth(x <= y) },
	graph.OpEqual:     func(x, y float64) float64 { return truth(x == y) },
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func mapped(a Array, f func(float64) float64) Array {
	out := New(a.Shape...)
	for i, x := range a.Data {
		out.Data[i] = f(x)
	}
	return out
}

func zipped(a, b Array, f func(x, y float64) float64) (Array, error) {
	if !a.Shape.Equal(b.Shape) {
		return Array{}, fmt.Errorf("an elementwise primitive has operands of shape %v and %v", a.Shape, b.Shape)
	}
	out := New(a.Shape...)
	for i, x := range a.Data {
		out.Data[i] = f(x, b.Data[i])
	}
	return out, nil
}

func selected(cond, a, b Array) (Array, error) {
	if !cond.Shape.Equal(a.Shape) || !cond.Shape.Equal(b.Shape) {
		return Array{}, fmt.Errorf("select has operands of shape %v, %v and %v", cond.Shape, a.Shape, b.Shape)
	}
	out := b.Clone()
	for i, c := range cond.Data {
		if c != 0 {
			out.Data[i] = a.Data[i]
		}
	}
	return out, nil
}
