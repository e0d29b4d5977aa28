package folder

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/limner-ai/limner/internal/strict"
	"github.com/limner-ai/limner/source"
)

const (
	rightsFile   = "rights.yaml"
	maxRights    = 1 << 20
	maxAgreement = 64 << 20
	own          = "own"
)

// rights is the file rights.yaml in the root of the folder:
//
//	holder: Jane Doe           # who owns the rights
//	licence: own               # or a licence's name: CC-BY-4.0
//	agreement: letters/jane.pdf  # by which the rights were given, if they were
//	files:                     # of some files other rights; the last match counts
//	  - match: "guests/**"
//	    holder: John Smith
//	    licence: CC-BY-4.0
type rights struct {
	Root  right       `yaml:",inline"`
	Files []fileRight `yaml:"files"`

	evidence *source.Evidence // the file itself; nil if there is none
}

// right is what is said of some files.
type right struct {
	Holder    string `yaml:"holder"`
	Licence   string `yaml:"licence"`
	Agreement string `yaml:"agreement"`

	document *source.Evidence // the agreement
}

type fileRight struct {
	Match string `yaml:"match"`
	Right right  `yaml:",inline"`
}

func readRights(dir string) (rights, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return rights{}, err
	}
	defer root.Close()
	var r rights
	text, err := readFile(root, rightsFile, maxRights)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return r, err
	}
	if err := strict.YAML(text, &r); err != nil {
		return r, err
	}
	r.evidence = &source.Evidence{Name: rightsFile, Data: text}
	if err := r.Root.complete(root); err != nil {
		return r, err
	}
	for i := range r.Files {
		f := &r.Files[i]
		if f.Match == "" || !doublestar.ValidatePattern(f.Match) {
			return r, fmt.Errorf("files: match: %q is no pattern; write one such as \"guests/**\"", f.Match)
		}
		if err := f.Right.complete(root); err != nil {
			return r, fmt.Errorf("files: match %s: %w", f.Match, err)
		}
	}
	return r, nil
}

// complete checks what is said and reads the agreement.
func (r *right) complete(root *os.Root) error {
	if r.Holder == "" && (r.Licence == own || r.Agreement != "") {
		return errors.New("holder: write who owns the rights")
	}
	if r.Agreement == "" {
		return nil
	}
	data, err := readFile(root, r.Agreement, maxAgreement)
	if err != nil {
		return fmt.Errorf("agreement: %w", err)
	}
	if len(data) == 0 {
		return fmt.Errorf("agreement: %s is empty; put the signed document there", r.Agreement)
	}
	r.document = &source.Evidence{Name: r.Agreement, Data: data}
	return nil
}

// whole gives the statements on the whole folder, if there are no exceptions:
// otherwise they are those of a group, for they are not about all files.
func (r *rights) whole() []source.Statement {
	if len(r.Files) > 0 {
		return nil
	}
	return r.statements(&r.Root, source.Whole)
}

// of gives what is said of one file, and the group of those of which the same
// is said.
func (r *rights) of(path string) (group, holder string, statements []source.Statement) {
	if len(r.Files) == 0 {
		return "", r.Root.Holder, nil
	}
	for i := len(r.Files) - 1; i >= 0; i-- {
		f := &r.Files[i]
		if ok, err := doublestar.Match(f.Match, path); ok && err == nil {
			return rightsFile + " " + f.Match, f.Right.Holder, r.statements(&f.Right, source.Group)
		}
	}
	return rightsFile, r.Root.Holder, r.statements(&r.Root, source.Group)
}

func (r *rights) statements(of *right, scope source.Scope) []source.Statement {
	var out []source.Statement
	add := func(key string, form source.Form, written string, evidence *source.Evidence) {
		if written != "" {
			out = append(out, source.Statement{Scope: scope, Form: form, Written: written, Where: rightsFile + " " + key, Evidence: evidence})
		}
	}
	form := source.Expression
	if of.Licence == own {
		form = source.Own
	}
	add("licence", form, of.Licence, r.evidence)
	add("holder", source.Notice, of.Holder, r.evidence)
	add("agreement", source.Own, of.Agreement, of.document)
	return out
}

// readFile reads a plain file of at most limit bytes in the folder.
func readFile(root *os.Root, name string, limit int64) ([]byte, error) {
	info, err := root.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a plain file", name)
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%s has more than %d bytes", name, limit)
	}
	return data, nil
}
