package graph

// Op is a primitive. The set is closed: back ends implement these and nothing
// else, and each has a counterpart in StableHLO (named where it differs).
type Op uint8

const (
	// Leaves.
	OpInput Op = iota
	OpState
	OpConstant
	OpFull
	OpUniform // rng_bit_generator
	OpNormal  // rng_bit_generator

	// Elementwise, one operand.
	OpNeg
	OpAbs
	OpSign
	OpSqrt
	OpRsqrt
	OpExp
	OpLog
	OpSin
	OpCos
	OpTanh
	OpSigmoid  // logistic
	OpSoftplus // log_plus_one(exp(x)), computed without overflow
	OpErf
	OpFloor
	OpLeakyReLU    // select: x where x > 0, else slope·x, slope in [0, 1]
	OpStopGradient // the identity, whose gradient is nothing

	// Elementwise, two operands of one shape.
	OpAdd
	OpSub
	OpMul
	OpDiv
	OpMax
	OpMin
	OpLess      // compare; 1 where true, 0 where not
	OpLessEqual // compare
	OpEqual     // compare

	// Elementwise, three operands.
	OpSelect // the second operand where the first is not 0, else the third

	// Layout.
	OpBroadcast // axes of extent 1 grow
	OpReshape
	OpTranspose
	OpSlice
	OpPad // with zeros, also between elements
	OpConcat
	OpReverse

	// Reductions; reduced axes stay with extent 1.
	OpReduceSum
	OpReduceMax

	// Contractions.
	OpMatMul         // dot_general
	OpConv           // convolution
	OpConvInputGrad  // convolution with lhs_dilation
	OpConvFilterGrad // convolution with rhs_dilation
	OpGather         // rows of a table
	OpScatterAdd     // rows added into a table

	// Attention, fused; see Attention.
	OpAttention
	OpAttentionLSE // log Σ exp of the scores
	OpAttentionGradQ
	OpAttentionGradK
	OpAttentionGradV

	// The norm and rotation of queries and keys, fused; see Rotary.
	OpRotary
	OpRotaryGradX
	OpRotaryGradScale

	opCount
)

var opNames = [opCount]string{
	"input", "state", "constant", "full", "uniform", "normal",
	"neg", "abs", "sign", "sqrt", "rsqrt", "exp", "log", "sin", "cos", "tanh", "sigmoid", "softplus", "erf", "floor", "leaky_relu", "stop_gradient",
	"add", "sub", "mul", "div", "max", "min", "less", "less_equal", "equal",
	"select",
	"broadcast", "reshape", "transpose", "slice", "pad", "concat", "reverse",
	"reduce_sum", "reduce_max",
	"matmul", "conv", "conv_input_grad", "conv_filter_grad", "gather", "scatter_add",
	"attention", "attention_lse", "attention_grad_q", "attention_grad_k", "attention_grad_v",
	"rotary", "rotary_grad_x", "rotary_grad_scale",
}

// String is the op's name in error messages and dumps.
func (o Op) String() string { return opNames[o] }

// Ops lists every primitive.
func Ops() []Op {
	out := make([]Op, opCount)
	for i := range out {
		out[i] = Op(i)
	}
	return out
}

// Elementwise reports whether each element of the result depends on the
// elements of the operands at the same place alone.
func (o Op) Elementwise() bool { return o >= OpNeg && o <= OpSelect }

// Leaf reports whether the op has no operands.
func (o Op) Leaf() bool { return o <= OpNormal }
