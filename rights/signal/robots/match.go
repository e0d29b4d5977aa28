package robots

import (
	"net/url"
	"strings"
)

// Path returns what patterns are matched against: the path and query of a
// URL, percent-encoded, beginning with a slash.
func Path(u *url.URL) string {
	p := u.EscapedPath()
	if p == "" {
		p = "/"
	}
	if u.RawQuery != "" || u.ForceQuery {
		p += "?" + u.RawQuery
	}
	return p
}

// Match reports whether a pattern matches the beginning of a path, and with
// how many octets (RFC 9309 sections 2.2.2 and 2.2.3). In the pattern a star
// stands for any octets and a dollar sign at its end for the end of the path;
// octets outside of ASCII are the same as their percent-encoding, and
// percent-encoded unreserved characters the same as the characters. The empty
// pattern matches nothing.
func Match(pattern, path string) (octets int, ok bool) {
	if pattern == "" {
		return 0, false
	}
	pattern, path = normal(pattern, true), normal(path, false)
	octets = len(pattern)
	anchored := strings.HasSuffix(pattern, "$")
	pattern = strings.TrimSuffix(pattern, "$")
	first, rest, star := strings.Cut(pattern, "*")
	if !strings.HasPrefix(path, first) {
		return 0, false
	}
	path = path[len(first):]
	// The leftmost place for each part leaves the most for those after it.
	for star {
		var part string
		part, rest, star = strings.Cut(rest, "*")
		if !star && anchored {
			return octets, strings.HasSuffix(path, part)
		}
		at := strings.Index(path, part)
		if at < 0 {
			return 0, false
		}
		path = path[at+len(part):]
	}
	return octets, !anchored || path == ""
}

const hex = "0123456789ABCDEF"

// normal brings percent-encoding into one form. A dollar sign in a path, or
// not at the end of a pattern, and a star in a path stand for themselves.
func normal(s string, pattern bool) string {
	var b strings.Builder
	b.Grow(len(s))
	escape := func(c byte) {
		b.WriteByte('%')
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '%' && i+2 < len(s) && unhex(s[i+1]) >= 0 && unhex(s[i+2]) >= 0:
			c = byte(unhex(s[i+1])<<4 | unhex(s[i+2]))
			i += 2
			if unreserved(c) {
				b.WriteByte(c)
			} else {
				escape(c)
			}
		case c >= 0x80 || c <= ' ' || c == '*' && !pattern || c == '$' && !(pattern && i == len(s)-1):
			escape(c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// unreserved is the set of RFC 3986 section 2.3.
func unreserved(c byte) bool {
	low := c | 0x20
	return 'a' <= low && low <= 'z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}
