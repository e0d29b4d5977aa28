package generate

import "math"

// slerp goes the share t of the way from a to b along the great circle, with
// the lengths interpolated linearly: Shoemake, "Animating Rotation with
// Quaternion Curves" (1985), section 3.3; for latents White, "Sampling
// Generative Networks" (2016), section 2.1. It goes straight where the
// directions are equal, opposite or none.
func slerp(dst, a, b []float32, t float64) {
	var aa, bb, ab float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		aa, bb, ab = aa+x*x, bb+y*y, ab+x*y
	}
	wa, wb := 1-t, t
	la, lb := math.Sqrt(aa), math.Sqrt(bb)
	if la > 0 && lb > 0 {
		angle := math.Acos(max(-1, min(1, ab/(la*lb))))
		if sin := math.Sin(angle); sin > 1e-6 {
			length := (1-t)*la + t*lb
			wa = math.Sin((1-t)*angle) / sin * length / la
			wb = math.Sin(t*angle) / sin * length / lb
		}
	}
	for i := range dst {
		dst[i] = float32(wa*float64(a[i]) + wb*float64(b[i]))
	}
}
