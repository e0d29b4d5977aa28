package debian

import "strings"

// glob matches a pattern of DEP-5: "*" is any text, slashes among it, "?" one
// character, and a backslash makes "*", "?" and itself plain.
func glob(pattern, name string) bool {
	p, n := 0, 0
	star, from := -1, 0 // the last "*", and where in name its text ends
	for n < len(name) {
		if p < len(pattern) {
			switch c := pattern[p]; {
			case c == '*':
				star, from = p, n
				p++
				continue
			case c == '?':
				p++
				n += width(name[n])
				continue
			case c == '\\' && p+1 < len(pattern) && pattern[p+1] == name[n]:
				p, n = p+2, n+1
				continue
			case c != '\\' && c == name[n]:
				p, n = p+1, n+1
				continue
			}
		}
		if star < 0 {
			return false
		}
		from++
		p, n = star+1, from
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// width is the number of bytes of the UTF-8 character that begins so.
func width(c byte) int {
	switch {
	case c >= 0xf0:
		return 4
	case c >= 0xe0:
		return 3
	case c >= 0xc0:
		return 2
	}
	return 1
}

// literal gives the name that a pattern without wildcards stands for.
func literal(pattern string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; c {
		case '*', '?':
			return "", false
		case '\\':
			if i++; i == len(pattern) {
				return "", false
			}
			b.WriteByte(pattern[i])
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), true
}
