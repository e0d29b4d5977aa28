package licence

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
)

//go:embed names.yaml
var namesYAML []byte

// nameBook is names.yaml.
type nameBook struct {
	Names      map[string]string            `yaml:"names"`
	Families   map[string]family            `yaml:"families"`
	Exceptions map[string]map[string]string `yaml:"exceptions"`
	Addresses  map[string]string            `yaml:"addresses"`

	familyOf map[string]string // words → family
}

type family struct {
	Words    []string          `yaml:"words"`
	Versions map[string]string `yaml:"versions"`
	Sole     bool              `yaml:"sole"`
}

// book reads names.yaml, once; a test holds that it can be read.
var book = sync.OnceValue(func() *nameBook {
	b := &nameBook{familyOf: map[string]string{}}
	if err := yaml.UnmarshalWithOptions(namesYAML, b, yaml.Strict()); err != nil {
		panic("licence: names.yaml: " + err.Error())
	}
	for name, f := range b.Families {
		for _, w := range f.Words {
			b.familyOf[w] = name
		}
	}
	addresses := map[string]string{}
	for a, id := range b.Addresses {
		addresses[strings.ToLower(a)] = id
	}
	b.Addresses = addresses
	return b
})

// nameOf recognises one licence by its name, its address, or both where they
// agree. An expression that says nothing is recognised too ("unknown").
func nameOf(s string, d Dialect) (Expression, bool) {
	if i := strings.LastIndex(s, "::"); i >= 0 {
		s = s[i+2:] // a classifier of the Python index
	}
	fields := strings.Fields(s)
	for i, f := range fields {
		if isAddress(f) {
			return addressAmong(fields, i, d)
		}
	}
	if len(fields) == 0 {
		return Expression{}, false
	}
	if n, err := strictLicence(fields); err == nil {
		return Expression{n}, true
	}
	if l, ok := listed(strings.Join(fields, "-"), false); ok {
		return Of(l), true
	}
	if strings.ContainsAny(s, "<>=~!") {
		return Expression{}, false // a comparison, of versions say, which is no punctuation
	}
	return named(words(s), d)
}

// addressAmong reads words of which the i-th is an address: the others must be
// filler, or name the same licence.
func addressAmong(fields []string, i int, d Dialect) (Expression, bool) {
	e, ok := byAddress(fields[i])
	if !ok {
		return Expression{}, false
	}
	rest := strings.Join(slices.Delete(slices.Clone(fields), i, i+1), " ")
	if len(words(rest)) == 0 {
		return e, true
	}
	other, ok := nameOf(rest, d)
	return e, ok && e.Equal(other)
}

// named recognises the words of a name.
func named(ws []string, d Dialect) (Expression, bool) {
	if i := slices.Index(ws, "with"); i > 0 {
		return excepted(ws[:i], ws[i+1:], d)
	}
	b := book()
	if id, ok := b.Names[strings.Join(ws, " ")]; ok {
		if id == "" {
			return Expression{}, true
		}
		e, err := Parse(id)
		return e, err == nil
	}
	later, only := false, false
	switch n := len(ws); {
	case n > 1 && ws[n-1] == "+":
		later, ws = true, ws[:n-1]
	case n > 1 && ws[n-1] == "only":
		only, ws = true, ws[:n-1]
	}
	if l, ok := creativeCommons(ws, d); ok {
		l.OrLater = later && !l.IsRef()
		return Of(l), true
	}
	version := ""
	if n := len(ws); n > 1 && isVersion(ws[n-1]) {
		version, ws = ws[n-1], ws[:n-1]
	}
	name, ok := b.familyOf[strings.Join(ws, " ")]
	if !ok {
		return Expression{}, false
	}
	return b.Families[name].at(name, version, later, only, d)
}

// at gives the family's licence of that version.
func (f family) at(name, version string, later, only bool, d Dialect) (Expression, bool) {
	if version == "" {
		switch {
		case d == Debian || f.Sole:
			for v := range f.Versions {
				if version == "" || v < version {
					version = v
				}
			}
		case only:
			return Expression{}, false
		default:
			return Of(Licence{ID: "LicenseRef-" + name + "-unversioned"}), true
		}
	}
	id, ok := f.Versions[version]
	if !ok {
		return Expression{}, false
	}
	if l := (Licence{ID: id}); l.IsRef() {
		return Of(l), true
	}
	l, ok := listed(id, later)
	return Of(l), ok
}

// excepted reads "NAME with KEYWORD exception".
func excepted(base, keyword []string, d Dialect) (Expression, bool) {
	n := len(keyword)
	if n < 2 || n > 6 || !strings.HasPrefix(keyword[n-1], "exception") {
		return Expression{}, false
	}
	e, ok := named(base, d)
	if !ok || e.root == nil || e.root.op != leaf || e.root.licence.Addition != "" {
		return Expression{}, false
	}
	l := e.root.licence
	l.Addition = "AdditionRef-" + strings.Join(keyword, "-")
	if !isIDString(l.Addition) {
		return Expression{}, false
	}
	known := book().Exceptions[strings.Join(keyword[:n-1], " ")]
	if a, ok := known["*"]; ok {
		l.Addition = a
	}
	for v, a := range known {
		if strings.Contains(l.ID, "-"+v) {
			l.Addition = a
		}
	}
	return Of(l), true
}
