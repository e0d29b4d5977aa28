package v1

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/limner-ai/limner/dataset/frozen"
	"github.com/limner-ai/limner/studio/api"
)

// Sets are the folders in which frozen data sets lie, a folder each. A name
// that several have means the first.
type Sets []string

// Set is what a client may know of a frozen set.
type Set struct {
	Name     string        `json:"name"` // by which it is asked for: that of its folder
	Title    string        `json:"title"`
	Root     string        `json:"root"` // of its Merkle tree: what it is proven by
	Pictures int           `json:"pictures"`
	Side     int           `json:"side"` // of the pictures, in pixels
	Splits   frozen.Counts `json:"splits"`
	Purpose  string        `json:"purpose"`
	// Territory is where it may be used, an ISO 3166 code; absent: everywhere.
	Territory string        `json:"territory,omitempty"`
	Ruleset   string        `json:"ruleset"`
	Sources   frozen.Counts `json:"sources"`
	Licences  frozen.Counts `json:"licences"`
	LeftOut   frozen.Counts `json:"left_out"` // by reason
	Frozen    time.Time     `json:"frozen,omitzero"`
	Expires   time.Time     `json:"expires,omitzero"`

	dir string
}

// folder looks a name up in the listing; it is never used as a path.
func (s Sets) folder(name string) (string, error) {
	list, err := s.list()
	if err != nil {
		return "", err
	}
	for _, set := range list {
		if set.Name == name {
			return set.dir, nil
		}
	}
	return "", &api.Error{Status: http.StatusNotFound, Code: "not_found", Message: "there is no such set"}
}

// list reads all that can be read.
func (s Sets) list() ([]Set, error) {
	out := []Set{}
	have := map[string]bool{}
	for _, folder := range s {
		entries, err := os.ReadDir(folder)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("cannot list the sets in %s: %w", folder, err)
		}
		for _, e := range entries {
			dir := filepath.Join(folder, e.Name())
			if _, err := os.Stat(filepath.Join(dir, frozen.ManifestFile)); err != nil || have[e.Name()] || strings.HasPrefix(e.Name(), ".") {
				continue
			}
			m, err := frozen.ReadManifest(dir)
			if err != nil {
				continue // damaged ones are not offered
			}
			set := Set{
				dir: dir, Name: e.Name(), Title: m.Name, Root: m.Root.String(), Pictures: m.Pictures, Side: m.Side, Splits: counts(m.Splits), Purpose: m.Purpose,
				Territory: m.Territory, Ruleset: m.Ruleset, Sources: counts(m.Sources), Licences: counts(m.Licences), LeftOut: counts(m.LeftOut),
			}
			if f, err := frozen.ReadFreeze(dir); err == nil {
				set.Frozen, set.Expires = f.Time, f.Expires
			}
			have[e.Name()] = true
			out = append(out, set)
		}
	}
	return out, nil
}

func counts(c frozen.Counts) frozen.Counts {
	if c == nil {
		return frozen.Counts{}
	}
	return c
}

func (a *API) listSets(w http.ResponseWriter, _ *http.Request) error {
	list, err := a.o.Sets.list()
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, map[string]any{"sets": list})
}

// set looks a name up in the listing; it is never used as a path.
func (a *API) set(w http.ResponseWriter, r *http.Request) error {
	list, err := a.o.Sets.list()
	if err != nil {
		return err
	}
	for _, s := range list {
		if s.Name == r.PathValue("name") {
			return reply(w, http.StatusOK, s)
		}
	}
	return &api.Error{Status: http.StatusNotFound, Code: "not_found", Message: "there is no such set"}
}
