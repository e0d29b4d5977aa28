// Package place knows where the studio's runs, sets, recipes and curated sets
// lie. Clients name them as the listings do; what they say is looked up and
// never used as a path.
package place

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/limner-ai/limner/internal/home"
	"github.com/limner-ai/limner/internal/nearest"
)

// Places are the folders that an operator gives the studio.
type Places struct {
	Home    home.Home
	Runs    string   // of training runs, a folder each
	Sets    []string // folders whose sub-folders are data sets
	Curated string   // of curated sets, a folder each
	Recipes []string // folders with recipes of curation, NAME.yaml
	Named   []Named  // sets that lie elsewhere
}

// Named is a folder that the operator offers as a data set, such as one of
// pictures.
type Named struct{ Name, Path string }

// Name offers a folder, as NAME=FOLDER says, to be trained on.
func (p *Places) Name(text string) error {
	name, path, ok := strings.Cut(text, "=")
	if !ok {
		return fmt.Errorf("%q: write it as NAME=FOLDER", text)
	}
	if err := CheckName(name); err != nil {
		return err
	}
	if name == Shapes || slices.ContainsFunc(p.Named, func(n Named) bool { return n.Name == name }) {
		return fmt.Errorf("the name %s is taken", name)
	}
	if _, err := os.ReadDir(path); err != nil {
		return fmt.Errorf("the set %s: %w", name, err)
	}
	p.Named = append(p.Named, Named{name, filepath.Clean(path)})
	return nil
}

// Default is what the command line works with, seen from the present folder.
func Default() Places {
	return Places{Home: home.Find(), Runs: "runs", Sets: []string{"sets", "data"}, Curated: "curated", Recipes: []string{"recipes", "examples"}}
}

// plain is what a name may look like: it cannot lead out of a folder, hide in
// it, or mean a device.
var plain = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)

// CheckName holds that something new may have that name.
func CheckName(name string) error {
	if !plain.MatchString(name) || !filepath.IsLocal(name) || strings.HasSuffix(name, ".") {
		return fmt.Errorf("%q is no name: use letters, digits, dot, dash and underscore, at most 63, and begin with a letter or a digit", short(name))
	}
	return nil
}

// short keeps what a client wrote from filling an error.
func short(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return s
}

// Run gives the folder of a run of that name, whether it is there or not.
func (p Places) Run(name string) (string, error) {
	if err := CheckName(name); err != nil {
		return "", err
	}
	return filepath.Join(p.Runs, name), nil
}

// RunNames lists the runs that have begun.
func (p Places) RunNames() ([]string, error) {
	return folders(p.Runs, "run.yaml")
}

// FindRun gives the folder of a run that has begun. It may be named as run
// files do it, runs/NAME.
func (p Places) FindRun(name string) (string, error) {
	names, err := p.RunNames()
	if err != nil {
		return "", err
	}
	name = strings.TrimPrefix(name, "runs/")
	if !slices.Contains(names, name) {
		return "", fmt.Errorf("there is no run %q%s", short(name), nearest.Hint(name, names))
	}
	return filepath.Join(p.Runs, name), nil
}

// CuratedNames lists the curated sets that are whole.
func (p Places) CuratedNames() ([]string, error) { return folders(p.Curated, "summary.json") }

// FindCurated gives the folder of a curated set.
func (p Places) FindCurated(name string) (string, error) {
	names, err := p.CuratedNames()
	if err != nil {
		return "", err
	}
	if !slices.Contains(names, name) {
		return "", fmt.Errorf("there is no curated set %q%s", short(name), nearest.Hint(name, names))
	}
	return filepath.Join(p.Curated, name), nil
}

// folders lists the sub-folders that hold a file of that name.
func folders(dir, with string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		return nil, fmt.Errorf("cannot list %s: %w", filepath.Base(dir), bare(err))
	}
	var out []string
	for _, e := range entries {
		if CheckName(e.Name()) != nil {
			continue
		}
		if info, err := os.Stat(filepath.Join(dir, e.Name(), with)); err == nil && info.Mode().IsRegular() {
			out = append(out, e.Name())
		}
	}
	return out, nil
}

// bare leaves out the path of an error, which is no client's business.
func bare(err error) error {
	if p, ok := err.(*fs.PathError); ok {
		return p.Err
	}
	return err
}
