package page

import (
	"strconv"
	"strings"
)

// Limits of a srcset attribute.
const (
	maxSrcset     = 64 << 10 // bytes
	maxCandidates = 100
)

// largest returns the candidate of a srcset attribute with the greatest width
// or density, the first of equals (HTML, "Srcset attributes", August 2026); ""
// if there is none.
func largest(srcset string) string {
	if len(srcset) > maxSrcset {
		srcset = srcset[:maxSrcset]
	}
	best, most := "", 0.0
	for range maxCandidates {
		srcset = strings.TrimLeft(srcset, " \t\r\n\f,")
		if srcset == "" {
			break
		}
		end := strings.IndexAny(srcset, " \t\r\n\f")
		if end < 0 {
			end = len(srcset)
		}
		address, rest := srcset[:end], srcset[end:]
		descriptors := ""
		if bare := strings.TrimRight(address, ","); bare != address {
			address = bare // commas at its end close the candidate
		} else {
			descriptors, rest = cutDescriptors(rest)
		}
		srcset = rest
		if size := weigh(descriptors); size > most && address != "" && !strings.HasPrefix(address, "data:") {
			best, most = address, size
		}
	}
	return best
}

// cutDescriptors splits at the first comma outside of parentheses.
func cutDescriptors(s string) (descriptors, rest string) {
	open := 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			open++
		case ')':
			open--
		case ',':
			if open <= 0 {
				return s[:i], s[i+1:]
			}
		}
	}
	return s, ""
}

// weigh compares widths and densities: a width of some pixels is more than any
// density, and no descriptor is a density of one. What is not valid weighs 0.
func weigh(descriptors string) float64 {
	size := 1.0
	for d := range strings.FieldsSeq(descriptors) {
		n, err := strconv.ParseFloat(d[:len(d)-1], 64)
		if err != nil || !(n > 0 && n < 1e6) {
			return 0
		}
		switch d[len(d)-1] {
		case 'w':
			size = 1e6 + n
		case 'x':
			size = n
		case 'h':
		default:
			return 0
		}
	}
	return size
}
