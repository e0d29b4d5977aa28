package vec

import "github.com/limner-ai/limner/engine/kernel/isa"

// implementations holds the set of each level; those of other processors are
// never active.
var implementations = [...]*set{isa.Generic: &generic, isa.NEON: neon()}

// neon is the portable set with what there is in assembly.
func neon() *set {
	s := generic
	s.add = addNEON
	s.sub = subNEON
	s.mul = mulNEON
	s.div = divNEON
	s.max = maxNEON
	s.min = minNEON
	s.less = lessNEON
	s.lessEq = lessEqNEON
	s.equal = equalNEON
	s.addS = addSNEON
	s.mulS = mulSNEON
	s.subFromS = subFromSNEON
	s.divIntoS = divIntoSNEON
	s.maxS = maxSNEON
	s.minS = minSNEON
	s.lessS = lessSNEON
	s.lessEqS = lessEqSNEON
	s.greaterS = greaterSNEON
	s.greaterEqS = greaterEqSNEON
	s.equalS = equalSNEON
	s.neg = negNEON
	s.abs = absNEON
	s.sign = signNEON
	s.sqrt = sqrtNEON
	s.rsqrt = rsqrtNEON
	s.floor = floorNEON
	s.exp = expNEON
	s.log = logNEON
	s.tanh = tanhNEON
	s.sigmoid = sigmoidNEON
	s.softplus = softplusNEON
	s.erf = erfNEON
	s.fill = fillNEON
	s.mulAdd = mulAddNEON
	s.mulAddTwice = mulAddTwiceNEON
	s.mulAddS = mulAddSNEON
	s.mulSAddS = mulSAddSNEON
	s.selectVS = selectVSNEON
	s.selectSV = selectSVNEON
	s.selectSS = selectSSNEON
	s.sum = sumNEON
	s.dot = dotNEON
	s.maxOf = maxOfNEON
	s.addRows = addRowsNEON
	s.maxRows = maxRowsNEON
	s.silu = siluNEON
	s.siluGrad = siluGradNEON
	s.gelu = geluNEON
	s.geluGrad = geluGradNEON
	s.adam = adamNEON
	s.adamAverage = adamAverageNEON
	s.sel = selectNEON
	s.sin = sinNEON
	s.cos = cosNEON
	s.transpose = transposeNEON
	return &s
}

func sinNEON(dst, a []float32) { nearly(dst, a, maxAbsNEON, sinNearNEON, sinGeneric) }
func cosNEON(dst, a []float32) { nearly(dst, a, maxAbsNEON, cosNearNEON, cosGeneric) }

func transposeNEON(dst, src []float32, rows, cols int) {
	byStrips(transpose8NEON, dst, src, rows, cols)
}
