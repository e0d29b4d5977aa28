package graph_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
)

// A mistake is a way to give a primitive operands that do not fit it. Its
// message names the primitive and says all of the given texts.
type mistake struct {
	name  string
	make  func(in func(dims ...int) *graph.Value)
	texts []string
}

func mistakes() map[graph.Op][]mistake {
	type v = *graph.Value
	type in = func(dims ...int) v
	one := func(texts string, f func(in in)) []mistake {
		return []mistake{{texts, f, strings.Split(texts, ", ")}}
	}
	many := func(ms ...[]mistake) (out []mistake) {
		for _, m := range ms {
			out = append(out, m...)
		}
		return out
	}
	all := map[graph.Op][]mistake{
		graph.OpInput: many(
			one("[2 3], [3 2], again", func(in in) { g := in(1).Graph(); g.Input("again", 2, 3); g.Input("again", 3, 2) }),
			one("[2 -1]", func(in in) { in(2, -1) })),
		graph.OpState: one("[2], [2 1], w", func(in in) { g := in(1).Graph(); g.State("w", 2); g.State("w", 2, 1) }),
		graph.OpFull:  one("[-2]", func(in in) { in(1).Graph().Full(1, -2) }),
		graph.OpUniform: one("[1048576 1048576 16]", func(in in) {
			in(1).Graph().Uniform("u", 1<<20, 1<<20, 16)
		}),
		graph.OpNormal:    one("[-1]", func(in in) { in(1).Graph().Normal("n", -1) }),
		graph.OpLeakyReLU: many(one("[3]", func(in in) { in(3).LeakyReLU(-.1) }), one("[4]", func(in in) { in(4).LeakyReLU(1.5) })),
		graph.OpSelect: many(
			one("[2 3], [2], [3]", func(in in) { graph.Select(in(2, 3), in(2), in(3)) }),
			one("[3], [1], [2]", func(in in) { graph.Select(in(3), in(1), in(2)) })),
		graph.OpBroadcast: many(
			one("[2 3], [2 4]", func(in in) { in(2, 3).BroadcastTo(2, 4) }),
			one("[2 3], [3]", func(in in) { in(2, 3).BroadcastTo(3) }),
			one("[2], [2 3]", func(in in) { in(2).BroadcastTo(2, 3) }),
			one("[2 3], [4 4]", func(in in) { in(1).Graph().Full(1, 2, 3).BroadcastTo(4, 4) })),
		graph.OpReshape: many(
			one("[2 3], [7]", func(in in) { in(2, 3).Reshape(7) }),
			one("[2 3], [4 -1]", func(in in) { in(2, 3).Reshape(4, -1) }),
			one("[2 3], cannot", func(in in) { in(2, 3).Reshape(-1, -1) }),
			one("[2 3], [-2 -3]", func(in in) { in(2, 3).Reshape(-2, -3) }),
			one("[2 3], [0 -1]", func(in in) { in(2, 3).Reshape(0, -1) }),
			one("[2 3], [5]", func(in in) { in(1).Graph().Full(1, 2, 3).Reshape(5) })),
		graph.OpTranspose: many(
			one("[2 3], [0 0]", func(in in) { in(2, 3).Transpose(0, 0) }),
			one("[2 3], [0 1 2]", func(in in) { in(2, 3).Transpose(0, 1, 2) }),
			one("[2 3], [-1 0]", func(in in) { in(2, 3).Transpose(-1, 0) }),
			one("[2 3], []", func(in in) { in(2, 3).Transpose() })),
		graph.OpSlice: many(
			one("[2 3], 1:4", func(in in) { in(2, 3).Slice(1, 1, 4) }),
			one("[2 3], -1:2", func(in in) { in(2, 3).Slice(1, -1, 2) }),
			one("[2 3], 2:1", func(in in) { in(2, 3).Slice(1, 2, 1) }),
			one("[2 3], axis 2", func(in in) { in(2, 3).Slice(2, 0, 1) }),
			one("[3], 0:3:0", func(in in) {
				in(3).SliceAll(graph.SliceAttr{Start: []int{0}, Limit: []int{3}, Stride: []int{0}})
			}),
			one("[2 3], axes", func(in in) {
				in(2, 3).SliceAll(graph.SliceAttr{Start: []int{0}, Limit: []int{1}, Stride: []int{1}})
			})),
		graph.OpPad: many(
			one("[2 3], negative", func(in in) { in(2, 3).Pad(0, -1, 2) }),
			one("[2 4], negative", func(in in) { in(2, 4).Pad(0, 1, -2) }),
			one("[2], negative", func(in in) {
				in(2).PadAll(graph.PadAttr{Low: []int{0}, High: []int{0}, Interior: []int{-1}})
			}),
			one("[2 3], axis -3", func(in in) { in(2, 3).Pad(-3, 1, 1) }),
			one("[2 3], axes", func(in in) {
				in(2, 3).PadAll(graph.PadAttr{Low: []int{0}, High: []int{0}, Interior: []int{0}})
			})),
		graph.OpConcat: many(
			one("[2 3], [2 4]", func(in in) { graph.Concat(0, in(2, 3), in(2, 4)) }),
			one("[2 3], [2]", func(in in) { graph.Concat(0, in(2, 3), in(2)) }),
			one("axis 2", func(in in) { graph.Concat(2, in(2, 3), in(2, 3)) }),
			one("nothing", func(in in) { graph.Concat(0) })),
		graph.OpReverse: one("[2 3], axis 2", func(in in) { in(2, 3).Reverse(2) }),
		graph.OpReduceSum: many(
			one("[2 3], axis 2", func(in in) { in(2, 3).ReduceSum(0, 2) }),
			one("[2 0]", func(in in) { in(2, 0).ReduceSum(1) })),
		graph.OpReduceMax: many(
			one("[2 3], axis -3", func(in in) { in(2, 3).ReduceMax(-3) }),
			one("[0 2]", func(in in) { in(0, 2).ReduceMax() })),
		graph.OpMatMul: many(
			one("[2 3], [4 5], 3 and 4", func(in in) { in(2, 3).Dot(in(4, 5)) }),
			one("[2 3], [2 5], 3 and 5", func(in in) { graph.MatMul(in(2, 3), in(2, 5), false, true) }),
			one("[2 3], [3 5], 2 and 3", func(in in) { graph.MatMul(in(2, 3), in(3, 5), true, false) }),
			one("[2 3], [5 3], 2 and 3", func(in in) { graph.MatMul(in(2, 3), in(5, 3), true, true) }),
			one("[2 2 3], [3 3 2]", func(in in) { in(2, 2, 3).Dot(in(3, 3, 2)) }),
			one("[2 2 3], [3 2]", func(in in) { in(2, 2, 3).Dot(in(3, 2)) }),
			one("[3], [3]", func(in in) { in(3).Dot(in(3)) })),
		graph.OpConv: many(
			one("[1 4 4], [3 3 1 1]", func(in in) { graph.Conv(in(1, 4, 4), in(3, 3, 1, 1), graph.Window{}) }),
			one("[1 4 4 1], [3 3 1]", func(in in) { graph.Conv(in(1, 4, 4, 1), in(3, 3, 1), graph.Window{}) }),
			one("[1 4 4 2], [3 3 3 1]", func(in in) { graph.Conv(in(1, 4, 4, 2), in(3, 3, 3, 1), graph.Window{}) }),
			one("[1 4 4 4], [3 3 2 3]", func(in in) { graph.Conv(in(1, 4, 4, 4), in(3, 3, 2, 3), graph.Window{Groups: 2}) }),
			one("[1 4 4 1], [3 3 1 1], -1 groups", func(in in) {
				graph.Conv(in(1, 4, 4, 1), in(3, 3, 1, 1), graph.Window{Groups: -1})
			}),
			one("[1 2 9 1], [3 1 1 1]", func(in in) { graph.Conv(in(1, 2, 9, 1), in(3, 1, 1, 1), graph.Window{}) }),
			one("[1 9 4 1], [1 3 1 1]", func(in in) { graph.Conv(in(1, 9, 4, 1), in(1, 3, 1, 1), graph.Window{DilationW: 2}) }),
			one("[1 9 5 1], [3 3 1 1]", func(in in) { graph.Conv(in(1, 9, 5, 1), in(3, 3, 1, 1), graph.Window{StrideH: -1}) }),
			one("[1 5 9 1], [3 3 1 1]", func(in in) { graph.Conv(in(1, 5, 9, 1), in(3, 3, 1, 1), graph.Window{PadLeft: -1}) })),
		graph.OpConvInputGrad: many(
			one("[1 4 4], [3 3 1 1]", func(in in) { graph.ConvTransposed(in(1, 4, 4), in(3, 3, 1, 1), 6, 6, graph.Window{}) }),
			one("[1 4 4 1], [3 3 1 1], [1 5 5 1]", func(in in) { graph.ConvTransposed(in(1, 4, 4, 1), in(3, 3, 1, 1), 7, 7, graph.Window{}) }),
			one("[1 4 4 2], [3 3 1 1], [1 4 4 1]", func(in in) { graph.ConvTransposed(in(1, 4, 4, 2), in(3, 3, 1, 1), 6, 6, graph.Window{}) }),
			one("[1 4 4 3], [3 3 1 3]", func(in in) {
				graph.ConvTransposed(in(1, 4, 4, 3), in(3, 3, 1, 3), 6, 6, graph.Window{Groups: 2})
			}),
			one("[1 4 4 1], [3 3 1 2]", func(in in) { graph.ConvInputGrad(in(1, 4, 4, 1), in(3, 3, 1, 2), plain) })),
		graph.OpConvFilterGrad: many(
			one("[1 6 5 1], [1 4 4 1]", func(in in) { graph.ConvFilterGrad(in(1, 6, 5, 1), in(1, 4, 4, 1), plain) }),
			one("[1 6 6 1], [1 4 4 2]", func(in in) { graph.ConvFilterGrad(in(1, 6, 6, 1), in(1, 4, 4, 2), plain) })),
		graph.OpGather: many(
			one("[2 3 4], [2]", func(in in) { graph.Gather(in(2, 3, 4), in(2)) }),
			one("[2 3], [2 1]", func(in in) { graph.Gather(in(2, 3), in(2, 1)) }),
			one("[0 3], [2]", func(in in) { graph.Gather(in(0, 3), in(2)) })),
		graph.OpScatterAdd: many(
			one("[2], [2]", func(in in) { graph.ScatterAdd(in(2), in(2), 4) }),
			one("[2 3], [3]", func(in in) { graph.ScatterAdd(in(2, 3), in(3), 4) }),
			one("[2 3], [2 1]", func(in in) { graph.ScatterAdd(in(2, 3), in(2, 1), 4) }),
			one("[2 3], [2], 0 rows", func(in in) { graph.ScatterAdd(in(2, 3), in(2), 0) }),
			one("[2 3], [2], -1 rows", func(in in) { graph.ScatterAdd(in(2, 3), in(2), -1) })),
	}
	for op, f := range map[graph.Op]func(a, b v) v{
		graph.OpAdd: v.Add, graph.OpSub: v.Sub, graph.OpMul: v.Mul, graph.OpDiv: v.Div, graph.OpMax: v.Max,
		graph.OpMin: v.Min, graph.OpLess: v.Less, graph.OpLessEqual: v.LessEqual, graph.OpEqual: v.Equal,
	} {
		all[op] = many(
			one("[2 3], [3 2]", func(in in) { f(in(2, 3), in(3, 2)) }),
			one("[2 3], [2]", func(in in) { f(in(2, 3), in(2)) }),
			one("[4], [2 3]", func(in in) { f(in(4), in(2, 3)) }),
			one("[2], different graphs", func(in in) { f(in(2), graph.New().Input("x", 2)) }))
	}
	maps.Copy(all, attentionMistakes())
	maps.Copy(all, rotaryMistakes())
	return all
}

