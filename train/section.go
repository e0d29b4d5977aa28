package train

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"github.com/limner-ai/limner/internal/strict"
)

// Section is a part of a run file whose keys depend on one of them: the data
// on its kind, the model on its family. It stays unread until the owner of
// the keys decodes it, and remembers its lines for error messages.
type Section struct {
	node *ast.MappingNode
}

// NewSection makes a section from a selector ("family", "vae") and a value
// with the other keys, nil for none.
func NewSection(key, name string, rest any) (Section, error) {
	text, err := yaml.Marshal(map[string]string{key: name})
	if err != nil {
		return Section{}, err
	}
	if rest != nil {
		more, err := yaml.Marshal(rest)
		if err != nil {
			return Section{}, fmt.Errorf("the %s section: %w", key, err)
		}
		if s := strings.TrimSpace(string(more)); s != "{}" && s != "null" {
			text = append(text, more...)
		}
	}
	var s Section
	if err := yaml.Unmarshal(text, &s); err != nil {
		return Section{}, fmt.Errorf("the %s section: %w", key, err)
	}
	return s, nil
}

// UnmarshalYAML keeps the section's syntax.
func (s *Section) UnmarshalYAML(n ast.Node) error {
	switch n := n.(type) {
	case *ast.MappingNode:
		s.node = n
	case *ast.MappingValueNode:
		s.node = ast.Mapping(n.Start, false, n)
	default:
		return &strict.Error{Line: n.GetToken().Position.Line, Text: "want keys and values here, as in {kind: shapes}"}
	}
	return nil
}

// MarshalYAML writes the section as it was read.
func (s Section) MarshalYAML() (any, error) {
	var m yaml.MapSlice
	if s.node == nil {
		return m, nil
	}
	err := yaml.NodeToValue(s.node, &m, yaml.UseOrderedMap())
	return m, err
}

// Values is the section as plain values, for comparison and for JSON.
func (s Section) Values() (map[string]any, error) {
	m := map[string]any{}
	if s.node == nil {
		return m, nil
	}
	text, err := yaml.Marshal(s)
	if err == nil {
		text, err = yaml.YAMLToJSON(text)
	}
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	return m, err
}

// Name is the value of the selecting key, "" if it is missing.
func (s Section) Name(key string) (string, error) {
	if s.node == nil {
		return "", nil
	}
	for _, kv := range s.node.Values {
		if kv.Key.String() == key {
			var name string
			if err := yaml.NodeToValue(kv.Value, &name); err != nil {
				return "", strict.Explain(err, nil)
			}
			return name, nil
		}
	}
	return "", nil
}

// Decode fills the struct that dst points to with all keys but the selecting
// one; dst holds the defaults. An unknown key is an error that names it.
func (s Section) Decode(key string, dst any) error {
	if s.node == nil {
		return nil
	}
	rest := *s.node
	rest.Values = nil
	for _, kv := range s.node.Values {
		if kv.Key.String() != key {
			rest.Values = append(rest.Values, kv)
		}
	}
	if len(rest.Values) == 0 {
		return nil
	}
	return strict.Node(&rest, dst)
}
