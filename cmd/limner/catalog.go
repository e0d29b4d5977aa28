package main

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
	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/kinds"
)

// entry is a source of the catalogue: the file ID.yaml in the folder sources of
// Limner's home. The keys id, kind and dir are ours, the others its kind's.
type entry struct {
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

// newEntry reads a configuration as its author wrote it.
func newEntry(id, kind, dir string, text []byte) (entry, error) {
	e := entry{ID: id, Kind: kind, Dir: dir}
	var said entry
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
	var check entry
	if err := yaml.Unmarshal(e.text, &check); err != nil || check.ID != e.ID || check.Kind != e.Kind {
		return e, errors.New("write the keys one a line, so that id and kind can be set")
	}
	return e, nil
}

func catalogue() string { return filepath.Join(home(), "sources") }

func (e entry) path() string { return filepath.Join(catalogue(), e.ID+".yaml") }

// save writes the entry; one that exists and differs is only replaced if asked.
func (e entry) save(replace bool) error {
	text := fmt.Appendf(nil, "dir: %q\n%s", e.Dir, e.text)
	old, err := os.ReadFile(e.path())
	if err == nil && !bytes.Equal(old, text) && !replace {
		return fmt.Errorf("there is a source %s already; see limner source show %s, and --replace", e.ID, e.ID)
	}
	if err := os.MkdirAll(catalogue(), 0o755); err != nil {
		return err
	}
	return atomicfile.Write(e.path(), 0o644, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// findEntry reads a source of the catalogue.
func findEntry(id string) (entry, error) {
	e := entry{ID: id}
	if !sourceID.MatchString(id) {
		return e, fmt.Errorf("%q is no source's name; see limner source list", id)
	}
	text, err := os.ReadFile(e.path())
	if errors.Is(err, fs.ErrNotExist) {
		return e, fmt.Errorf("there is no source %s; see limner source list", id)
	}
	if err != nil {
		return e, err
	}
	if e, err = newEntry(id, "", "", text); err != nil {
		return e, fmt.Errorf("%s: %w", entry{ID: id}.path(), err)
	}
	return e, nil
}

// entries lists the catalogue by name.
func entries() ([]entry, error) {
	files, err := filepath.Glob(filepath.Join(catalogue(), "*.yaml"))
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	var out []entry
	for _, f := range files {
		e, err := findEntry(strings.TrimSuffix(filepath.Base(f), ".yaml"))
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// open opens the source.
func (e entry) open(ctx context.Context, tell func(string)) (source.Source, error) {
	k, err := kinds.Find(e.Kind)
	if err != nil {
		return nil, err
	}
	env := source.Env{Dir: e.Dir, Cache: filepath.Join(home(), "cache", e.ID), Gate: gate.New(gate.Policy{}), Tell: tell}
	src, err := k.Open(ctx, e.text, env)
	if err != nil {
		return nil, fmt.Errorf("source %s: %w", e.ID, err)
	}
	return src, nil
}

// openLedger opens the home folder's ledger for writing, and makes it if there
// is none.
func openLedger() (*ledger.Ledger, error) {
	dir := filepath.Join(home(), "ledger")
	l, err := ledger.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return ledger.Create(dir)
	}
	return l, err
}

// readLedger opens it for reading.
func readLedger() (*ledger.Ledger, error) {
	l, err := ledgerIfAny()
	if err == nil && l == nil {
		err = errNoLedger
	}
	return l, err
}

var errNoLedger = errors.New("there is no ledger yet: take in a source with limner source add and refresh")

// ledgerIfAny opens the ledger for reading; nil if there is none yet.
func ledgerIfAny() (*ledger.Ledger, error) {
	l, err := ledger.OpenReadOnly(filepath.Join(home(), "ledger"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return l, err
}
