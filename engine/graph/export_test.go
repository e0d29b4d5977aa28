package graph

// Differentiable reports whether the op has a gradient rule.
func Differentiable(op Op) bool { return vjps[op] != nil }

// No caller reaches these with operands that do not fit.
var (
	ConvInputGrad  = convInputGrad
	ConvFilterGrad = convFilterGrad
	AttentionLSE   = attentionLSE
	AttentionGrad  = attentionGrad
	RotaryGrad     = rotaryGrad
)
