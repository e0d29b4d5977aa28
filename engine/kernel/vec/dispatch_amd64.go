package vec

import "github.com/limner-ai/limner/engine/kernel/isa"

//go:generate go generate -C _asm

// implementations holds the set of each level.
var implementations = [...]*set{isa.Generic: &generic, isa.AVX2: &avx2, isa.AVX512: &avx512}

var avx2 = set{
	add: addAVX2, sub: subAVX2, mul: mulAVX2, div: divAVX2, max: maxAVX2, min: minAVX2,
	less: lessAVX2, lessEq: lessEqAVX2, equal: equalAVX2,
	addS: addSAVX2, mulS: mulSAVX2, subFromS: subFromSAVX2, divIntoS: divIntoSAVX2, maxS: maxSAVX2, minS: minSAVX2,
	lessS: lessSAVX2, lessEqS: lessEqSAVX2, greaterS: greaterSAVX2, greaterEqS: greaterEqSAVX2, equalS: equalSAVX2,
	neg: negAVX2, abs: absAVX2, sign: signAVX2, sqrt: sqrtAVX2, rsqrt: rsqrtAVX2, floor: floorAVX2,
	exp: expAVX2, log: logAVX2, tanh: tanhAVX2, sigmoid: sigmoidAVX2, softplus: softplusAVX2, erf: erfAVX2,
	fill: fillAVX2, mulAdd: mulAddAVX2, mulAddTwice: mulAddTwiceAVX2, mulAddS: mulAddSAVX2, mulSAddS: mulSAddSAVX2,
	selectVS: selectVSAVX2, selectSV: selectSVAVX2, selectSS: selectSSAVX2,
	sum: sumAVX2, dot: dotAVX2, maxOf: maxOfAVX2,
	addRows: addRowsAVX2, dotRows: dotRowsAVX2, maxRows: maxRowsAVX2,
	addAlong: addAlongAVX2, subAlong: subAlongAVX2, mulAlong: mulAlongAVX2, divAlong: divAlongAVX2, mulAddAlong: mulAddAlongAVX2, mulAddTwiceAlong: mulAddTwiceAlongAVX2, expAlong: expAlongAVX2,
	sumAlong: sumAlongAVX2, dotAlong: dotAlongAVX2, maxAlong: maxAlongAVX2, softmax: softmaxAVX2, softmaxGrad: softmaxGradAVX2, standardise: standardiseAVX2, standardiseGrad: standardiseGradAVX2,
	silu: siluAVX2, siluGrad: siluGradAVX2, gelu: geluAVX2, geluGrad: geluGradAVX2,
	adam: adamAVX2, adamAverage: adamAverageAVX2,
	prefetch: prefetchAVX2, sel: selectAVX2, sin: sinAVX2, cos: cosAVX2, transpose: transposeAVX2,
}

var avx512 = set{
	add: addAVX512, sub: subAVX512, mul: mulAVX512, div: divAVX512, max: maxAVX512, min: minAVX512,
	less: lessAVX512, lessEq: lessEqAVX512, equal: equalAVX512,
	addS: addSAVX512, mulS: mulSAVX512, subFromS: subFromSAVX512, divIntoS: divIntoSAVX512, maxS: maxSAVX512, minS: minSAVX512,
	lessS: lessSAVX512, lessEqS: lessEqSAVX512, greaterS: greaterSAVX512, greaterEqS: greaterEqSAVX512, equalS: equalSAVX512,
	neg: negAVX512, abs: absAVX512, sign: signAVX512, sqrt: sqrtAVX512, rsqrt: rsqrtAVX512, floor: floorAVX512,
	exp: expAVX512, log: logAVX512, tanh: tanhAVX512, sigmoid: sigmoidAVX512, softplus: softplusAVX512, erf: erfAVX512,
	fill: fillAVX512, mulAdd: mulAddAVX512, mulAddTwice: mulAddTwiceAVX512, mulAddS: mulAddSAVX512, mulSAddS: mulSAddSAVX512,
	selectVS: selectVSAVX512, selectSV: selectSVAVX512, selectSS: selectSSAVX512,
	sum: sumAVX512, dot: dotAVX512, maxOf: maxOfAVX512,
	addRows: addRowsAVX512, dotRows: dotRowsAVX512, maxRows: maxRowsAVX512,
	addAlong: addAlongAVX512, subAlong: subAlongAVX512, mulAlong: mulAlongAVX512, divAlong: divAlongAVX512, mulAddAlong: mulAddAlongAVX512, mulAddTwiceAlong: mulAddTwiceAlongAVX512, expAlong: expAlongAVX512,
	sumAlong: sumAlongAVX512, dotAlong: dotAlongAVX512, maxAlong: maxAlongAVX512, softmax: softmaxAVX512, softmaxGrad: softmaxGradAVX512, standardise: standardiseAVX512, standardiseGrad: standardiseGradAVX512,
	silu: siluAVX512, siluGrad: siluGradAVX512, gelu: geluAVX512, geluGrad: geluGradAVX512,
	adam: adamAVX512, adamAverage: adamAverageAVX512,
	prefetch: prefetchAVX2, sel: selectAVX512, sin: sinAVX512, cos: cosAVX512, transpose: transposeAVX2,
}

func sinAVX2(dst, a []float32)   { nearly(dst, a, maxAbsAVX2, sinNearAVX2, sinGeneric) }
func cosAVX2(dst, a []float32)   { nearly(dst, a, maxAbsAVX2, cosNearAVX2, cosGeneric) }
func sinAVX512(dst, a []float32) { nearly(dst, a, maxAbsAVX512, sinNearAVX512, sinGeneric) }
func cosAVX512(dst, a []float32) { nearly(dst, a, maxAbsAVX512, cosNearAVX512, cosGeneric) }

func transposeAVX2(dst, src []float32, rows, cols int) {
	byStrips(transpose8AVX2, dst, src, rows, cols)
}
