// Package croissant reads the descriptions of data sets that Croissant 1.0 and
// 1.1 define (https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html),
// JSON-LD on the vocabulary of schema.org. It fetches nothing: neither contexts
// nor files. Terms are read by their names, with or without the prefixes and
// addresses of the two vocabularies, so that it does not matter which context a
// description uses for them.
package croissant

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Dataset is a description.
type Dataset struct {
	ConformsTo []string
	Name       string
	URL        string
	Version    string
	Published  string // datePublished
	Live       bool   // isLiveDataset
	Creators   []string
	Licences   []string // license: addresses, names or texts
	Usage      []string // usageInfo: terms beside the licence
	Files      []Resource
	RecordSets []RecordSet
}

// Resource is a FileObject or a FileSet.
type Resource struct {
	ID          string
	Set         bool
	Name        string
	URL         string // contentUrl: of a FileObject
	Size        int64  // bytes; -1 if not stated
	SHA256      string // 64 lower-case digits; empty if not stated
	Format      []string
	ContainedIn []string // identifiers
	Includes    []string // patterns; of a FileSet
	Excludes    []string
}

// RecordSet is a table.
type RecordSet struct {
	ID     string
	Fields []Field
}

// Field is a column of a table.
type Field struct {
	ID         string
	Name       string // without the table's
	Types      []string
	Source     Source
	References string // identifier of a field
}

// Source says where a field's values come from.
type Source struct {
	From       string // identifier of a file, set or field
	Column     string // of a table
	Property   string // of a file: content, filename, fullpath …
	JSONPath   string
	Regex      []*regexp.Regexp // of which the first group is the value
	Unreadable string           // what is not understood
}

// maxDepth is how deeply a description may be nested.
const maxDepth = 64

// Parse reads a description. It fails if it is none, or lacks what Croissant
// requires to read files by it.
func Parse(text []byte) (*Dataset, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if !utf8.Valid(text) {
		return nil, errors.New("it is not UTF-8")
	}
	if err := shallow(text); err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return nil, fmt.Errorf("it is no JSON: %w", err)
	}
	n, err := root(value)
	if err != nil {
		return nil, err
	}
	set := &Dataset{
		ConformsTo: n.texts("conformsTo"), Name: n.text("name"), URL: n.text("url"),
		Version: n.text("version"), Published: n.text("datePublished"), Live: n.text("isLiveDataset") == "true",
		Creators: n.names("creator"), Licences: n.texts("license"),
		Usage: n.texts("usageInfo"),
	}
	if !slices.ContainsFunc(set.ConformsTo, version) {
		return nil, fmt.Errorf("conformsTo: it says %q; http://mlcommons.org/croissant/1.0 and 1.1 are read", strings.Join(set.ConformsTo, ", "))
	}
	if set.Name == "" {
		return nil, errors.New("name: it has none")
	}
	seen := map[string]bool{}
	for _, r := range n.nodes("distribution") {
		f, err := resource(r)
		if err != nil {
			return nil, err
		}
		if seen[f.ID] {
			return nil, fmt.Errorf("distribution: %q stands there twice", f.ID)
		}
		seen[f.ID] = true
		set.Files = append(set.Files, f)
	}
	for _, f := range set.Files {
		for _, in := range f.ContainedIn {
			if !seen[in] {
				return nil, fmt.Errorf("distribution: %q is contained in %q, which is not there", f.ID, in)
			}
		}
	}
	for _, r := range n.nodes("recordSet") {
		set.RecordSets = append(set.RecordSets, recordSet(r))
	}
	return set, nil
}

func version(s string) bool {
	s = strings.TrimPrefix(strings.TrimPrefix(s, "https"), "http")
	rest, ok := strings.CutPrefix(s, "://mlcommons.org/croissant/1.")
	return ok && (rest == "0" || rest == "1")
}

// root finds the data set, which may lie in a graph.
func root(value any) (node, error) {
	switch v := value.(type) {
	case map[string]any:
		n := node(v)
		if n.is("Dataset") {
			return n, nil
		}
		for _, inner := range n.nodes("@graph") {
			if inner.is("Dataset") {
				return inner, nil
			}
		}
	case []any:
		for _, one := range v {
			if n, ok := one.(map[string]any); ok && node(n).is("Dataset") {
				return n, nil
			}
		}
	}
	return nil, errors.New("it describes no schema.org Dataset")
}

