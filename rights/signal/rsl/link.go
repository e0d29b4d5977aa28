package rsl

import "strings"

// link is a value of a Link header field (RFC 8288 section 3).
type link struct {
	target string
	params map[string]string // names in lower case; the first of each
}

// maxLinks is how many values of one field line are read.
const maxLinks = 1000

// parseLinks takes a field line apart. It reads on after what it does not
// understand.
func parseLinks(s string) []link {
	var links []link
	for len(links) < maxLinks {
		_, rest, ok := strings.Cut(s, "<")
		if !ok {
			break
		}
		target, rest, ok := strings.Cut(rest, ">")
		if !ok {
			break
		}
		l := link{strings.TrimSpace(target), map[string]string{}}
		for {
			rest = strings.TrimLeft(rest, " \t")
			if !strings.HasPrefix(rest, ";") {
				break
			}
			var name, value string
			name, value, rest = param(strings.TrimLeft(rest[1:], " \t"))
			if _, twice := l.params[name]; !twice && name != "" {
				l.params[name] = value
			}
		}
		links = append(links, l)
		s = rest
	}
	return links
}

// param reads a name with an optional value, which may be a quoted string.
func param(s string) (name, value, rest string) {
	end := strings.IndexAny(s, "=;,")
	if end < 0 {
		end = len(s)
	}
	name, s = strings.ToLower(strings.TrimSpace(s[:end])), s[end:]
	if !strings.HasPrefix(s, "=") {
		return name, "", s
	}
	s = strings.TrimLeft(s[1:], " \t")
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexAny(s, ";,")
		if end < 0 {
			end = len(s)
		}
		return name, strings.TrimSpace(s[:end]), s[end:]
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return name, b.String(), s[i+1:]
		case c == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		default:
			b.WriteByte(c)
		}
	}
	return name, b.String(), ""
}
