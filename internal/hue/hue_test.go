package hue

import "testing"

func TestOf(t *testing.T) {
	for want, colours := range map[string][][3]int{
		"black": {{0, 0, 0}, {30, 20, 39}}, "grey": {{128, 128, 128}}, "white": {{250, 245, 240}},
		"red": {{217, 43, 43}, {139, 0, 0}}, "orange": {{245, 138, 26}}, "brown": {{122, 69, 34}},
		"yellow": {{247, 210, 42}}, "green": {{53, 168, 60}}, "cyan": {{34, 195, 207}},
		"blue": {{43, 87, 217}}, "purple": {{132, 54, 196}}, "pink": {{244, 120, 180}},
	} {
		for _, c := range colours {
			i := Of(c[0], c[1], c[2])
			if Names[i] != want || (i >= Chromatic) == (want == "black" || want == "grey" || want == "white") {
				t.Errorf("%v is %s, want %s", c, Names[i], want)
			}
		}
	}
}