// shallow refuses what is nested too deeply, before memory is given for it.
func shallow(text []byte) error {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return errors.New("it is nested too deeply")
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

func resource(n node) (Resource, error) {
	r := Resource{
		ID: n.text("@id"), Set: n.is("FileSet"), Name: n.text("name"), URL: n.text("contentUrl"), Size: -1,
		Format: n.texts("encodingFormat"), Includes: n.texts("includes"), Excludes: n.texts("excludes"),
	}
	if r.ID == "" {
		r.ID = r.Name // as before 1.0
	}
	if r.ID == "" {
		return r, errors.New("distribution: a file has neither @id nor name")
	}
	if !r.Set && !n.is("FileObject") {
		return r, fmt.Errorf("distribution: %q is neither a FileObject nor a FileSet", r.ID)
	}
	for _, in := range n.list("containedIn") {
		if inner, ok := in.(map[string]any); ok && node(inner).is("DataSource") {
			return r, fmt.Errorf("distribution: %q comes out of a DataSource, which is not read", r.ID)
		}
		r.ContainedIn = append(r.ContainedIn, words(in))
	}
	if sum := strings.ToLower(strings.TrimSpace(n.text("sha256"))); digits.MatchString(sum) {
		r.SHA256 = sum
	} else if sum != "" && !strings.Contains(sum, "://") { // some writers put an address there, for none
		return r, fmt.Errorf("distribution: %q: the sha256 %.80q is not 64 hexadecimal digits", r.ID, sum)
	}
	if s := n.text("contentSize"); s != "" {
		size, err := bytesOf(s)
		if err != nil {
			return r, fmt.Errorf("distribution: %q: %w", r.ID, err)
		}
		r.Size = size
	}
	return r, nil
}

var digits = regexp.MustCompile(`^[0-9a-f]{64}$`)

// bytesOf reads a size: "25585843 B", "25585843". Sizes in rounded units are
// not exact and say nothing: -1.
func bytesOf(s string) (int64, error) {
	number, unit, _ := strings.Cut(strings.TrimSpace(s), " ")
	if number, ok := strings.CutSuffix(number, "B"); ok && unit == "" {
		if n, err := strconv.ParseInt(number, 10, 64); err == nil && n >= 0 {
			return n, nil
		}
		return -1, nil
	}
	if unit != "" && !strings.EqualFold(unit, "B") && !strings.EqualFold(unit, "bytes") {
		return -1, nil
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 0 {
		return -1, fmt.Errorf("the contentSize %.80q is no number of bytes", s)
	}
	return n, nil
}

func recordSet(n node) RecordSet {
	r := RecordSet{ID: n.text("@id")}
	for _, f := range n.nodes("field") {
		r.Fields = append(r.Fields, field(f, r.ID))
	}
	return r
}

func field(n node, table string) Field {
	f := Field{ID: n.text("@id"), Types: n.texts("dataType")}
	f.Name = n.text("name")
	if f.Name == "" {
		f.Name = f.ID
	}
	f.Name = strings.TrimPrefix(f.Name, table+"/")
	for i, t := range f.Types {
		f.Types[i] = local(t)
	}
	for _, r := range n.list("references") {
		f.References = words(r)
		if inner, ok := r.(map[string]any); ok && f.References == "" {
			f.References = node(inner).text("field")
		}
	}
	for _, s := range n.nodes("source") {
		f.Source = where(s)
	}
	return f
}

func where(n node) Source {
	s := Source{From: n.text("@id")}
	for _, key := range []string{"fileObject", "fileSet", "recordSet", "field"} {
		if from := n.text(key); from != "" {
			s.From = from
		}
	}
	for _, e := range n.nodes("extract") {
		s.Column, s.Property, s.JSONPath = e.text("column"), e.text("fileProperty"), e.text("jsonPath")
	}
	for _, t := range n.nodes("transform") {
		if path := t.text("jsonPath"); path != "" {
			s.JSONPath = path
		}
		if expression := t.text("regex"); expression != "" {
			re, err := regexp.Compile(expression)
			if err != nil || len(expression) > 1000 {
				s.Unreadable = "regex " + expression
				continue
			}
			s.Regex = append(s.Regex, re)
		}
	}
	return s
}
