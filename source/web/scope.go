package web

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"path"
	"strings"
)

// place is an entry of the key allow.
type place struct {
	scheme string // empty for both
	host   string // with its port, if that is not the scheme's
	below  bool   // *.host
	path   string // that others begin with
}

type scope []place

func (c *config) scope() scope {
	var s scope
	for _, a := range c.Allow {
		var p place
		if scheme, rest, ok := strings.Cut(a, "://"); ok {
			p.scheme, a = strings.ToLower(scheme), rest
		}
		host, rest, deep := strings.Cut(a, "/")
		if deep {
			p.path = "/" + rest
		}
		host, p.below = strings.CutPrefix(strings.ToLower(host), "*.")
		p.host = host
		s = append(s, p)
	}
	return s
}

// has reports whether an address, in the form of page.Address, is one that the
// crawl may go to.
func (s scope) has(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	for _, p := range s {
		switch {
		case p.scheme != "" && p.scheme != u.Scheme:
		case u.Host != p.host && (!p.below || !strings.HasSuffix(u.Host, "."+p.host)):
		case p.path != "" && !strings.HasPrefix(u.EscapedPath(), p.path):
		default:
			return true
		}
	}
	return false
}

// hostOf is the host, with its port if it is not the scheme's: what one
// connection, one delay and one budget are for.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// origin is the scheme and host, to which the well-known files belong.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// itemPath makes of an address a path that is unique in the crawl: host and
// path as they are where that is plain, else with a part of the address's
// digest in the name, behind a ~, which no plain one has.
func itemPath(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return hash(address)
	}
	host, file := plain(u.Host), path.Clean("/"+plain(u.Path))
	if "https://"+host+file == address && file != "/" && len(file) <= maxName {
		return host + file
	}
	if strings.Trim(host, ".") == "" {
		host = "host"
	}
	ext := path.Ext(file)
	if len(ext) < 2 || len(ext) > 8 {
		ext = ""
	}
	name := strings.Trim(strings.TrimSuffix(path.Base(file), ext), "./")
	return host + "/" + name[:min(len(name), maxName/4)] + "~" + hash(address) + ext
}

// maxName is the greatest length of a path that is kept as it is.
const maxName = 200

// plain replaces what might mean something in a path.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '.' || r == '/' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return r
		}
		return '_'
	}, s)
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:8])
}
