// Package aitxt reads ai.txt as Spawning's generator writes it: robots.txt
// grammar whose rules are about training on what lies at a path. Other
// proposals use the same name for other formats; of them nothing is read.
package aitxt

import (
	"fmt"
	"net/url"

	"github.com/limner-ai/limner/rights/signal"
	"github.com/limner-ai/limner/rights/signal/robots"
)

// Version names what is implemented. Spawning published no grammar: groups and
// matching are those of RFC 9309.
const Version = "Spawning ai.txt (May 2023)"

// Read says whether one may train on what lies at a URL. The rule with the
// longest pattern decides, and of two as long the one that denies. An absent
// file, or one without a rule that matches, says nothing; one that cannot be
// fetched is a defect.
func Read(got signal.Fetched, u *url.URL, agent string) []signal.Signal {
	s := signal.Signal{Protocol: signal.AITxt, Version: Version, Usage: signal.Training, Where: "ai.txt"}
	if got.Status/100 == 4 && got.Status != 429 {
		return nil
	}
	if got.Status/100 != 2 {
		s.Defect = fmt.Sprintf("ai.txt cannot be fetched (status %d)", got.Status)
		return []signal.Signal{s}
	}
	f := robots.Parse(got.Body)
	var signals []signal.Signal
	if f.Defect != "" {
		bad := s
		bad.Defect = f.Defect
		signals = append(signals, bad)
	}
	path, best := robots.Path(u), -1
	for _, l := range f.Select(agent) {
		deny := l.Key == "disallow"
		if !deny && (l.Key != "allow" || l.Global) {
			continue
		}
		pattern := l.Value
		if deny && pattern != "" && pattern[0] != '/' && pattern[0] != '*' {
			pattern = "/" + pattern
		}
		n, ok := robots.Match(pattern, path)
		if !ok || n < best || n == best && !deny {
			continue
		}
		best, s.Value = n, signal.Allow
		if deny {
			s.Value = signal.Deny
		}
		s.Raw = signal.Cut(l.Key + ": " + l.Value)
		s.Where = fmt.Sprintf("ai.txt line %d", l.Number)
	}
	if best >= 0 {
		signals = append(signals, s)
	}
	return signals
}
