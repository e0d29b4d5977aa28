package licence

import (
	"regexp"
	"slices"
	"strings"
)

var (
	attached   = regexp.MustCompile(`^([a-z]{3,}?)v?([0-9]+(?:\.[0-9]+)*[a-c]?\+?)$`)
	versioning = regexp.MustCompile(`^v?([0-9]{1,3})(?:\.([0-9]{1,3}))?(?:\.0)*([a-c]?)$`)
)

// filler says nothing about which licence is meant.
var filler = []string{"the", "license", "licence", "licenses", "licensed", "version", "versions", "ver", "v",
	"under", "terms", "of", "see", "is", "this", "released"}

// words cuts a name into lower-case words, leaving out filler. Versions get one
// decimal ("v2" is "2.0", also in "gplv2"), and "+" is a word of its own.
func words(s string) []string {
	cut := strings.FieldsFunc(strings.ToLower(s), func(c rune) bool {
		return c < 0x80 && !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '.' || c == '+')
	})
	var out []string
	add := func(w string) {
		w = strings.Trim(w, ".")
		if m := versioning.FindStringSubmatch(w); m != nil {
			if m[2] == "" {
				m[2] = "0"
			}
			w = m[1] + "." + m[2] + m[3]
		}
		if w != "" && !slices.Contains(filler, w) {
			out = append(out, w)
		}
	}
	for _, w := range cut {
		w, later := strings.CutSuffix(w, "+")
		if m := attached.FindStringSubmatch(w); m != nil {
			add(m[1])
			w = m[2]
		}
		add(w)
		if later {
			out = append(out, "+")
		}
	}
	return out
}

// isVersion reports whether w is a version as words writes it.
func isVersion(w string) bool {
	return strings.Contains(w, ".") && versioning.MatchString(w)
}
