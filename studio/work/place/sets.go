package place

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/limner-ai/limner/dataset/frozen"
	"github.com/limner-ai/limner/internal/nearest"
)

// Shapes is the name of the set that is drawn on demand.
const Shapes = "shapes"

// Set is a data set that can be trained on.
type Set struct {
	Name     string        `json:"name"`
	Kind     string        `json:"kind"`               // frozen, idx, folder or shapes
	Pictures int           `json:"pictures,omitempty"` // 0: not known without reading it
	Held     int           `json:"held_out,omitempty"` // of which are held out
	Side     int           `json:"side,omitempty"`     // pixels; 0: not known without reading it
	Root     string        `json:"root,omitempty"`     // name of what is in it
	Licences frozen.Counts `json:"licences,omitempty"`
	Styles   frozen.Counts `json:"styles,omitempty"`
	Rights   string        `json:"rights"` // recorded, drawn or unknown

	Path string `json:"-"` // no client's business
}

// AllSets lists the sets: those that were named, frozen ones, folders of IDX
// files, and the shapes. A name that several folders have means the first. What
// cannot be read is left out.
func (p Places) AllSets() []Set {
	var out []Set
	known := map[string]bool{Shapes: true}
	for _, n := range p.Named {
		s, ok := setIn(n.Path)
		if !ok { // of pictures: what is in it shows when it is read
			s = Set{Path: n.Path, Kind: "folder", Rights: "unknown"}
		}
		s.Name, known[n.Name] = n.Name, true
		out = append(out, s)
	}
	for _, dir := range p.Sets {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue
		}
		for _, e := range entries {
			path := filepath.Join(dir, e.Name())
			if CheckName(e.Name()) != nil || known[e.Name()] {
				continue
			}
			if s, ok := setIn(path); ok {
				known[s.Name] = true
				out = append(out, s)
			}
		}
	}
	slices.SortFunc(out, func(a, b Set) int { return strings.Compare(a.Name, b.Name) })
	return append(out, Set{Name: Shapes, Kind: "shapes", Pictures: 20000, Side: 32, Rights: "drawn"})
}

// setIn says what set is in a folder.
func setIn(path string) (Set, bool) {
	s := Set{Name: filepath.Base(path), Path: path, Rights: "unknown"}
	if m, err := frozen.ReadManifest(path); err == nil {
		s.Kind, s.Pictures, s.Held, s.Side, s.Root = "frozen", m.Pictures, m.Splits["test"], m.Side, m.Root.String()
		s.Licences, s.Styles, s.Rights = m.Licences, m.Styles, "recorded"
		return s, true
	}
	found, err := filepath.Glob(filepath.Join(path, "train-images?idx3-ubyte*"))
	if err != nil || len(found) == 0 {
		return s, false
	}
	s.Kind = "idx"
	return s, true
}

// FindSet gives the set of that name. It may be named by its path, as run files
// do it, if that is the path of a set that is listed.
func (p Places) FindSet(name string) (Set, error) {
	var names []string
	for _, s := range p.AllSets() {
		if s.Name == name || s.Path != "" && s.Path == filepath.Clean(filepath.FromSlash(name)) {
			return s, nil
		}
		names = append(names, s.Name)
	}
	// sets/NAME is how the documentation has it, wherever the set lies here.
	if rest, ok := strings.CutPrefix(name, "sets/"); ok && slices.Contains(names, rest) {
		return p.FindSet(rest)
	}
	return Set{}, fmt.Errorf("there is no set %q%s", short(name), nearest.Hint(name, names))
}
