package croissant

import (
	"encoding/json"
	"slices"
	"strings"
)

// node is a JSON-LD node in compact form.
type node map[string]any

// vocabularies are the beginnings of terms: the prefixes that Croissant
// recommends, and what they stand for.
var vocabularies = []string{
	"cr:", "sc:", "dct:", "schema:", "http://mlcommons.org/croissant/", "https://mlcommons.org/croissant/",
	"http://schema.org/", "https://schema.org/", "http://purl.org/dc/terms/",
}

// local gives a term without its vocabulary.
func local(term string) string {
	for _, v := range vocabularies {
		if rest, ok := strings.CutPrefix(term, v); ok {
			return rest
		}
	}
	return term
}

// list gives the values of a property.
func (n node) list(property string) []any {
	v, ok := n[property]
	if !ok {
		for _, prefix := range vocabularies {
			if v, ok = n[prefix+property]; ok {
				break
			}
		}
	}
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

func (n node) nodes(property string) []node {
	var all []node
	for _, v := range n.list(property) {
		if m, ok := v.(map[string]any); ok {
			all = append(all, m)
		}
	}
	return all
}

// texts gives the values of a property as words; those of nodes by their name,
// address or identifier.
func (n node) texts(property string) []string {
	var all []string
	for _, v := range n.list(property) {
		if s := words(v); s != "" {
			all = append(all, s)
		}
	}
	return all
}

// text gives the first of texts.
func (n node) text(property string) string {
	if all := n.texts(property); len(all) > 0 {
		return all[0]
	}
	return ""
}

// names gives the values of a property, persons and organisations by their
// names.
func (n node) names(property string) []string {
	var all []string
	for _, v := range n.list(property) {
		s := words(v)
		if m, ok := v.(map[string]any); ok && node(m).text("name") != "" {
			s = node(m).text("name")
		}
		if s != "" {
			all = append(all, s)
		}
	}
	return all
}

// is reports whether the node is of a type.
func (n node) is(kind string) bool {
	return slices.ContainsFunc(n.texts("@type"), func(t string) bool { return local(t) == kind })
}

func words(value any) string {
	switch v := value.(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	case map[string]any:
		for _, key := range []string{"@value", "@id", "url", "name", "license", "text"} {
			if s := node(v).text(key); s != "" {
				return s
			}
		}
	}
	return ""
}
