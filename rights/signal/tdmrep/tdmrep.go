// Package tdmrep reads the TDM Reservation Protocol of a W3C Community Group:
// the file /.well-known/tdmrep.json, header fields and meta elements.
package tdmrep

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/limner-ai/limner/rights/signal"
	"github.com/limner-ai/limner/rights/signal/page"
)

// Version names what is implemented.
const Version = "TDM Reservation Protocol, Final Community Group Report (10 May 2024)"

// Read gives what holds for the resource at a URL: what a later place states
// overrides an earlier one, in the order file, header, page; a place that
// states nothing leaves what is. The page is nil unless the resource itself is
// one. A value other than 0 and 1 is unset and overrides nothing, but is a
// defect beside what holds.
//
// The file counts if the server answered with success; no file (4xx) says
// nothing, and one that cannot be fetched is a defect.
func Read(file signal.Fetched, h http.Header, p *page.Page, u *url.URL) []signal.Signal {
	states := []state{wellKnown(file, u), header(h)}
	if p != nil {
		states = append(states, metas(*p))
	}
	var held *signal.Signal
	var signals []signal.Signal
	for _, st := range states {
		if st.set != nil {
			held = st.set
		}
		signals = append(signals, st.defects...)
	}
	if held != nil {
		signals = append([]signal.Signal{*held}, signals...)
	}
	return signals
}

// state is what one place says: a reservation, or nil, and what could not be
// read there.
type state struct {
	set     *signal.Signal
	defects []signal.Signal
}

func blank(where string) signal.Signal {
	return signal.Signal{Protocol: signal.TDMRep, Version: Version, Usage: signal.Mining, Where: where}
}

func (st *state) defect(where, raw, format string, args ...any) {
	s := blank(where)
	s.Raw, s.Defect = signal.Cut(raw), fmt.Sprintf(format, args...)
	st.defects = append(st.defects, s)
}

// values folds the values of a header field or of meta elements: all must
// agree to permit.
func (st *state) values(where string, reservations, policies []string) {
	for _, raw := range reservations {
		for value := range strings.SplitSeq(raw, ",") {
			value = strings.TrimSpace(value)
			s := blank(where)
			s.Raw = "tdm-reservation: " + signal.Cut(value)
			switch value {
			case "0":
				s.Value = signal.Allow
			case "1":
				s.Value = signal.Deny
			default:
				st.defect(where, s.Raw, "tdm-reservation is neither 0 nor 1")
				continue
			}
			if st.set == nil || s.Value == signal.Deny {
				st.set = &s
			}
		}
	}
	if st.set != nil && st.set.Value == signal.Deny && len(policies) > 0 {
		st.set.Policy = signal.Cut(policies[len(policies)-1])
	}
}

func header(h http.Header) state {
	var st state
	st.values("header tdm-reservation", h.Values("tdm-reservation"), h.Values("tdm-policy"))
	return st
}

// Page reads the meta elements of a page by themselves.
func Page(p page.Page) []signal.Signal {
	st := metas(p)
	if st.set != nil {
		return append([]signal.Signal{*st.set}, st.defects...)
	}
	return st.defects
}

func metas(p page.Page) state {
	var st state
	var reservations, policies []string
	for _, m := range p.Metas {
		switch m.Name {
		case "tdm-reservation":
			reservations = append(reservations, m.Content)
		case "tdm-policy":
			policies = append(policies, m.Content)
		}
	}
	st.values("page meta element tdm-reservation", reservations, policies)
	return st
}