var plain = graph.ConvAttr{
	Window: graph.Window{StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1, Groups: 1},
	Input:  s(1, 6, 6, 1), Filter: s(3, 3, 1, 1), Output: s(1, 4, 4, 1),
}

func TestShapeErrors(t *testing.T) {
	all := mistakes()
	for _, op := range graph.Ops() {
		// One operand of any shape fits these, and a tensor its own shape.
		fitsAll := op >= graph.OpNeg && op <= graph.OpStopGradient && op != graph.OpLeakyReLU || op == graph.OpConstant
		if len(all[op]) == 0 && !fitsAll {
			t.Errorf("no mistake with %v is tried", op)
		}
		for _, m := range all[op] {
			t.Run(fmt.Sprintf("%v/%s", op, m.name), func(t *testing.T) {
				g := graph.New()
				err := graph.Catch(func() {
					n := 0
					m.make(func(dims ...int) *graph.Value { n++; return g.Input(fmt.Sprint("x", n), dims...) })
				})
				var e *graph.ShapeError
				if !errors.As(err, &e) {
					t.Fatalf("the mistake passes: %v", err)
				}
				if e.Op != op {
					t.Errorf("the error is of %v", e.Op)
				}
				for _, text := range append(m.texts, op.String()) {
					if !strings.Contains(err.Error(), text) {
						t.Errorf("%q does not say %q", err, text)
					}
				}
			})
		}
	}
}

