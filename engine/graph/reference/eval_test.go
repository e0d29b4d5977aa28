package reference

import (
	"math"
	"testing"

	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
)

// sample is a primitive applied to literals, and what it gives by hand.
type sample struct {
	name string
	make func(g *graph.Graph) *graph.Value
	want []float64
}

func lit(g *graph.Graph, dims []int, data ...float32) *graph.Value {
	return g.Constant(tensor.From(data, dims...))
}

func vec(g *graph.Graph, data ...float32) *graph.Value { return lit(g, []int{len(data)}, data...) }

func count(g *graph.Graph, dims ...int) *graph.Value {
	t := tensor.New(dims...)
	for i := range t.Data {
		t.Data[i] = float32(i + 1)
	}
	return g.Constant(t)
}

type gr = *graph.Graph
type va = *graph.Value

var nan, inf = math.NaN(), math.Inf(1)

var samples = map[graph.Op][]sample{
	graph.OpConstant: {{"", func(g gr) va { return vec(g, .5, -2) }, []float64{.5, -2}}},
	graph.OpFull:     {{"", func(g gr) va { return g.Full(3, 2) }, []float64{3, 3}}},
	graph.OpNeg:      {{"", func(g gr) va { return vec(g, 1, -2).Neg() }, []float64{-1, 2}}},
	graph.OpAbs:      {{"", func(g gr) va { return vec(g, 1, -2, 0).Abs() }, []float64{1, 2, 0}}},
	graph.OpSign:     {{"", func(g gr) va { return vec(g, 3, -2, 0, float32(nan)).Sign() }, []float64{1, -1, 0, nan}}},
	graph.OpSqrt:     {{"", func(g gr) va { return vec(g, 4, 2).Sqrt() }, []float64{2, 1.4142135623730951}}},
	graph.OpRsqrt:    {{"", func(g gr) va { return vec(g, 4, .25).Rsqrt() }, []float64{.5, 2}}},
	graph.OpExp:      {{"", func(g gr) va { return vec(g, 1, 0).Exp() }, []float64{2.718281828459045, 1}}},
	graph.OpLog:      {{"", func(g gr) va { return vec(g, 10, 1).Log() }, []float64{2.302585092994046, 0}}},
	graph.OpSin:      {{"", func(g gr) va { return vec(g, 1).Sin() }, []float64{0.8414709848078965}}},
	graph.OpCos:      {{"", func(g gr) va { return vec(g, 1).Cos() }, []float64{0.5403023058681398}}},
	graph.OpTanh:     {{"", func(g gr) va { return vec(g, 1, -1).Tanh() }, []float64{0.7615941559557649, -0.7615941559557649}}},
	graph.OpSigmoid:  {{"", func(g gr) va { return vec(g, 1, -1000, 1000).Sigmoid() }, []float64{0.7310585786300049, 0, 1}}},
	graph.OpSoftplus: {{"", func(g gr) va { return vec(g, 0, 1, -1, 1000, -1000).Softplus() },
		[]float64{math.Ln2, 1.3132616875182228, 0.31326168751822286, 1000, 0}}},
	graph.OpErf:          {{"", func(g gr) va { return vec(g, 1, -.5).Erf() }, []float64{0.8427007929497149, -0.5204998778130465}}},
	graph.OpFloor:        {{"", func(g gr) va { return vec(g, 1.5, -1.5, 2).Floor() }, []float64{1, -2, 2}}},
	graph.OpLeakyReLU:    {{"", func(g gr) va { return vec(g, 2, -2, 0).LeakyReLU(.25) }, []float64{2, -.5, 0}}},
	graph.OpStopGradient: {{"", func(g gr) va { return vec(g, 7).StopGradient() }, []float64{7}}},

	graph.OpAdd: {{"", func(g gr) va { return vec(g, 1, 2).Add(vec(g, 3, 5)) }, []float64{4, 7}}},
	graph.OpSub: {{"", func(g gr) va { return vec(g, 1, 2).Sub(vec(g, 3, 5)) }, []float64{-2, -3}}},
	graph.OpMul: {{"", func(g gr) va { return vec(g, 1, 2).Mul(vec(g, 3, 5)) }, []float64{3, 10}}},
	graph.OpDiv: {{"", func(g gr) va { return vec(g, 1, 2, 1).Div(vec(g, 4, 5, 0)) }, []float64{.25, .4, inf}}},
	graph.OpMax: {{"", func(g gr) va { return vec(g, 1, 5).Max(vec(g, 3, -5)) }, []float64{3, 5}}},
	graph.OpMin: {{"", func(g gr) va { return vec(g, 1, 5).Min(vec(g, 3, -5)) }, []float64{1, -5}}},
	graph.OpLess: {{"", func(g gr) va { return vec(g, 1, 2, 3, float32(nan)).Less(vec(g, 2, 2, 2, 2)) },
		[]float64{1, 0, 0, 0}}},
	graph.OpLessEqual: {{"", func(g gr) va { return vec(g, 1, 2, 3).LessEqual(vec(g, 2, 2, 2)) }, []float64{1, 1, 0}}},
	graph.OpEqual:     {{"", func(g gr) va { return vec(g, 1, 2, 3).Equal(vec(g, 2, 2, 2)) }, []float64{0, 1, 0}}},
	graph.OpSelect: {{"", func(g gr) va { return graph.Select(vec(g, 1, 0, -2), vec(g, 1, 2, 3), vec(g, 4, 5, 6)) },
		[]float64{1, 5, 3}}},

	graph.OpBroadcast: {
		{"rows", func(g gr) va { return count(g, 2, 1).BroadcastTo(2, 3) }, []float64{1, 1, 1, 2, 2, 2}},
		{"columns", func(g gr) va { return count(g, 2).BroadcastTo(3, 2) }, []float64{1, 2, 1, 2, 1, 2}},
	},
	graph.OpReshape: {{"", func(g gr) va { return count(g, 2, 2).Reshape(4) }, []float64{1, 2, 3, 4}}},
	graph.OpTranspose: {
		{"matrix", func(g gr) va { return count(g, 2, 3).Transpose(1, 0) }, []float64{1, 4, 2, 5, 3, 6}},
		// [1 2 3] to [3 1 2] is not its own inverse.
		{"cycle", func(g gr) va { return count(g, 1, 2, 3).Transpose(2, 0, 1) }, []float64{1, 4, 2, 5, 3, 6}},
	},
	graph.OpSlice: {
		{"box", func(g gr) va { return count(g, 2, 3).Slice(1, 1, 3) }, []float64{2, 3, 5, 6}},
		{"steps", func(g gr) va {
			return count(g, 7).SliceAll(graph.SliceAttr{Start: []int{1}, Limit: []int{6}, Stride: []int{3}})
		}, []float64{2, 5}},
	},
	graph.OpPad: {
		{"around", func(g gr) va { return count(g, 2, 1).Pad(1, 1, 2) }, []float64{0, 1, 0, 0, 0, 2, 0, 0}},
		{"between", func(g gr) va {
			return count(g, 3).PadAll(graph.PadAttr{Low: []int{1}, High: []int{0}, Interior: []int{2}})
		}, []float64{0, 1, 0, 0, 2, 0, 0, 3}},
	},
	graph.OpConcat: {
		{"columns", func(g gr) va { return graph.Concat(1, count(g, 2, 1), vec(g, 7, 8, 9, 10).Reshape(2, 2)) },
			[]float64{1, 7, 8, 2, 9, 10}},
		{"rows", func(g gr) va { return graph.Concat(0, count(g, 1, 2), vec(g, 7, 8).Reshape(1, 2)) },
			[]float64{1, 2, 7, 8}},
	},
	graph.OpReverse: {{"", func(g gr) va { return count(g, 2, 3).Reverse(1) }, []float64{3, 2, 1, 6, 5, 4}}},
	graph.OpReduceSum: {
		{"rows", func(g gr) va { return count(g, 2, 3).ReduceSum(0) }, []float64{5, 7, 9}},
		{"columns", func(g gr) va { return count(g, 2, 3).ReduceSum(1) }, []float64{6, 15}},
		{"all", func(g gr) va { return count(g, 2, 3).ReduceSum() }, []float64{21}},
	},
	graph.OpReduceMax: {
		{"columns", func(g gr) va { return lit(g, []int{2, 2}, -3, -4, 5, 6).ReduceMax(1) }, []float64{-3, 6}},
		{"rows", func(g gr) va { return lit(g, []int{2, 2}, -3, 9, 5, 6).ReduceMax(0) }, []float64{5, 9}},
	},

	// a = [1 2; 3 4], b = [5 6; 7 8]
	graph.OpMatMul: {
		{"nn", func(g gr) va { return abcd(g, false, false) }, []float64{19, 22, 43, 50}},
		{"tn", func(g gr) va { return abcd(g, true, false) }, []float64{26, 30, 38, 44}},
		{"nt", func(g gr) va { return abcd(g, false, true) }, []float64{17, 23, 39, 53}},
		{"tt", func(g gr) va { return abcd(g, true, true) }, []float64{23, 31, 34, 46}},
		{"batch", func(g gr) va { return graph.MatMul(count(g, 2, 1, 2), count(g, 2, 2, 1), false, false) }, []float64{5, 25}},
		{"wide", func(g gr) va { return graph.MatMul(count(g, 1, 2), count(g, 3, 2), false, true) }, []float64{5, 11, 17}},
	},

	graph.OpConv: {
		// A correlation, not a flipped convolution: 1·1+2·10, 2·1+3·10.
		{"correlates", func(g gr) va { return graph.Conv(row3(g), tapsOf(g, 1, 10), graph.Window{}) }, []float64{21, 32}},
		{"pads left", func(g gr) va { return graph.Conv(row3(g), tapsOf(g, 1, 10), graph.Window{PadLeft: 1}) }, []float64{10, 21, 32}},
		{"pads right", func(g gr) va { return graph.Conv(row3(g), tapsOf(g, 1, 10), graph.Window{PadRight: 1}) }, []float64{21, 32, 3}},
		{"strides", func(g gr) va { return graph.Conv(row3(g), tapsOf(g, 1), graph.Window{StrideW: 2}) }, []float64{1, 3}},
		{"dilates", func(g gr) va { return graph.Conv(row3(g), tapsOf(g, 1, 10), graph.Window{DilationW: 2}) }, []float64{31}},
		{"rows", func(g gr) va {
			return graph.Conv(count(g, 1, 3, 2, 1), count(g, 2, 1, 1, 1), graph.Window{StrideH: 2, PadTop: 1})
		}, []float64{2, 4, 13, 16}},
		// Two pixels of channels (1 2) and (3 4), filter c→k [1 2 3; 4 5 6].
		{"mixes channels", func(g gr) va { return graph.Conv(count(g, 1, 1, 2, 2), count(g, 1, 1, 2, 3), graph.Window{}) },
			[]float64{9, 12, 15, 19, 26, 33}},
		// Channel 1 makes results 1 and 2, channel 2 makes 3 and 4.
		{"groups", func(g gr) va {
			return graph.Conv(count(g, 1, 1, 1, 2), count(g, 1, 1, 1, 4), graph.Window{Groups: 2})
		}, []float64{1, 2, 6, 8}},
	},
	graph.OpConvInputGrad: {
		// Each of 1, 2, 3 stamps the filter 1, 10 two steps further.
		{"stamps", func(g gr) va { return graph.ConvTransposed(row3(g), tapsOf(g, 1, 10), 1, 7, graph.Window{StrideW: 2}) },
			[]float64{1, 10, 2, 20, 3, 30, 0}},
		{"crops", func(g gr) va {
			return graph.ConvTransposed(row3(g), tapsOf(g, 1, 10), 1, 2, graph.Window{PadLeft: 1, PadRight: 1})
		}, []float64{12, 23}},
		{"groups", func(g gr) va {
			return graph.ConvTransposed(count(g, 1, 1, 1, 4), count(g, 1, 1, 1, 4), 1, 1, graph.Window{Groups: 2})
		}, []float64{5, 25}},
	},
	graph.OpConvFilterGrad: {
		// With a result gradient of ones each tap sums the pixels it meets.
		{"sums", func(g gr) va {
			f := tapsOf(g, 1, 10)
			return graph.Grad(graph.Conv(row3(g), f, graph.Window{PadLeft: 1}).Sum(), f)[0]
		}, []float64{3, 6}},
	},
	graph.OpGather: {{"", func(g gr) va { return graph.Gather(count(g, 3, 2), vec(g, 2, 0, 2, 9, -9)) },
		[]float64{5, 6, 1, 2, 5, 6, 5, 6, 1, 2}}},
	graph.OpScatterAdd: {{"", func(g gr) va { return graph.ScatterAdd(count(g, 3, 2), vec(g, 1, 0, 1), 3) },
		[]float64{3, 4, 6, 8, 0, 0}}},
}

func abcd(g gr, ta, tb bool) va {
	return graph.MatMul(count(g, 2, 2), lit(g, []int{2, 2}, 5, 6, 7, 8), ta, tb)
}

func row3(g gr) va { return count(g, 1, 1, 3, 1) }

func tapsOf(g gr, f ...float32) va { return lit(g, []int{1, len(f), 1, 1}, f...) }

func TestPrimitives(t *testing.T) {
	for _, op := range graph.Ops() {
		if op.Leaf() && op != graph.OpConstant && op != graph.OpFull {
			continue // TestLeaves
		}
		if len(samples[op]) == 0 {
			t.Errorf("%v has no sample", op)
		}
		for _, s := range samples[op] {
			t.Run(op.String()+"/"+s.name, func(t *testing.T) {
				v := s.make(graph.New())
				if v.Op() != op {
					t.Fatalf("the sample makes a %v", v.Op())
				}
				got, err := Eval([]*graph.Value{v}, Env{})
				if err != nil {
					t.Fatal(err)
				}
				if err := near(got[0].Data, s.want); err != nil {
					t.Error(err)
				}
			})
		}
	}
}
