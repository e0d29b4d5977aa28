package rsl

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/limner-ai/limner/rights/signal"
	"github.com/limner-ai/limner/rights/signal/robots"
)

// classes are the usage tokens that name single uses, with what covers them.
var classes = []struct {
	token string
	usage signal.Usage
	wider []string
}{
	{"ai-train", signal.Training, []string{"ai-all", "all"}},
	{"ai-input", signal.Input, []string{"ai-all", "all"}},
	{"ai-index", signal.Index, []string{"ai-all", "all"}},
	{"search", signal.Search, []string{"all"}},
	{"", signal.Mine, []string{"all"}}, // has no token of its own
}

// term is what one licence says about one class of uses.
type term struct {
	scope  int // octets of the path that matched
	narrow int // how precisely the usage is named
	signal.Signal
}

// rank orders values of equally specific terms: the greatest holds.
var rank = []signal.Value{signal.Allow, signal.NeedsLicence, signal.Deny}

// Evaluate gives what the document says about the resource at a URL (section
// 3.1.1): all content elements that match it apply; what has the longer path
// goes before the shorter, then what names the usage more precisely, then what
// prohibits before what permits. A licence that lists what it permits denies
// the rest. One that permits against payment, reporting, credit, or only to
// some users or places, or whose content names a licence server, needs a
// licence. One that neither permits nor prohibits a use is silent about it,
// unless it asks for payment.
//
// The document was found at where.
func (d *Document) Evaluate(u *url.URL, where string) []signal.Signal {
	return d.evaluate(where, func(c content) (int, bool) { return scope(c.url, u) })
}

// EvaluateAll is Evaluate for a document that is embedded in the resource:
// what it is about has been copied with it, so no URL needs to match.
func (d *Document) EvaluateAll(where string) []signal.Signal {
	return d.evaluate(where, func(content) (int, bool) { return 0, true })
}

func (d *Document) evaluate(where string, matches func(content) (int, bool)) []signal.Signal {
	var signals []signal.Signal
	for _, class := range classes {
		var held *term
		for _, c := range d.contents {
			octets, ok := matches(c)
			if !ok {
				continue
			}
			for _, l := range c.licences {
				t, ok := l.term(c, class.token, class.wider)
				if !ok {
					continue
				}
				t.scope = octets
				if held == nil || t.beats(*held) {
					held = &t
				}
			}
		}
		if held == nil {
			continue
		}
		s := held.Signal
		s.Protocol, s.Version, s.Usage, s.MaxAge = signal.RSL, Version, class.usage, d.maxAge
		s.Where = where + s.Where
		// One signal for classes about which the same words decide.
		if i := slices.IndexFunc(signals, func(o signal.Signal) bool {
			o.Usage = s.Usage
			return o == s
		}); i >= 0 {
			signals[i].Usage |= s.Usage
			continue
		}
		signals = append(signals, s)
	}
	return signals
}

func (t term) beats(o term) bool {
	switch {
	case t.scope != o.scope:
		return t.scope > o.scope
	case t.narrow != o.narrow:
		return t.narrow > o.narrow
	}
	return slices.Index(rank, t.Value) > slices.Index(rank, o.Value)
}

// term finds what the licence says about a usage token or, failing that, the
// wider ones in their order.
func (l licence) term(c content, token string, wider []string) (term, bool) {
	var permits, prohibits *clause
	permitNarrow, prohibitNarrow := -1, -1
	lists := false // the licence lists what it permits
	for i := range l.clauses {
		cl := &l.clauses[i]
		lists = lists || cl.permit
		narrow := -1
		if token != "" && slices.Contains(cl.tokens, token) {
			narrow = len(wider)
		} else {
			for j, w := range wider {
				if slices.Contains(cl.tokens, w) {
					narrow = len(wider) - 1 - j
					break
				}
			}
		}
		if narrow < 0 {
			continue
		}
		if cl.permit {
			permits, permitNarrow = cl, narrow
		} else {
			prohibits, prohibitNarrow = cl, narrow
		}
	}
	var t term
	switch {
	case prohibits != nil && prohibitNarrow >= permitNarrow:
		t.narrow = prohibitNarrow
		t.Value, t.Raw, t.Where = signal.Deny, prohibits.raw, fmt.Sprintf(" line %d", prohibits.line)
	case permits != nil:
		t.narrow = permitNarrow
		t.Raw, t.Where = permits.raw, fmt.Sprintf(" line %d", permits.line)
		t.Value = l.grant(c, &t.Signal)
	case lists:
		t.narrow = -1
		t.Value, t.Note = signal.Deny, "not among the uses that the licence permits"
	case l.payment.kind != "free":
		t.narrow = -1
		t.Raw, t.Where = "payment "+l.payment.kind, fmt.Sprintf(" line %d", l.payment.line)
		t.Value = l.grant(c, &t.Signal)
	default:
		return term{}, false
	}
	t.Raw = signal.Cut(t.Raw)
	return t, true
}

// grant says under which conditions the licence permits.
func (l licence) grant(c content, s *signal.Signal) signal.Value {
	s.Policy = signal.Cut(l.payment.policy)
	if s.Policy == "" {
		s.Policy = signal.Cut(c.terms)
	}
	conditions := slices.Clone(l.limits)
	if l.payment.kind != "free" {
		conditions = append(conditions, "payment "+l.payment.kind)
	}
	if c.server != "" {
		conditions = append(conditions, "a licence of "+c.server)
	}
	if len(conditions) == 0 {
		return signal.Allow
	}
	s.Note = signal.Cut("on condition of " + strings.Join(conditions, "; "))
	return signal.NeedsLicence
}

// scope reports whether a content's URL covers a resource, and by how many
// octets: a path by RFC 9309's matching, an absolute URL if scheme and host
// are the same as well, and an empty one whatever the document was announced
// for.
func scope(pattern string, u *url.URL) (int, bool) {
	if pattern == "" {
		return 0, true
	}
	if strings.HasPrefix(pattern, "/") && !strings.HasPrefix(pattern, "//") || strings.HasPrefix(pattern, "*") {
		return robots.Match(pattern, robots.Path(u))
	}
	scheme, rest, ok := strings.Cut(pattern, "://")
	if !ok { // a path that lacks its slash
		return robots.Match("/"+strings.TrimLeft(pattern, "/"), robots.Path(u))
	}
	if !strings.EqualFold(scheme, u.Scheme) {
		return 0, false
	}
	host, path := rest, "/"
	if at := strings.IndexAny(rest, "/?"); at >= 0 {
		host, path = rest[:at], rest[at:]
		if path[0] == '?' {
			path = "/" + path
		}
	}
	if !strings.EqualFold(host, u.Host) {
		return 0, false
	}
	return robots.Match(path, robots.Path(u))
}
