package tdmrep

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/limner-ai/limner/rights/signal"
	"github.com/limner-ai/limner/rights/signal/robots"
)

// Limits of tdmrep.json.
const (
	MaxSize  = 1 << 20 // bytes
	MaxRules = 10_000
)

const place = "/.well-known/tdmrep.json"

// rule is an object of the file.
type rule struct {
	location, policy string
	reservation      string // as JSON
}

// wellKnown finds the first rule whose location matches. A rule that cannot be
// read is a defect if it stands before the one that matches, since it might
// have been the one.
func wellKnown(got signal.Fetched, u *url.URL) state {
	var st state
	switch {
	case got.Status/100 == 4 && got.Status != 429:
		return st
	case got.Status/100 != 2:
		st.defect(place, "", "the file cannot be fetched (status %d)", got.Status)
		return st
	case len(got.Body) > MaxSize:
		st.defect(place, "", "the file is longer than %d bytes", MaxSize)
		return st
	}
	var objects []json.RawMessage
	body := bytes.TrimPrefix(got.Body, []byte("\xEF\xBB\xBF"))
	if err := json.Unmarshal(body, &objects); err != nil || objects == nil {
		st.defect(place, string(body[:min(len(body), signal.MaxRaw)]), "the file is no JSON array: %v", err)
		return st
	}
	if len(objects) > MaxRules {
		st.defect(place, "", "the file has more than %d rules", MaxRules)
		return st
	}
	path := robots.Path(u)
	for i, object := range objects {
		where := fmt.Sprintf("%s rule %d", place, i+1)
		r, err := decode(object)
		if err != nil {
			st.defect(where, string(object), "%v", err)
			continue
		}
		if _, ok := robots.Match(r.location, path); !ok {
			continue
		}
		s := blank(where)
		s.Raw = signal.Cut(string(object))
		switch r.reservation {
		case "0":
			s.Value = signal.Allow
		case "1", `"1"`:
			s.Value, s.Policy = signal.Deny, signal.Cut(r.policy)
		default:
			st.defect(where, s.Raw, "tdm-reservation is neither 0 nor 1")
			return st
		}
		st.set = &s
		return st
	}
	return st
}

// decode reads one object. Of a key that stands twice the file says two
// things, so that is an error.
func decode(object json.RawMessage) (rule, error) {
	var r rule
	dec := json.NewDecoder(bytes.NewReader(object))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return r, errors.New("the rule is no JSON object")
	}
	seen := map[string]bool{}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return r, fmt.Errorf("the rule is no JSON object: %w", err)
		}
		key, _ := t.(string)
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return r, fmt.Errorf("the value of %q is no JSON: %w", key, err)
		}
		if seen[key] {
			return r, fmt.Errorf("the rule has %q twice", key)
		}
		seen[key] = true
		switch key {
		case "location":
			err = json.Unmarshal(value, &r.location)
		case "tdm-policy":
			err = json.Unmarshal(value, &r.policy)
		case "tdm-reservation":
			r.reservation = string(value)
		}
		if err != nil {
			return r, fmt.Errorf("%s is no string: %w", key, err)
		}
	}
	if _, err := dec.Token(); err != nil && !errors.Is(err, io.EOF) {
		return r, fmt.Errorf("the rule is no JSON object: %w", err)
	}
	if !strings.HasPrefix(r.location, "/") && !strings.HasPrefix(r.location, "*") {
		return r, errors.New("location is no path")
	}
	return r, nil
}
