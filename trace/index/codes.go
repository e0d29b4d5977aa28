package index

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"
)

// codes are the descriptors of all windows of all pictures as bytes.
type codes struct {
	mean, scale [describeDim]float32 // of a descriptor's values
	code        []int8               // [n, windows, describeDim]
	norm        []int32              // [n, windows] squared lengths
}

const (
	sampled = 512 // pictures by which the values are measured
	// whiten is the power of a value's deviation by which it is divided: 0 leaves
	// large differences of brightness in command, 1 gives noise as much say.
	whiten = 0.7
	spread = 4 // deviations that a byte holds
)

// ready makes the codes on first use. It takes a fifth of a second on a core for
// ten thousand pictures.
func (x *Index) ready() *codes {
	x.once.Do(func() {
		x.codes = codes{
			code: make([]int8, x.Len()*len(windows)*describeDim),
			norm: make([]int32, x.Len()*len(windows)),
		}
		p := newProjector()
		x.codes.measure(x, p)
		const part = 256
		var next atomic.Int64
		var g sync.WaitGroup
		for range min(runtime.GOMAXPROCS(0), (x.Len()+part-1)/part) {
			g.Go(func() {
				for {
					from := int(next.Add(1)-1) * part
					if from >= x.Len() {
						return
					}
					x.codes.fill(x, p, from, min(from+part, x.Len()))
				}
			})
		}
		g.Wait()
	})
	return &x.codes
}

// measure finds the mean and the scale of each value.
func (c *codes) measure(x *Index, p *projector) {
	n := min(sampled, x.Len())
	var rows []float32
	for i := range n {
		rows = append(rows, x.coefficients(i*x.Len()/n)...)
	}
	all := p.project(rows, n)
	var sum, squares [describeDim]float64
	for i, v := range all {
		sum[i%describeDim] += float64(v)
		squares[i%describeDim] += float64(v) * float64(v)
	}
	most := 0.
	var deviation [describeDim]float64
	count := float64(len(all) / describeDim)
	for d := range deviation {
		mean := sum[d] / count
		c.mean[d] = float32(mean)
		deviation[d] = math.Sqrt(max(squares[d]/count-mean*mean, 1e-6))
		most = max(most, math.Pow(deviation[d], 1-whiten))
	}
	for d := range deviation {
		c.scale[d] = float32(127 / spread / most / math.Pow(deviation[d], whiten))
	}
}

// fill describes some pictures.
func (c *codes) fill(x *Index, p *projector, from, to int) {
	rows := make([]float32, 0, (to-from)*len(frequencies))
	for i := from; i < to; i++ {
		rows = append(rows, x.coefficients(i)...)
	}
	all := p.project(rows, to-from)
	for i := range len(all) / describeDim {
		w := from*len(windows) + i
		c.norm[w] = c.encode((*[describeDim]int8)(c.code[w*describeDim:]), all[i*describeDim:][:describeDim])
	}
}

// encode rounds a descriptor and gives its squared length.
func (c *codes) encode(dst *[describeDim]int8, values []float32) (norm int32) {
	for d, v := range values {
		k := int32(min(max((v-c.mean[d])*c.scale[d], -127), 127)+127.5) - 127
		dst[d] = int8(k)
		norm += k * k
	}
	return norm
}

// lanes is how many queries are compared at once: their sums of products share a
// 64-bit number. A sum of 32 products of bytes takes 20 bits and a sign.
const (
	lanes    = 3
	laneBits = 21
)

// nearest gives for every picture its window that is nearest to each of at most
// three descriptors, and the squared distance less the query's own length.
func (c *codes) nearest(queries [][describeDim]int8, far [][]int32, window [][]uint8) {
	var a [describeDim]int64
	for l, q := range queries {
		for d, v := range q {
			a[d] += int64(v) << (l * laneBits)
		}
	}
	n := len(windows)
	for i := range len(c.norm) / n {
		best, at := [lanes]int32{math.MaxInt32, math.MaxInt32, math.MaxInt32}, [lanes]uint8{}
		norms := c.norm[i*n : (i+1)*n : (i+1)*n]
		rows := c.code[i*n*describeDim : (i+1)*n*describeDim]
		for w, norm := range norms {
			sum := dot(&a, (*[describeDim]int8)(rows[w*describeDim:]))
			for l := range best {
				s := sum << (64 - laneBits) >> (64 - laneBits)
				sum = (sum - s) >> laneBits
				if d := norm - 2*int32(s); d < best[l] {
					best[l], at[l] = d, uint8(w)
				}
			}
		}
		for l := range queries {
			far[l][i], window[l][i] = best[l], at[l]
		}
	}
}

// dot is written out because the compiler does not unroll loops: it takes half
// the time.
func dot(a *[describeDim]int64, b *[describeDim]int8) int64 {
	return (a[0]*int64(b[0]) + a[1]*int64(b[1]) + a[2]*int64(b[2]) + a[3]*int64(b[3])) +
		(a[4]*int64(b[4]) + a[5]*int64(b[5]) + a[6]*int64(b[6]) + a[7]*int64(b[7])) +
		(a[8]*int64(b[8]) + a[9]*int64(b[9]) + a[10]*int64(b[10]) + a[11]*int64(b[11])) +
		(a[12]*int64(b[12]) + a[13]*int64(b[13]) + a[14]*int64(b[14]) + a[15]*int64(b[15])) +
		(a[16]*int64(b[16]) + a[17]*int64(b[17]) + a[18]*int64(b[18]) + a[19]*int64(b[19])) +
		(a[20]*int64(b[20]) + a[21]*int64(b[21]) + a[22]*int64(b[22]) + a[23]*int64(b[23])) +
		(a[24]*int64(b[24]) + a[25]*int64(b[25]) + a[26]*int64(b[26]) + a[27]*int64(b[27])) +
		(a[28]*int64(b[28]) + a[29]*int64(b[29]) + a[30]*int64(b[30]) + a[31]*int64(b[31]))
}
