package debian

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/limner-ai/limner/source"
)

// copyright is a machine-readable debian/copyright (DEP-5: copyright-format 1.0,
// debian.org/doc/packaging-manuals/copyright-format/1.0).
type copyright struct {
	stanzas  []stanza
	header   fields            // of the first paragraph, on the package as a whole
	licences map[string]string // texts by short name in lower case
	evidence *source.Evidence
}

// stanza is a Files paragraph.
type stanza struct {
	fields
	patterns []string // without "./" before them
}

// fields are those of a paragraph that speak of rights.
type fields struct {
	line       int // of the paragraph's beginning, from 1
	licence    field
	copyright  field
	comment    field
	files      field
	format     field
	disclaimer field
}

// field is a field's text, and the line where it begins.
type field struct {
	text string
	line int
}

const (
	maxStanzas  = 20_000
	maxPatterns = 500_000
)

var errNotDEP5 = errors.New("not a machine-readable copyright file")

// parseDEP5 reads a copyright file; errNotDEP5 for one in free form.
func parseDEP5(e *source.Evidence) (*copyright, error) {
	c := &copyright{licences: map[string]string{}, evidence: e}
	patterns := 0
	for i, p := range paragraphs(string(e.Data)) {
		switch {
		case i == 0 && p.format.text == "":
			return nil, errNotDEP5
		case i == 0:
			c.header = p
			if p.files.text == "" {
				continue
			}
			// A file that lacks the empty line after its header.
			c.header.licence, c.header.copyright = field{}, field{}
		case p.files.text == "":
			name, text, _ := strings.Cut(p.licence.text, "\n")
			if key := strings.ToLower(strings.TrimSpace(name)); key != "" && c.licences[key] == "" {
				c.licences[key] = text
			}
			continue
		}
		s := stanza{fields: p, patterns: strings.Fields(p.files.text)}
		for k, f := range s.patterns {
			s.patterns[k] = strings.TrimLeft(strings.TrimPrefix(f, "./"), "/")
		}
		c.stanzas = append(c.stanzas, s)
		if patterns += len(s.patterns); len(c.stanzas) > maxStanzas || patterns > maxPatterns {
			return nil, fmt.Errorf("it has more than %d stanzas or %d patterns", maxStanzas, maxPatterns)
		}
	}
	if c.header.format.text == "" {
		return nil, errNotDEP5
	}
	return c, nil
}

// paragraphs reads a control file (Debian Policy 4.7, section 5.1): fields, whose
// lines go on where they begin with white space, and empty lines between
// paragraphs. Of a field that comes twice the first counts.
func paragraphs(text string) []fields {
	var all []fields
	var p *fields
	var at *field
	text = strings.ToValidUTF8(strings.TrimPrefix(text, "\ufeff"), "\uFFFD")
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimRight(line, " \t\r")
		switch {
		case line == "":
			p, at = nil, nil
			continue
		case line[0] == ' ' || line[0] == '\t':
			if at != nil {
				if line = line[1:]; line == "." {
					line = ""
				}
				at.text += "\n" + line
			}
			continue
		case line[0] == '#':
			continue
		}
		if p == nil {
			if len(all) > 2*maxStanzas {
				return all
			}
			all = append(all, fields{line: i + 1})
			p = &all[len(all)-1]
		}
		name, value, ok := strings.Cut(line, ":")
		at = nil
		if !ok {
			continue
		}
		if f := p.of(strings.ToLower(name)); f != nil && f.line == 0 {
			*f = field{strings.TrimSpace(value), i + 1}
			at = f
		}
	}
	return all
}

// of gives the field of that name in lower case; nil for one that says nothing
// of rights.
func (p *fields) of(name string) *field {
	switch name {
	case "format", "format-specification":
		return &p.format
	case "files":
		return &p.files
	case "license", "licence":
		return &p.licence
	case "copyright":
		return &p.copyright
	case "comment":
		return &p.comment
	case "disclaimer":
		return &p.disclaimer
	}
	return nil
}

// statements turns a paragraph into statements.
func (c *copyright) statements(p *fields, scope source.Scope, flag string) []source.Statement {
	var out []source.Statement
	add := func(form source.Form, f field, key, written string) {
		if strings.TrimSpace(written) != "" {
			out = append(out, source.Statement{Scope: scope, Form: form, Written: written, Flag: flag, Evidence: c.evidence,
				Where: fmt.Sprintf("debian/copyright line %d %s", f.line, key)})
		}
	}
	add(source.DebianName, p.licence, "License", c.withText(p.licence.text))
	add(source.Notice, p.copyright, "Copyright", strings.TrimSpace(p.copyright.text))
	add(source.Prose, p.disclaimer, "Disclaimer", p.disclaimer.text)
	return out
}

// conjunction separates the short names of a License field.
var conjunction = regexp.MustCompile(`(?i)\s*,?\s+(and|or|with)\s+|\s*,\s*`)

// withText adds to a short name the texts that stand-alone License paragraphs
// give for it, or for its parts.
func (c *copyright) withText(licence string) string {
	name, text, _ := strings.Cut(licence, "\n")
	name = strings.TrimSpace(name)
	if strings.TrimSpace(text) != "" || name == "" {
		return licence
	}
	names := append([]string{name}, conjunction.Split(name, -1)...)
	for _, n := range slices.Compact(names) {
		if t := c.licences[strings.ToLower(n)]; t != "" {
			licence += "\n" + t
		}
	}
	return licence
}

// years matches what stands before a holder in a copyright notice.
var years = regexp.MustCompile(`(?i)^(\s|copyright|\(c\)|©|\d{4}|[-–,;]|present|by\b|and\b)+`)

// holders gives the names in a Copyright field, a line each.
func holders(notice string) []string {
	var out []string
	for line := range strings.SplitSeq(notice, "\n") {
		name := strings.TrimSpace(years.ReplaceAllString(line, ""))
		if name != "" && !strings.EqualFold(name, "none") && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}
