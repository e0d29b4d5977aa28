package rsl

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/limner-ai/limner/rights/signal"
	"github.com/limner-ai/limner/rights/signal/page"
	"github.com/limner-ai/limner/rights/signal/robots"
)

// Announcement is a place that names a licence document. URL is absolute, but
// was chosen by others: fetch it as carefully as any.
type Announcement struct {
	URL   string
	Where string
}

// Unread is the signal of an announced document that was not obtained or is
// not valid: the resource is unlicensed (section 4.3).
func (a Announcement) Unread(reason string) signal.Signal {
	return signal.Signal{Protocol: signal.RSL, Version: Version, Usage: signal.Any,
		Raw: signal.Cut(a.URL), Where: a.Where, Policy: signal.Cut(a.URL), Defect: signal.Cut(reason)}
}

// Robots gives the documents that robots.txt announces to an agent (section
// 4.4): those of its groups, or else those outside of any group. What is no
// absolute URL is returned as a defect.
func Robots(f *robots.File, agent string) ([]Announcement, []signal.Signal) {
	var group, global []Announcement
	for _, l := range f.Select(agent) {
		if l.Key != "license" {
			continue
		}
		a := Announcement{l.Value, fmt.Sprintf("robots.txt line %d", l.Number)}
		if l.Global {
			global = append(global, a)
		} else {
			group = append(group, a)
		}
	}
	if group == nil {
		group = global
	}
	return absolute(group)
}

// Header gives the documents that Link header fields announce (section 4.5),
// and as statements the other licences that such fields name (RFC 4946).
func Header(h http.Header) ([]Announcement, []signal.Statement, []signal.Signal) {
	var found []Announcement
	var licences []signal.Statement
	const where = "header Link"
	for _, value := range h.Values("Link") {
		for _, l := range parseLinks(value) {
			if !hasWord(l.params["rel"], "license") {
				continue
			}
			if kind, _, _ := strings.Cut(l.params["type"], ";"); strings.EqualFold(strings.TrimSpace(kind), MediaType) {
				found = append(found, Announcement{l.target, where})
			} else {
				licences = append(licences, signal.Statement{Property: "Link rel=license", Value: signal.Cut(l.target), Where: where})
			}
		}
	}
	ok, defects := absolute(found)
	return ok, licences, defects
}

// Page gives the documents that links in a page announce (section 4.6.1), and
// those that stand in it (section 4.6.2) with the defects of all.
func Page(p page.Page) ([]Announcement, []*Document, []signal.Signal) {
	var found []Announcement
	for _, l := range p.Links {
		if hasWord(l.Rel, "license") && l.Type == MediaType {
			found = append(found, Announcement{l.Href, l.Where})
		}
	}
	ok, defects := absolute(found)
	var docs []*Document
	for _, s := range p.Scripts {
		if s.Type != MediaType {
			continue
		}
		doc, err := Parse(s.Text)
		if err != nil {
			defects = append(defects, Announcement{Where: s.Where}.Unread(err.Error()))
			continue
		}
		docs = append(docs, doc)
	}
	return ok, docs, defects
}

func absolute(all []Announcement) (ok []Announcement, defects []signal.Signal) {
	for _, a := range all {
		u, err := url.Parse(a.URL)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			defects = append(defects, a.Unread("the licence is announced by no absolute http or https URL"))
			continue
		}
		ok = append(ok, a)
	}
	return ok, defects
}

func hasWord(list, word string) bool {
	for w := range strings.FieldsSeq(list) {
		if strings.EqualFold(w, word) {
			return true
		}
	}
	return false
}
