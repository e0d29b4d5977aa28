package page

import (
	"encoding/json"
	"net/url"
	"strings"

	"github.com/limner-ai/limner/source"
)

// maxNesting is how deep objects are looked for.
const maxNesting = 32

// objects finds the ImageObjects of schema.org in a JSON-LD script that have
// an address of their own, with who made them and under which licence they are.
func objects(script string, base *url.URL, lang string) []Picture {
	script = strings.TrimSpace(script)
	if !strings.HasPrefix(script, "{") && !strings.HasPrefix(script, "[") {
		return nil
	}
	var value any
	if json.Unmarshal([]byte(script), &value) != nil {
		return nil
	}
	w := walker{base: base, lang: lang}
	w.walk(value, 0)
	return w.found
}

type walker struct {
	base  *url.URL
	lang  string
	found []Picture
}

func (w *walker) walk(value any, depth int) {
	if depth > maxNesting || len(w.found) >= MaxPictures {
		return
	}
	switch v := value.(type) {
	case []any:
		for _, e := range v {
			w.walk(e, depth+1)
		}
	case map[string]any:
		if isA(v["@type"], "ImageObject") {
			w.object(v)
		}
		for _, key := range sorted(v) {
			w.walk(v[key], depth+1)
		}
	}
}

func (w *walker) object(v map[string]any) {
	address, ok := Address(w.base, word(v["contentUrl"]))
	if !ok || word(v["contentUrl"]) == "" {
		address, ok = Address(w.base, word(v["url"]))
		if !ok || !IsPicture(address) {
			return
		}
	}
	p := Picture{URL: address, Title: text(word(v["name"]))}
	if p.Creator = text(name(v["creator"])); p.Creator == "" {
		p.Creator = text(name(v["author"]))
	}
	lang := w.lang
	if own := language(word(v["inLanguage"])); own != "" {
		lang = own
	}
	for _, key := range []string{"caption", "name", "description"} {
		p.caption(lang, word(v[key]))
	}
	for _, s := range []struct {
		key  string
		form source.Form
	}{{"license", source.Expression}, {"copyrightNotice", source.Notice}, {"creditText", source.Notice},
		{"usageInfo", source.Prose}, {"acquireLicensePage", source.Prose}} {
		for _, value := range list(v[s.key]) {
			said := source.Statement{Scope: source.File, Form: s.form, Written: text(word(value)), Where: "page ImageObject " + s.key}
			p.say(said)
		}
	}
	w.found = append(w.found, p)
}

// word takes a text or, of an object, its address, text or name.
func word(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case []any:
		if len(v) > 0 {
			s, _ := v[0].(string)
			return s
		}
	case map[string]any:
		for _, key := range []string{"@id", "url", "@value", "name", "text"} {
			if s, ok := v[key].(string); ok {
				return s
			}
		}
	}
	return ""
}

// name takes the names of people and organisations.
func name(value any) string {
	var names []string
	for _, v := range list(value) {
		switch v := v.(type) {
		case string:
			names = append(names, v)
		case map[string]any:
			if s, ok := v["name"].(string); ok {
				names = append(names, s)
			}
		}
	}
	return strings.Join(names, ", ")
}

func list(value any) []any {
	switch v := value.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{value}
}

func isA(value any, kind string) bool {
	for _, v := range list(value) {
		s, _ := v.(string)
		if s = s[strings.LastIndexAny(s, "/:")+1:]; s == kind {
			return true
		}
	}
	return false
}
