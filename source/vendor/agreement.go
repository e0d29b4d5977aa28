package vendor

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/limner-ai/limner/internal/strict"
	"github.com/limner-ai/limner/source"
)

// maxDocument is the longest agreement, in bytes: what the ledger keeps of one
// evidence.
const maxDocument = 64 << 20

// purposes are what an agreement may permit.
var purposes = []string{"train", "output", "sublicense"}

// terms is agreement.yaml.
type terms struct {
	ID         string   `yaml:"id"`
	Parties    []string `yaml:"parties"`
	Scope      string   `yaml:"scope"`
	Purposes   []string `yaml:"purposes"`
	Territory  []string `yaml:"territory"`
	From       string   `yaml:"from"`
	Until      string   `yaml:"until"`
	Revocation string   `yaml:"revocation"`
	Revoked    bool     `yaml:"revoked"`
	Delete     bool     `yaml:"delete"`
	Indemnity  bool     `yaml:"indemnity"`
	Document   string   `yaml:"document"` // path of the signed agreement, relative to this file
}

// readAgreement reads what was agreed, and the document that proves it.
func readAgreement(path string) (*source.Agreement, error) {
	text, err := readFile(path, 1<<20)
	if err != nil {
		return nil, err
	}
	var t terms
	if err := strict.YAML(text, &t); err != nil {
		return nil, err
	}
	if err := t.check(); err != nil {
		return nil, err
	}
	document := beside(filepath.Dir(path), t.Document)
	data, err := readFile(document, maxDocument)
	if err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	if len(data) == 0 {
		return nil, fmt.Errorf("document: %s is empty; give the signed agreement", document)
	}
	return &source.Agreement{
		ID: t.ID, Parties: t.Parties, Scope: t.Scope, Purposes: t.Purposes, Territory: t.Territory,
		From: t.From, Until: t.Until, Revocation: t.Revocation, Revoked: t.Revoked,
		Delete: t.Delete, Indemnity: t.Indemnity,
		Document: &source.Evidence{Name: filepath.Base(document), Data: data},
	}, nil
}

func (t *terms) check() error {
	switch {
	case strings.TrimSpace(t.ID) == "":
		return errors.New("id: write by which name the agreement is known")
	case len(t.Parties) < 2:
		return errors.New("parties: name those who agreed, two at least")
	case len(t.Purposes) == 0:
		return fmt.Errorf("purposes: write what is permitted, of %s", strings.Join(purposes, ", "))
	case t.Document == "":
		return errors.New("document: write the path of the signed agreement; without it nothing is proven")
	}
	for _, p := range t.Purposes {
		if !slices.Contains(purposes, p) {
			return fmt.Errorf("purposes: %q is none of %s", p, strings.Join(purposes, ", "))
		}
	}
	for _, c := range t.Territory {
		if len(c) != 2 || c != strings.ToUpper(c) || strings.Trim(c, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			return fmt.Errorf("territory: %q is no country code of two capitals (ISO 3166-1); leave the key out for everywhere", c)
		}
	}
	if t.From == "" {
		return errors.New("from: write the agreement's first day, as 2026-11-23")
	}
	for key, day := range map[string]string{"from": t.From, "until": t.Until} {
		if day == "" {
			continue
		}
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			return fmt.Errorf("%s: %q is no day; write it as 2026-11-23", key, day)
		}
	}
	if t.Until != "" && t.Until < t.From {
		return fmt.Errorf("until: %s is before the first day, %s", t.Until, t.From)
	}
	return nil
}

// readFile reads a file of at most limit bytes.
func readFile(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%s has more than %d bytes", path, limit)
	}
	return data, nil
}
