package resize

import (
	"math"
	"sync"
)

// light is the linear light of an sRGB level between 0 and 255, 0 to 1 (IEC
// 61966-2-1:1999, equations 5 and 6).
func light(level float64) float64 {
	v := level / 255
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

// linear is the light of each level in 16 bits. No entry is so near to the
// middle between two numbers that the last bits of math.Pow could move it.
var linear = sync.OnceValue(func() *[256]uint16 {
	var t [256]uint16
	for i := range t {
		t[i] = uint16(math.Round(0xffff * light(float64(i))))
	}
	return &t
})

// encoded is the nearest level for each light of 16 bits.
var encoded = sync.OnceValue(func() *[1 << 16]uint8 {
	var t [1 << 16]uint8
	level, next := 0, threshold(0)
	for v := range t {
		for level < 255 && v >= next {
			level++
			next = threshold(level)
		}
		t[v] = uint8(level)
	}
	return &t
})

// threshold is the least light in 16 bits that is nearer to level+1.
func threshold(level int) int { return int(math.Ceil(0xffff * light(float64(level)+0.5))) }
