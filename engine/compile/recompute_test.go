package compile

import (
	"testing"

	"github.com/limner-ai/limner/engine/graph"
)

// count is how many loops of a program compute op, and how many store it.
func count(p *Program, op graph.Op) (computed, stored int) {
	tally := func(l *Loop) {
		if l == nil {
			return
		}
		for _, in := range l.Insts {
			if in.Op == op {
				computed++
			}
		}
		for _, s := range l.Stores {
			if l.Insts[s.Inst].Op == op {
				stored++
			}
		}
	}
	for _, s := range p.Steps {
		switch s := s.(type) {
		case *Loop:
			tally(s)
		case *MatMul:
			tally(s.Epilogue)
		case *Conv:
			tally(s.Epilogue)
		}
	}
	return computed, stored
}

// training compiles the gradient of two layers with f between them.
func training(t *testing.T, f func(h *graph.Value) *graph.Value) *Program {
	t.Helper()
	g := graph.New()
	x := g.Input("x", 64, 32)
	w1, w2 := g.State("w1", 32, 64), g.State("w2", 64, 8)
	loss := graph.MatMul(f(graph.MatMul(x, w1, false, false)), w2, false, false).Square().Mean()
	grads := graph.Grad(loss, w1, w2)
	p, err := Compile([]*graph.Value{loss}, []Update{{w1, w1.Sub(grads[0])}, {w2, w2.Sub(grads[1])}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRecompute(t *testing.T) {
	for _, c := range []struct {
		name             string
		f                func(h *graph.Value) *graph.Value
		op               graph.Op
		computed, stored int
	}{
		// SiLU's derivative reads h, so that the sigmoid need not be stored.
		{"silu", func(h *graph.Value) *graph.Value { return h.Mul(h.Sigmoid()) }, graph.OpSigmoid, 2, 0},
		// The product reads the sigmoid from memory, where it is for all.
		{"sigmoid", func(h *graph.Value) *graph.Value { return h.Sigmoid() }, graph.OpSigmoid, 1, 1},
		// Two exponentials cost more than reading what they give.
		{"costly", func(h *graph.Value) *graph.Value { return h.Mul(h.Sin().Exp()) }, graph.OpExp, 1, 1},
	} {
		if computed, stored := count(training(t, c.f), c.op); computed != c.computed || stored != c.stored {
			t.Errorf("%s: %v computed %d times and stored %d times, want %d and %d", c.name, c.op, computed, stored, c.computed, c.stored)
		}
	}
}

// Live is what is needed at the worst moment, and here a plan reaches it.
func TestLive(t *testing.T) {
	p := training(t, func(h *graph.Value) *graph.Value { return h.Mul(h.Sigmoid()) })
	if p.Live == 0 || p.Arena < p.Live || p.Arena > p.Live*11/10 {
		t.Errorf("a plan of %d floats where %d are alive at once", p.Arena, p.Live)
	}
	// h and its SiLU, at least, are alive at once.
	if p.Live < 2*64*64 {
		t.Errorf("%d floats alive at once", p.Live)
	}
}
