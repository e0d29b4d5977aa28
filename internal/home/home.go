// Package home is the folder where Limner keeps what belongs to no project: the
// catalogue of sources, the ledger, the policy, and the bytes of what was taken
// in. The command line and the studio both work in it.
package home

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/rights"
	"github.com/limner-ai/limner/rights/ledger"
)

// Home is the path of the folder.
type Home string

// Find gives LIMNER_HOME, or limner in the XDG data folder.
func Find() Home {
	if dir := os.Getenv("LIMNER_HOME"); dir != "" {
		return Home(dir)
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) { // as the XDG specification asks
		return Home(filepath.Join(dir, "limner"))
	}
	if user, err := os.UserHomeDir(); err == nil {
		return Home(filepath.Join(user, ".local", "share", "limner"))
	}
	return ".limner"
}

// Path is that of something in the folder.
func (h Home) Path(parts ...string) string {
	return filepath.Join(append([]string{string(h)}, parts...)...)
}

// Objects is the store of the bytes of what was taken in.
func (h Home) Objects() *objects.Store { return objects.Open(h.Path("objects")) }

// Actor is who records in the ledger.
func Actor() string { return "limner " + trained.CodeVersion() }

// ErrNoLedger says that nothing was taken in yet.
var ErrNoLedger = errors.New("there is no ledger yet: take in a source with limner source add and refresh")

// OpenLedger opens the ledger for writing, and makes it if there is none.
func (h Home) OpenLedger() (*ledger.Ledger, error) {
	l, err := ledger.Open(h.Path("ledger"))
	if errors.Is(err, fs.ErrNotExist) {
		return ledger.Create(h.Path("ledger"))
	}
	return l, err
}

// WriteLedger opens the ledger for writing; without one it is [ErrNoLedger].
func (h Home) WriteLedger() (*ledger.Ledger, error) {
	l, err := ledger.Open(h.Path("ledger"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoLedger
	}
	return l, err
}

// ReadLedger opens the ledger for reading; without one it is [ErrNoLedger].
func (h Home) ReadLedger() (*ledger.Ledger, error) {
	l, err := ledger.OpenReadOnly(h.Path("ledger"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoLedger
	}
	return l, err
}

// Policy reads policy.yaml, or gives the built-in policy if there is none.
func (h Home) Policy() (*rights.Policy, error) {
	path := h.Path("policy.yaml")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return rights.DefaultPolicy(), nil
	}
	if err != nil {
		return nil, err
	}
	p, err := rights.ReadPolicy(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}
