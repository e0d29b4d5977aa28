package npm

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/limner-ai/limner/source"
)

// manifest is what package.json says.
type manifest struct {
	Name     string          `json:"name"`
	Version  string          `json:"version"`
	Author   person          `json:"author"`
	License  json.RawMessage `json:"license"`
	Licenses json.RawMessage `json:"licenses"` // before npm 2
}

// person is "Name <mail> (address)", or an object of the same.
type person struct{ name string }

func (p person) String() string { return p.name }

func (p *person) UnmarshalJSON(text []byte) error {
	var object struct{ Name string }
	if json.Unmarshal(text, &p.name) != nil && json.Unmarshal(text, &object) == nil {
		p.name = object.Name
	}
	p.name, _, _ = strings.Cut(p.name, " <")
	p.name, _, _ = strings.Cut(p.name, " (")
	p.name = strings.TrimSpace(p.name)
	return nil
}

// read fills what package.json says and returns its statements.
func (m *manifest) read(e *source.Evidence) ([]source.Statement, error) {
	if err := json.Unmarshal(e.Data, m); err != nil {
		return nil, fmt.Errorf("%s: %w", e.Name, err)
	}
	var out []source.Statement
	for i, l := range append(licences(m.License), licences(m.Licenses)...) {
		where := e.Name + " license"
		if i > 0 {
			where = fmt.Sprintf("%s licenses %d", e.Name, i+1)
		}
		out = append(out, source.Statement{Form: source.Expression, Written: l, Where: where, Evidence: e})
	}
	if m.Author.name != "" {
		out = append(out, source.Statement{Form: source.Notice, Written: m.Author.name, Where: e.Name + " author", Evidence: e})
	}
	return out, nil
}

// licences reads a licence field in all its historic forms: an expression, an
// object with a type and an address, or a list of these.
func licences(raw json.RawMessage) []string {
	var text string
	var object struct{ Type, Name, URL string }
	var list []json.RawMessage
	switch {
	case len(raw) == 0:
	case json.Unmarshal(raw, &text) == nil:
		if strings.TrimSpace(text) != "" {
			return []string{text}
		}
	case json.Unmarshal(raw, &list) == nil:
		var out []string
		for _, l := range list {
			if len(l) > 0 && l[0] != '[' {
				out = append(out, licences(l)...)
			}
		}
		return out
	case json.Unmarshal(raw, &object) == nil:
		for _, s := range []string{object.Type, object.Name, object.URL} {
			if s != "" {
				return []string{s}
			}
		}
	}
	return nil
}

// see gives the file that "SEE LICENSE IN file" points to.
func (m *manifest) see() string {
	for _, l := range licences(m.License) {
		if len(l) > 15 && strings.EqualFold(l[:15], "SEE LICENSE IN ") {
			return strings.TrimPrefix(strings.TrimSpace(l[15:]), "./")
		}
	}
	return ""
}
