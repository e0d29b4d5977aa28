package robots

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/limner-ai/limner/rights/signal"
)

// Version names what is implemented.
const Version = "RFC 9309 (September 2022)"

// MaxAge is how long a file may be relied on (section 2.4).
const MaxAge = 24 * time.Hour

// Get parses a fetched file if there is one to parse: the server answered with
// success. Else it returns an empty file.
func Get(f signal.Fetched) *File {
	if f.Status/100 != 2 {
		return Parse(nil)
	}
	return Parse(f.Body)
}

// Access says whether an agent may request a URL, as one or two signals about
// Crawl.
//
// Client errors permit (section 2.3.1.3), apart from 429, which asks for less;
// server errors and no answer at all deny (section 2.3.1.4). Redirects that
// lead nowhere permit nothing here, though the RFC lets a crawler choose.
// A disallow that stands outside of any group counts, though the RFC would skip
// it. After 30 days of server errors it may be treated as absent; that is left to
// who remembers them.
func Access(got signal.Fetched, u *url.URL, agent string) []signal.Signal {
	s := signal.Signal{Protocol: signal.Robots, Version: Version, Usage: signal.Crawl,
		Where: "robots.txt", MaxAge: MaxAge}
	class := got.Status / 100
	switch {
	case class == 2:
		return Parse(got.Body).access(s, u, agent)
	case class == 3:
		s.Defect = fmt.Sprintf("robots.txt redirects without end (status %d)", got.Status)
	case class == 4 && got.Status != 429:
		s.Value, s.Note = signal.Allow, fmt.Sprintf("there is no robots.txt (status %d)", got.Status)
	case got.Status == 0:
		s.Value, s.Note = signal.Deny, "robots.txt cannot be reached"
	default:
		s.Value, s.Note = signal.Deny, fmt.Sprintf("robots.txt cannot be read (status %d)", got.Status)
	}
	return []signal.Signal{s}
}

func (f *File) access(s signal.Signal, u *url.URL, agent string) []signal.Signal {
	path := Path(u)
	best := -1
	s.Value, s.Note = signal.Allow, "no rule matches"
	for _, l := range f.Select(agent) {
		deny := l.Key == "disallow"
		if !deny && (l.Key != "allow" || l.Global) || path == "/robots.txt" {
			continue
		}
		pattern := l.Value
		if deny && pattern != "" && pattern[0] != '/' && pattern[0] != '*' {
			pattern = "/" + pattern // lacks its slash; must not be lost
		}
		n, ok := Match(pattern, path)
		if !ok || n < best || n == best && deny {
			continue
		}
		best = n
		s.Value, s.Note = signal.Allow, ""
		if deny {
			s.Value = signal.Deny
		}
		s.Raw = signal.Cut(l.Key + ": " + l.Value)
		s.Where = fmt.Sprintf("robots.txt line %d", l.Number)
	}
	signals := []signal.Signal{s}
	if f.Defect != "" {
		s.Value, s.Raw, s.Note, s.Where, s.Defect = signal.Unknown, "", "", "robots.txt", f.Defect
		signals = append(signals, s)
	}
	return signals
}

// Rule is a line of another protocol that applies to a path, its statement
// without the pattern.
type Rule struct {
	Line
	Statement string
}

// Rules returns the lines with a key that apply to a path for an agent, where
// a line's value is a statement, or a pattern beginning with a slash, white
// space and a statement (draft-ietf-aipref-attach-05 section 3.2). Those with
// the longest pattern apply, and all of them if several are as long; a line
// without a pattern is shorter than any. Lines outside of any group apply
// besides, marked Global.
func (f *File) Rules(key string, u *url.URL, agent string) []Rule {
	path := Path(u)
	best := 0
	var rules, global []Rule
	for _, l := range f.Select(agent) {
		if l.Key != key {
			continue
		}
		r, n := Rule{l, l.Value}, 0
		if strings.HasPrefix(l.Value, "/") {
			pattern, statement := l.Value, ""
			if at := strings.IndexAny(l.Value, " \t"); at >= 0 {
				pattern, statement = l.Value[:at], strings.Trim(l.Value[at:], " \t")
			}
			var ok bool
			if n, ok = Match(pattern, path); !ok {
				continue
			}
			r.Statement = statement
		}
		if l.Global {
			global = append(global, r)
			continue
		}
		if n > best {
			best, rules = n, nil
		}
		if n == best {
			rules = append(rules, r)
		}
	}
	return append(rules, global...)
}

// Statements reads, by the given reader, the lines with a key that apply to a
// path for an agent. Lines outside of any group may reserve, not permit.
func (f *File) Statements(key string, u *url.URL, agent string, read func(text, where string) []signal.Signal) []signal.Signal {
	var signals []signal.Signal
	for _, rule := range f.Rules(key, u, agent) {
		got := read(rule.Statement, fmt.Sprintf("robots.txt line %d", rule.Number))
		if rule.Global {
			got = signal.Restrict(got, "stands outside of any group")
		}
		for i := range got {
			got[i].MaxAge = MaxAge
		}
		signals = append(signals, got...)
	}
	return signals
}
