package gate

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/limner-ai/limner/rights/signal"
	"github.com/limner-ai/limner/source"
)

// reservation turns a signal into what the ledger keeps, if it is about one of
// the uses and says something: yes, no, or what could not be read. That a
// licence is needed is no for all who have none.
func reservation(s signal.Signal) (source.Reservation, bool) {
	if s.Usage&uses == 0 {
		return source.Reservation{}, false
	}
	r := source.Reservation{Protocol: s.Protocol, Version: s.Version, Raw: s.Raw, Where: s.Where}
	switch {
	case s.Value == signal.Deny, s.Value == signal.NeedsLicence:
		r.Value = "deny"
	case s.Defect != "":
		r.Value = "unknown"
	case s.Value == signal.Allow:
		r.Value = "allow"
	default:
		return source.Reservation{}, false
	}
	return r, true
}

// sources are the bytes that one verdict rests on, by the beginning of the
// place that a signal names.
type sources struct {
	places    []string
	evidences map[string]*source.Evidence
}

func (j *judgement) sources() *sources {
	s := &sources{evidences: map[string]*source.Evidence{}}
	s.file("robots.txt", j.given.Robots)
	s.file("tdmrep.json", j.given.TDMRep)
	s.file("/.well-known/tdmrep.json", j.given.TDMRep)
	s.file("ai.txt", j.given.AITxt)
	for _, address := range slices.Sorted(maps.Keys(j.asked.Licences)) {
		s.file(address, j.asked.Licences[address])
	}
	if a := j.answer; a.URL != "" {
		s.add("header", &source.Evidence{Name: a.URL + " (header)", Data: head(a), Time: a.Time})
		s.add("page", &source.Evidence{Name: a.URL, Data: a.Body, Time: a.Time})
	}
	return s
}

// file adds an answer; of one without a body the header is the evidence.
func (s *sources) file(place string, a source.Answer) {
	if a.URL == "" {
		return
	}
	e := &source.Evidence{Name: a.URL, Data: a.Body, Time: a.Time}
	if a.Status/100 != 2 || len(a.Body) == 0 {
		e.Data = head(a)
	}
	s.add(place, e)
}

func (s *sources) add(place string, e *source.Evidence) {
	s.places = append(s.places, place)
	s.evidences[place] = e
}

// of finds the evidence of a place: "robots.txt line 3", "header Link". What a
// picture carries has none beside the picture.
func (s *sources) of(where string) *source.Evidence {
	best := ""
	for _, place := range s.places {
		if len(place) > len(best) && strings.HasPrefix(where, place) {
			best = place
		}
	}
	return s.evidences[best]
}

// observe adds to a reservation what it was read in, and since and until when
// it may be relied on.
func (j *judgement) observe(r *source.Reservation, s *sources, from signal.Signal) {
	r.Evidence, r.Observed = s.of(from.Where), j.answer.Time
	if r.Evidence != nil {
		r.Observed = r.Evidence.Time
	}
	if from.MaxAge > 0 && !r.Observed.IsZero() {
		r.Expires = r.Observed.Add(from.MaxAge)
	}
}

// head writes an answer's status and header down, its fields sorted.
func head(a source.Answer) []byte {
	var b bytes.Buffer
	if a.Status == 0 {
		return []byte("no answer\n")
	}
	fmt.Fprintf(&b, "status %d\n", a.Status)
	for _, key := range slices.Sorted(maps.Keys(a.Header)) {
		for _, v := range a.Header[key] {
			fmt.Fprintf(&b, "%s: %s\n", key, v)
		}
	}
	return b.Bytes()
}
