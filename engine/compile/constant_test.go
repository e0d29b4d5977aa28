package compile

import (
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
)

// What depends on constants alone is no work of the program's.
func TestConstants(t *testing.T) {
	g := graph.New()
	table := g.Constant(tensor.From([]float32{0, 1, 2, 3, 4, 5}, 3, 2))
	x := g.Input("x", 4, 3, 2)
	angles := table.MulScalar(.5).Sin().Transpose(1, 0).Transpose(1, 0)
	y := x.Mul(angles.BroadcastTo(4, 3, 2))
	even := table.Sub(table).Exp() // ones: a number rather than memory
	p, err := Compile([]*graph.Value{y.Add(even.BroadcastTo(4, 3, 2)), g.Full(2, 3).Neg()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	sines, adds, others := 0, 0, 0
	for _, s := range p.Steps {
		l, ok := s.(*Loop)
		if !ok {
			others++
			continue
		}
		for _, in := range l.Insts {
			switch in.Op {
			case graph.OpSin, graph.OpExp, graph.OpNeg, graph.OpSub:
				sines++
			case graph.OpAdd:
				adds++
				if o := in.Operand[1]; o.Kind != Imm || o.Value != 1 {
					t.Errorf("ones are read as %+v", o)
				}
			}
		}
	}
	if sines != 0 || others != 0 || adds != 1 {
		t.Errorf("%d elementwise primitives of constants and %d other steps are left; %d additions", sines, others, adds)
	}
	if len(p.Consts) != 1 {
		t.Errorf("%d constants in memory, want the sines alone", len(p.Consts))
	}
}

// Large ones stay work: a constant is memory for good.
func TestLargeConstantIsLeft(t *testing.T) {
	g := graph.New()
	small := g.Constant(tensor.From([]float32{1, 2}, 2, 1))
	large := small.BroadcastTo(2, foldMax).Sin()
	p, err := Compile([]*graph.Value{large}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if computed, _ := count(p, graph.OpSin); computed != 1 {
		t.Errorf("sine is computed %d times", computed)
	}
}
