package notice

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/limner-ai/limner/source"
)

// Read gives what a licence file or README says; nil for other files. The scope
// is for the caller to set, or Folders.
func Read(e *source.Evidence) []source.Statement {
	switch {
	case IsLicence(e.Name):
		return Text(e)
	case IsReadme(e.Name):
		var out []source.Statement
		for _, p := range Prose(string(e.Data)) {
			out = append(out, source.Statement{Form: source.Prose, Written: p.Text, Where: fmt.Sprintf("%s line %d", e.Name, p.Line), Evidence: e})
		}
		return out
	}
	return nil
}

// Text gives a file as a licence's text, whatever its name.
func Text(e *source.Evidence) []source.Statement {
	text := strings.ToValidUTF8(string(e.Data), "\uFFFD")
	if strings.TrimSpace(text) == "" {
		return nil
	}
	return []source.Statement{{Form: source.Text, Written: text, Where: e.Name, Evidence: e}}
}

// Folders gathers what files say about the folders that they lie in.
type Folders struct {
	whole []source.Statement
	inner map[string][]source.Statement
}

// Add adds statements about a folder and all below it; "." is the whole source.
func (f *Folders) Add(dir string, statements ...source.Statement) {
	for _, s := range statements {
		if dir == "." {
			s.Scope = source.Whole
			f.whole = append(f.whole, s)
			continue
		}
		if f.inner == nil {
			f.inner = map[string][]source.Statement{}
		}
		s.Scope = source.Group
		f.inner[dir] = append(f.inner[dir], s)
	}
}

// Whole gives the statements about the whole source.
func (f *Folders) Whole() []source.Statement { return f.whole }

// Of gives the statements about the folders that a file lies in, from without
// to within, and the innermost of these folders with a slash; "" for none.
func (f *Folders) Of(name string) (group string, statements []source.Statement) {
	var dirs []string
	for dir := path.Dir(name); dir != "." && dir != "/"; dir = path.Dir(dir) {
		if len(f.inner[dir]) > 0 {
			dirs = append(dirs, dir)
		}
	}
	if len(dirs) == 0 {
		return "", nil
	}
	for _, dir := range slices.Backward(dirs) {
		statements = append(statements, f.inner[dir]...)
	}
	return dirs[0] + "/", statements
}
