package vec

import "math"

func negGeneric(dst, a []float32) {
	a = a[:len(dst)]
	for i := range dst {
		dst[i] = -a[i]
	}
}

func absGeneric(dst, a []float32) {
	a = a[:len(dst)]
	for i := range dst {
		dst[i] = math.Float32frombits(math.Float32bits(a[i]) &^ (1 << 31))
	}
}

func signGeneric(dst, a []float32) {
	a = a[:len(dst)]
	for i := range dst {
		x := a[i]
		if x > 0 {
			x = 1
		} else if x < 0 {
			x = -1
		}
		dst[i] = x
	}
}

// sqrt rounds correctly: the compiler turns it into one float32 instruction.
func sqrt(x float32) float32 { return float32(math.Sqrt(float64(x))) }

func sqrtGeneric(dst, a []float32) {
	a = a[:len(dst)]
	for i := range dst {
		dst[i] = sqrt(a[i])
	}
}

func rsqrtGeneric(dst, a []float32) {
	a = a[:len(dst)]
	for i := range dst {
		dst[i] = 1 / sqrt(a[i])
	}
}

func floorGeneric(dst, a []float32) {
	a = a[:len(dst)]
	for i := range dst {
		dst[i] = float32(math.Floor(float64(a[i])))
	}
}
