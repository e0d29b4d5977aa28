package gate

import (
	"net"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/time/rate"
)

// admit says whether a request may pass, and whose it is.
func (g *Gate) admit(v *visit, r *http.Request) error {
	from := address(r)
	if g.o.Address > 0 {
		if wait := g.addresses.take(from, g.o.Address, g.o.Burst); wait > 0 {
			return &LimitError{What: "too many requests from this address", After: wait}
		}
	}
	// Whoever lets a name of theirs point to this computer would have the page
	// of theirs in the same origin as the studio (DNS rebinding): the name in
	// the Host header gives them away.
	if g.o.Hosts != nil && !slices.Contains(g.o.Hosts, hostname(r.Host)) {
		return &refusal{http.StatusMisdirectedRequest, "this server is not known by that name; if it should be, start it with --host NAME"}
	}
	// What changes something must come from the studio's own pages, or from a
	// program that is no browser.
	if err := g.cross.Check(r); err != nil {
		return &refusal{http.StatusForbidden, "a page of another site may not ask for this"}
	}
	open := g.o.Open != nil && g.o.Open(r)
	secret := credential(r)
	key, ok := g.o.Keys.find(secret)
	switch {
	case ok:
		v.owner, v.key = key.Name, &key
	case g.o.Require && !open:
		if secret != "" {
			if wait := g.addresses.take("wrong key\x00"+from, failures, failuresBurst); wait > 0 {
				return &LimitError{What: "too many wrong keys from this address", After: wait}
			}
		}
		return &refusal{http.StatusUnauthorized, "an API key is needed, as Authorization: Bearer KEY; the owner of this server makes one with limner keys add NAME"}
	}
	if v.key != nil && !v.key.Rate.IsZero() && asks(r.Method) {
		limit := rate.Limit(float64(v.key.Rate.N) / v.key.Rate.Per.Seconds())
		if wait := g.keys.take(v.key.Name, limit, v.key.Rate.N); wait > 0 {
			return &LimitError{What: "the key " + v.key.Name + " may ask " + v.key.Rate.String(), After: wait}
		}
	}
	return nil
}

// asks reports whether a method asks for work; the rate of a key does not count
// looking at what there is.
func asks(method string) bool {
	return method != http.MethodGet && method != http.MethodHead && method != http.MethodOptions && method != http.MethodDelete
}

// credential is the secret that a request shows: a bearer token, or the
// password of Basic authentication, which browsers and clients of AUTOMATIC1111
// send.
func credential(r *http.Request) string {
	if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(token)
	}
	_, password, _ := r.BasicAuth()
	return password
}

// hostname is a Host header without its port, in small letters.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.TrimSuffix(strings.ToLower(strings.Trim(host, "[]")), ".")
}
