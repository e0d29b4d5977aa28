// Package xrobots reads the X-Robots-Tag header field and the robots meta
// element. No standard defines their directives for machine learning: noai and
// noimageai were proposed by DeviantArt in November 2022 and are what crawlers
// of pictures look for; noml is used beside them. None of them permits
// anything.
package xrobots

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/limner-ai/limner/rights/signal"
	"github.com/limner-ai/limner/rights/signal/page"
)

// Version names what is implemented.
const Version = "noai, noimageai (November 2022), noml; syntax as Google documents it"

// MaxSize is the greatest length of a value in bytes.
const MaxSize = 16 << 10

// directives are what is read, with hyphens, underscores and spaces removed.
var directives = map[string]signal.Usage{
	"noai":         signal.Training,
	"noimageai":    signal.Training,
	"noml":         signal.Training,
	"noindex":      signal.Search,
	"noimageindex": signal.Search,
	"none":         signal.Search,
}

// valued are directives with an argument after a colon, which is therefore
// not the end of an agent's name.
var valued = map[string]bool{
	"max-snippet": true, "max-image-preview": true, "max-video-preview": true,
	"unavailable_after": true,
}

// Header reads the header of a response for an agent, given as a product token
// or a User-Agent header: each value holds directives for all agents or, after
// "name:", for one.
func Header(h http.Header, agent string) []signal.Signal {
	var signals []signal.Signal
	for _, value := range h.Values("X-Robots-Tag") {
		signals = append(signals, read(value, agent, "header X-Robots-Tag")...)
	}
	return signals
}

// Meta reads the meta elements named robots and those named as the agent.
func Meta(p page.Page, agent string) []signal.Signal {
	var signals []signal.Signal
	for _, m := range p.Metas {
		if m.Name == "robots" || named(m.Name, agent) {
			signals = append(signals, read(m.Content, agent, m.Where+" "+signal.Cut(m.Name))...)
		}
	}
	return signals
}

func read(value, agent, where string) []signal.Signal {
	base := signal.Signal{Protocol: signal.XRobots, Version: Version, Raw: signal.Cut(value), Where: where}
	if len(value) > MaxSize {
		base.Usage = signal.Training | signal.Search
		base.Defect = fmt.Sprintf("the value is longer than %d bytes", MaxSize)
		return []signal.Signal{base}
	}
	var denied signal.Usage
	mine := true // the directives at hand are for this agent
	for part := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == ',' || r == ';' }) {
		if name, rest, ok := strings.Cut(part, ":"); ok {
			name = strings.ToLower(strings.TrimSpace(name))
			if valued[name] {
				continue
			}
			mine = name == "*" || name == "robots" || named(name, agent)
			part = rest
		}
		if !mine {
			continue
		}
		// Where commas are missing, each word counts as well as the whole.
		denied |= directives[compact(part)]
		for word := range strings.FieldsSeq(part) {
			denied |= directives[compact(word)]
		}
	}
	if denied == 0 {
		return nil
	}
	base.Usage, base.Value = denied, signal.Deny
	return []signal.Signal{base}
}

var compacter = strings.NewReplacer("-", "", "_", "", " ", "", "\t", "")

func compact(s string) string { return compacter.Replace(strings.ToLower(s)) }

// named reports whether a name is the product token of an agent.
func named(name, agent string) bool {
	token, _, _ := strings.Cut(strings.TrimSpace(agent), "/")
	token, _, _ = strings.Cut(token, " ")
	return token != "" && strings.EqualFold(name, token)
}
