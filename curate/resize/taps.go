package resize

// tap says what a new pixel is made of: old pixels from one on, each with its
// weight, of which the sum is given.
type tap struct {
	from    int
	weights []int64
	sum     int64
}

// apply sums four channels of pixels that lie stride values apart. Negative
// weights may lead out of the range, which is cut.
func (t *tap) apply(to, from []int32, stride int) {
	var s [4]int64
	for i, w := range t.weights {
		p := from[i*stride:][:4]
		s[0] += w * int64(p[0])
		s[1] += w * int64(p[1])
		s[2] += w * int64(p[2])
		s[3] += w * int64(p[3])
	}
	alpha := clip((s[3]+t.sum/2)/t.sum, whole)
	to[3] = alpha
	for c := range 3 {
		to[c] = clip((s[c]+t.sum/2)/t.sum, alpha)
	}
}

func clip(v int64, high int32) int32 { return int32(max(0, min(v, int64(high)))) }

// taps are those of n new pixels in place of m old ones.
func taps(m, n int) []tap {
	out := make([]tap, n)
	for i := range out {
		if n <= m {
			out[i] = area(i, m, n)
		} else {
			out[i] = catmullRom(i, m, n)
		}
	}
	return out
}

// area lets new pixel i cover the old ones from i·m/n to (i+1)·m/n; in units of
// 1/n of an old pixel all of that is whole.
func area(i, m, n int) tap {
	begin, end := int64(i)*int64(m), int64(i+1)*int64(m)
	t := tap{from: int(begin / int64(n)), sum: int64(m)}
	for j := int64(t.from); j*int64(n) < end; j++ {
		t.weights = append(t.weights, min((j+1)*int64(n), end)-max(j*int64(n), begin))
	}
	return t
}

// steps is how many places between two old pixels are told apart.
const steps = 256

// catmullRom interpolates between the four old pixels around the middle of new
// pixel i (Keys, 1981, equation 4 with a = -1/2); beyond the edge lie copies of
// the pixel on it.
func catmullRom(i, m, n int) tap {
	// The middle is at ((2i+1)m - n) / 2n old pixels from the middle of the
	// first; in steps, rounded:
	place := floor(steps*((2*int64(i)+1)*int64(m)-int64(n))+int64(n), 2*int64(n))
	left := floor(place, steps)
	f := place - left*steps
	const s = int64(steps)
	weights := [4]int64{ // times 2 steps³
		-f*f*f + 2*s*f*f - s*s*f,
		3*f*f*f - 5*s*f*f + 2*s*s*s,
		-3*f*f*f + 4*s*f*f + s*s*f,
		f*f*f - s*f*f,
	}
	t := tap{from: int(max(0, left-1)), sum: 2 * s * s * s}
	for k, w := range weights {
		j := max(0, min(left-1+int64(k), int64(m)-1)) - int64(t.from)
		for int64(len(t.weights)) <= j {
			t.weights = append(t.weights, 0)
		}
		t.weights[j] += w
	}
	return t
}

// floor is a/b rounded down, for positive b.
func floor(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
