// Package contentsignal reads Content-Signal lines, Cloudflare's vocabulary in
// robots.txt and response headers.
package contentsignal

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/limner-ai/limner/rights/signal"
	"github.com/limner-ai/limner/rights/signal/robots"
)

// Version names what is implemented; the field "use" is described by
// Cloudflare as a test.
const Version = "Content Signals Policy (24 September 2025), with use= (August 2026)"

// MaxSize is the greatest length of a statement in bytes.
const MaxSize = 16 << 10

var usages = map[string]signal.Usage{
	"search":   signal.Search,
	"ai-input": signal.Input,
	"ai-train": signal.Training,
}

const vocabulary = signal.Search | signal.Input | signal.Training

// Header reads the header of the response that carried the resource.
func Header(h http.Header) []signal.Signal {
	var signals []signal.Signal
	for _, value := range h.Values("Content-Signal") {
		signals = append(signals, Statement(value, "header Content-Signal")...)
	}
	return signals
}

// Robots reads the lines that hold for an agent and a URL. A line may begin
// with a path; those with the longest matching path apply. Lines outside of
// any group may reserve, not permit.
func Robots(f *robots.File, u *url.URL, agent string) []signal.Signal {
	return f.Statements("content-signal", u, agent, Statement)
}

// Statement reads a list as "search=yes, ai-train=no". Keys and values are
// compared without regard to case; a key that is not listed says nothing; of
// a key that is repeated each value counts. Other values than yes and no are
// defects.
func Statement(text, where string) []signal.Signal {
	base := signal.Signal{Protocol: signal.ContentSignal, Version: Version, Usage: vocabulary,
		Raw: signal.Cut(text), Where: where}
	if len(text) > MaxSize {
		base.Defect = fmt.Sprintf("the statement is longer than %d bytes", MaxSize)
		return []signal.Signal{base}
	}
	var signals []signal.Signal
	for part := range strings.SplitSeq(text, ",") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		key, value, ok := strings.Cut(strings.ToLower(part), "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		s := base
		if !ok || key == "" || strings.ContainsAny(key, " \t;") {
			s.Defect = fmt.Sprintf("%q is no key=value", signal.Cut(part))
			signals = append(signals, s)
			continue
		}
		var known bool
		if key == "use" {
			s.Usage, known = signal.Training, true
			s.Value, s.Note, s.Defect = extent(value)
		} else if s.Usage, known = usages[key]; known {
			switch value {
			case "yes":
				s.Value = signal.Allow
			case "no":
				s.Value = signal.Deny
			default:
				s.Defect = fmt.Sprintf("the value of %s is neither yes nor no", key)
			}
		}
		if known {
			signals = append(signals, s)
		}
	}
	return signals
}

// extent reads the field "use", which bounds what may be kept of the content.
func extent(value string) (signal.Value, string, string) {
	switch value {
	case "immediate":
		return signal.Deny, "nothing may be stored and reused", ""
	case "reference":
		return signal.Deny, "only indexing, excerpts and links", ""
	case "full":
		return signal.Unknown, "may be summarised and reproduced; training is not named", ""
	}
	return signal.Unknown, "", "the value of use is none that is known"
}
