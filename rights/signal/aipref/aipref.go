// Package aipref reads the usage preferences of the IETF's AI Preferences
// working group from the Content-Usage header field and from Content-Usage
// rules of robots.txt, and what Creative Commons' CC signals add to them.
//
// The drafts still move: Version names those that are followed. Labels of
// earlier drafts and of neighbouring vocabularies may reserve, not permit.
package aipref

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/dunglas/httpsfv"
	"github.com/limner-ai/limner/rights/signal"
	"github.com/limner-ai/limner/rights/signal/robots"
)

// Version names the drafts that are implemented.
const Version = "draft-ietf-aipref-attach-05 (19 August 2026), draft-ietf-aipref-vocab-08 (14 September 2026)"

// MaxSize is the greatest length of a statement in bytes.
const MaxSize = 16 << 10

// label is a key of the dictionary.
type label struct {
	name    string
	usage   signal.Usage
	current bool // of Version; others are of earlier drafts, or of vendors
}

// labels are those of vocab-08 section 6.1, then those of its first drafts and
// of Content Signals, which are met in Content-Usage by mistake.
var labels = []label{
	{"train-ai", signal.TrainGenerative, true},
	{"ai-use", signal.Input, true},
	{"search", signal.Search, true},
	{"train-genai", signal.TrainGenerative, false},
	{"genai", signal.TrainGenerative, false},
	{"ai", signal.AI, false},
	{"ai-train", signal.Training, false},
	{"ai-input", signal.Input, false},
	{"ai-output", signal.Input, false},
	{"tdm", signal.Mining, false},
}

const vocabulary = signal.TrainGenerative | signal.Input | signal.Search

// Header reads the header of the response that carried the resource (attach
// section 2). Several field lines are one dictionary.
func Header(h http.Header) []signal.Signal {
	values := h.Values("Content-Usage")
	if len(values) == 0 {
		return nil
	}
	return Statement(strings.Join(values, ", "), "header Content-Usage")
}

// Robots reads the rules that hold for an agent and a URL (attach section 3):
// those with the longest matching path, and if it is shared each of them. It
// says nothing where crawling is denied, since preferences are about what may
// be crawled. Lines outside of any group may reserve, not permit.
func Robots(f *robots.File, u *url.URL, agent string) []signal.Signal {
	return f.Statements("content-usage", u, agent, Statement)
}

// Statement reads one expression of preferences (vocab section 6): a
// dictionary of RFC 9651 whose values are the tokens y and n. What is not
// parsed, or has another value, is unknown with a defect, for somebody meant
// to state something. A parameter "exceptions" of CC signals makes a refusal
// one that asks for a licence where the label is not one of Version, which
// itself ignores parameters.
func Statement(text, where string) []signal.Signal {
	base := signal.Signal{Protocol: signal.AIPref, Version: Version, Usage: vocabulary,
		Raw: signal.Cut(text), Where: where}
	if len(text) > MaxSize {
		base.Defect = fmt.Sprintf("the statement is longer than %d bytes", MaxSize)
		return []signal.Signal{base}
	}
	dict, err := httpsfv.UnmarshalDictionary([]string{text})
	if err != nil {
		base.Defect = fmt.Sprintf("not a dictionary of RFC 9651: %v", err)
		return []signal.Signal{base}
	}
	var signals []signal.Signal
	for _, l := range labels {
		member, ok := dict.Get(l.name)
		if !ok {
			continue
		}
		s := base
		s.Usage = l.usage
		item, _ := member.(httpsfv.Item)
		token, _ := item.Value.(httpsfv.Token)
		condition := exception(item)
		switch {
		case token == "n" && condition != "" && !l.current:
			s.Protocol, s.Version = signal.CCSignals, "draft (June 2025)"
			s.Value, s.Note = signal.NeedsLicence, "refused unless on the terms of CC signal "+condition
		case token == "n" || token == "no" && !l.current:
			s.Value = signal.Deny
			if condition != "" {
				s.Note = "names the CC signal " + condition + " as an exception, which the drafts ignore"
			}
		case token == "y" && l.current:
			s.Value = signal.Allow
		case token == "y" || token == "yes" && !l.current:
			s.Note = "permits by a label that no present draft has"
		default:
			s.Defect = fmt.Sprintf("the value of %s is neither y nor n", l.name)
		}
		signals = append(signals, s)
	}
	return signals
}

// exception returns the CC signal that an item's parameter names.
func exception(item httpsfv.Item) string {
	if item.Params == nil {
		return ""
	}
	v, _ := item.Params.Get("exceptions")
	name, _ := v.(httpsfv.Token)
	if !strings.HasPrefix(string(name), "cc-") {
		return ""
	}
	return string(name)
}
