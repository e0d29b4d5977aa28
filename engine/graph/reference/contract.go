package reference

import (
	"github.com/limner-ai/limner/engine/graph"
	"github.com/limner-ai/limner/engine/tensor"
)

// matmul is c[b i j] = Σₖ a[b i k]·b[b k j], where a transposed operand is
// read with its last two indices exchanged.
func matmul(a, b Array, t graph.MatMulAttr) Array {
	r := len(a.Shape)
	a0, a1 := a.Shape[r-2], a.Shape[r-1]
	b0, b1 := b.Shape[r-2], b.Shape[r-1]
	m, k, n := a0, a1, b1
	if t.TransA {
		m, k = a1, a0
	}
	if t.TransB {
		n = b0
	}
	batch := tensor.Shape(a.Shape[:r-2])
	out := New(append(batch.Clone(), m, n)...)
	for p := range batch.Size() {
		for i := range m {
			for j := range n {
				sum := 0.
				for l := range k {
					x, y := i*a1+l, l*b1+j
					if t.TransA {
						x = l*a1 + i
					}
					if t.TransB {
						y = j*b1 + l
					}
					sum += a.Data[p*a0*a1+x] * b.Data[p*b0*b1+y]
				}
				out.Data[(p*m+i)*n+j] = sum
			}
		}
	}
	return out
}

// convolution evaluates one of the three convolution primitives. They sum
// the same products x·f·y, each over the factors that it is given.
func convolution(op graph.Op, a, b Array, c graph.ConvAttr) Array {
	switch op {
	case graph.OpConvInputGrad:
		out := New(c.Input...)
		taps(c, func(x, f, y int) { out.Data[x] += a.Data[y] * b.Data[f] })
		return out
	case graph.OpConvFilterGrad:
		out := New(c.Filter...)
		taps(c, func(x, f, y int) { out.Data[f] += a.Data[x] * b.Data[y] })
		return out
	}
	out := New(c.Output...)
	taps(c, func(x, f, y int) { out.Data[y] += a.Data[x] * b.Data[f] })
	return out
}

// taps visits every product of the convolution
//
//	y[n oy ox k] = Σ x[n oy·stride+i·dilation−pad ox·… g·cg+c] · f[i j c k],
//
// g the group of k, cg the channels in a group; positions outside x are zero
// and left out. It passes places in the picture, filter and result.
func taps(a graph.ConvAttr, visit func(x, f, y int)) {
	w := a.Window
	h, wd, c := a.Input[1], a.Input[2], a.Input[3]
	kh, kw, cg, k := a.Filter[0], a.Filter[1], a.Filter[2], a.Filter[3]
	oh, ow := a.Output[1], a.Output[2]
	kg := k / w.Groups
	for n := range a.Input[0] {
		for oy := range oh {
			for ox := range ow {
				for i := range kh {
					y := oy*w.StrideH + i*w.DilationH - w.PadTop
					if y < 0 || y >= h {
						continue
					}
					for j := range kw {
						x := ox*w.StrideW + j*w.DilationW - w.PadLeft
						if x < 0 || x >= wd {
							continue
						}
						for ci := range cg {
							for ki := range k {
								visit(((n*h+y)*wd+x)*c+ki/kg*cg+ci,
									((i*kw+j)*cg+ci)*k+ki,
									((n*oh+oy)*ow+ox)*k+ki)
							}
						}
					}
				}
			}
		}
	}
}

func gathered(table, index Array) Array {
	d := table.Shape[1]
	out := New(len(index.Data), d)
	for i, x := range index.Data {
		r := row(x, table.Shape[0])
		copy(out.Data[i*d:(i+1)*d], table.Data[r*d:])
	}
	return out
}

func scattered(rows, index Array, count int) Array {
	d := rows.Shape[1]
	out := New(count, d)
	for i, x := range index.Data {
		r := row(x, count)
		for j := range d {
			out.Data[r*d+j] += rows.Data[i*d+j]
		}
	}
	return out
}

// row clamps an index to [0, count).
func row(x float64, count int) int {
	if !(x > 0) {
		return 0
	}
	return int(min(x, float64(count-1)))
}
