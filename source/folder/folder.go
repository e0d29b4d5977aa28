// Package folder is the source of one's own pictures: a folder, in which a file
// rights.yaml says whose they are.
package folder

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/limner-ai/limner/internal/strict"
	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/pick"
)

// Kind is the entry of the registry.
var Kind = source.Kind{Name: "folder", Summary: "your own pictures in a folder", Open: open}

// config is the source's configuration.
type config struct {
	ID   string `yaml:"id"`   // for the caller
	Kind string `yaml:"kind"` // for the caller

	Path      string `yaml:"path"`     // the folder
	Name      string `yaml:"name"`     // as people call it; by default the folder's name
	Style     string `yaml:"style"`    // how all of it is drawn, if in one way
	Language  string `yaml:"language"` // of captions that do not say theirs
	pick.Rule `yaml:",inline"`
}

type folder struct {
	config
	cache  string
	rights rights
}

func open(_ context.Context, text []byte, env source.Env) (source.Source, error) {
	c := config{Language: "en"}
	if err := strict.YAML(text, &c); err != nil {
		return nil, err
	}
	if c.Path == "" {
		return nil, errors.New("path: write which folder the pictures lie in")
	}
	if err := c.Check(); err != nil {
		return nil, err
	}
	if !filepath.IsAbs(c.Path) {
		c.Path = filepath.Join(env.Dir, c.Path)
	}
	info, err := os.Stat(c.Path)
	if err != nil {
		return nil, fmt.Errorf("path: %w", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("path: %s is not a folder", c.Path)
	}
	if strings.TrimSpace(c.Name) == "" {
		c.Name = filepath.Base(c.Path)
	}
	r, err := readRights(c.Path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", rightsFile, err)
	}
	return &folder{config: c, cache: env.Cache, rights: r}, nil
}

func (f *folder) About(context.Context) (source.About, error) {
	return source.About{
		Type: source.Internal, Name: f.Name, Location: f.Path, Basis: "own files",
		Maker: f.rights.Root.Holder, Statements: f.rights.whole(),
	}, nil
}