func TestCatch(t *testing.T) {
	if err := graph.Catch(func() {}); err != nil {
		t.Errorf("no mistake gives %v", err)
	}
	defer func() {
		if r := recover(); r != "other" {
			t.Errorf("another panic became %v", r)
		}
	}()
	_ = graph.Catch(func() { panic("other") })
}

func TestAccessors(t *testing.T) {
	g := graph.New()
	x := g.Input("x", 2, 3)
	c := g.Constant(tensor.New(4))
	y := x.Exp()
	if x.Dim(-1) != 3 || x.Dim(0) != 2 || x.Rank() != 2 || y.Graph() != g || y.Inputs()[0] != x || c.ID() >= y.ID() {
		t.Error("an accessor is wrong")
	}
	if got := fmt.Sprint(x, y); got != "input(x)[2 3] exp[2 3]" {
		t.Errorf("values print as %s", got)
	}
	if g.Input("x", 2, 3) != x || g.State("x", 2, 3) == x || len(g.Values()) != 4 {
		t.Error("an input of one name is one value, and a state is another")
	}
	for _, op := range graph.Ops() {
		if op.String() == "" || strings.Contains(op.String(), " ") {
			t.Errorf("op %d has no name", op)
		}
	}
	if err := graph.Catch(func() { x.Dim(2) }); err == nil {
		t.Error("an axis that does not exist passes")
	}
}
