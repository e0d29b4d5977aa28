package rotary

import "math"

// rootMean is 1/√(mean(x²) + eps).
func rootMean(x []float32, inverse, eps float32) float32 {
	square := 0.
	for _, v := range x {
		square += float64(v) * float64(v)
	}
	return float32(1 / math.Sqrt(square*float64(inverse)+float64(eps)))
}

// turnGeneric normalises, scales and turns the heads of one token.
func turnGeneric(dst, x, scale, cos, sin []float32, heads, groups, half int, inverse, eps float32) {
	d := 2 * half * groups
	for h := range heads {
		x, dst := x[h*d:(h+1)*d], dst[h*d:(h+1)*d]
		r := rootMean(x, inverse, eps)
		for g := range groups {
			for i := range half {
				j, k := 2*half*g+i, 2*half*g+i+half
				a, b := x[j]*r*scale[j], x[k]*r*scale[k]
				c, s := cos[half*g+i], sin[half*g+i]
				dst[j], dst[k] = a*c-b*s, b*c+a*s
			}
		}
	}
}

// turnGradGeneric computes the gradient dx of one token and adds to that in
// scale. With u the gradient turned back and x̂ = r·x it is
//
//	dscale += u∘x̂,  dx = r·(u∘scale − x̂·mean(u∘scale∘x̂)).
func turnGradGeneric(dx, dscale, grad, x, scale, cos, sin []float32, heads, groups, half int, inverse, eps float32) {
	d := 2 * half * groups
	for h := range heads {
		x, dx, grad := x[h*d:(h+1)*d], dx[h*d:(h+1)*d], grad[h*d:(h+1)*d]
		r := rootMean(x, inverse, eps)
		mean := 0.
		for g := range groups {
			for i := range half {
				j, k := 2*half*g+i, 2*half*g+i+half
				a, b, c, s := grad[j], grad[k], cos[half*g+i], sin[half*g+i]
				u, v := a*c+b*s, b*c-a*s
				dx[j], dx[k] = u, v
				mean += float64(u*scale[j]*x[j]) + float64(v*scale[k]*x[k])
			}
		}
		m := r * r * r * inverse * float32(mean)
		for i, u := range dx {
			dscale[i] += u * r * x[i]
			dx[i] = u*r*scale[i] - x[i]*m
		}
	}
}
