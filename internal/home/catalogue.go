package home

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/limner-ai/limner/internal/atomicfile"
	"github.com/limner-ai/limner/rights/gate"
	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/kinds"
)

// Entry is a source of the catalogue: the file ID.yaml in the folder sources.
// The keys id, kind and dir are ours, the others its kind's.
type Entry struct {
	ID   string `yaml:"id" json:"id"`
	Kind string `yaml:"kind" json:"kind"`
	// Dir is the folder that the configuration's paths are relative to.
	Dir  string `yaml:"dir" json:"dir"`
	text []byte // without dir
}

var (
	sourceID = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,62}$`)
	ours     = regexp.MustCompile(`(?m)^(id|kind|dir)[ \t]*:.*(\n|$)`)
)

// NewEntry reads a configuration as its author wrote it.
func NewEntry(id, kind, dir string, text []byte) (Entry, error) {
	e := Entry{ID: id, Kind: kind, Dir: dir}
	var said Entry
	if err := yaml.Unmarshal(text, &said); err != nil && len(bytes.TrimSpace(text)) > 0 {
		return e, fmt.Errorf("this is no YAML document of keys and values")
	}
	for _, k := range []struct {
		name string
		to   *string
		said string
	}{{"id", &e.ID, said.ID}, {"kind", &e.Kind, said.Kind}, {"dir", &e.Dir, said.Dir}} {
		if *k.to == "" || k.name == "dir" && k.said != "" {
			*k.to = k.said
		}
		if *k.to == "" && k.name != "dir" {
			return e, fmt.Errorf("%s is missing: write it into the file, or give --%s", k.name, k.name)
		}
	}
	if !sourceID.MatchString(e.ID) {
		return e, fmt.Errorf("id: %q is no name for a source; use lower-case letters, digits, dot, dash and underscore", e.ID)
	}
	e.text = fmt.Appendf(nil, "id: %s\nkind: %s\n%s", e.ID, e.Kind, ours.ReplaceAll(text, nil))
	var check Entry
	if err := yaml.Unmarshal(e.text, &check); err != nil || check.ID != e.ID || check.Kind != e.Kind {
		return e, errors.New("write the keys one a line, so that id and kind can be set")
	}
	return e, nil
}

func (h Home) entryPath(id string) string { return h.Path("sources", id+".yaml") }

// Save writes an entry; one that exists and differs is only replaced if asked.
func (h Home) Save(e Entry, replace bool) error {
	path := h.entryPath(e.ID)
	text := fmt.Appendf(nil, "dir: %q\n%s", e.Dir, e.text)
	old, err := os.ReadFile(path)
	if err == nil && !bytes.Equal(old, text) && !replace {
		return fmt.Errorf("there is a source %s already; see limner source show %s, and --replace", e.ID, e.ID)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return atomicfile.Write(path, 0o644, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// Source reads the entry of that name.
func (h Home) Source(id string) (Entry, error) {
	e := Entry{ID: id}
	if !sourceID.MatchString(id) {
		return e, fmt.Errorf("%q is no source's name; see limner source list", id)
	}
	path := h.entryPath(id)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return e, fmt.Errorf("there is no source %s; see limner source list", id)
	}
	if err != nil {
		return e, err
	}
	if e, err = NewEntry(id, "", "", text); err != nil {
		return e, fmt.Errorf("%s: %w", path, err)
	}
	return e, nil
}

// Sources lists the catalogue by name.
func (h Home) Sources() ([]Entry, error) {
	files, err := filepath.Glob(h.Path("sources", "*.yaml"))
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	var out []Entry
	for _, f := range files {
		e, err := h.Source(strings.TrimSuffix(filepath.Base(f), ".yaml"))
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// Open opens the source of an entry. Tell, if not nil, is told in lines for
// people what goes on.
func (h Home) Open(ctx context.Context, e Entry, tell func(string)) (source.Source, error) {
	k, err := kinds.Find(e.Kind)
	if err != nil {
		return nil, err
	}
	env := source.Env{Dir: e.Dir, Cache: h.Path("cache", e.ID), Gate: gate.New(gate.Policy{}), Tell: tell}
	src, err := k.Open(ctx, e.text, env)
	if err != nil {
		return nil, fmt.Errorf("source %s: %w", e.ID, err)
	}
	return src, nil
}
