// Package npm is the source of pictures in npm packages: fetched by npm or given
// as a file, with what the package says about rights, and with the names and
// emoji that its layout gives to its pictures.
package npm

import (
	"cmp"
	"context"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/limner-ai/limner/internal/strict"
	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/archive"
	"github.com/limner-ai/limner/source/pick"
)

// Kind is the entry of the registry.
var Kind = source.Kind{Name: "npm", Summary: "pictures in an npm package", Open: open}

// config is the source's configuration.
type config struct {
	ID   string `yaml:"id"`   // for the caller
	Kind string `yaml:"kind"` // for the caller

	Package   string `yaml:"package"`   // "@iconify/json"; fetched by npm
	Version   string `yaml:"version"`   // exact: 2.2.535
	File      string `yaml:"file"`      // a .tgz instead
	Integrity string `yaml:"integrity"` // "sha512-…" as a lock file has it; optional

	// Layout is how the package names its pictures: iconify, emoji-datasource,
	// openmoji, codepoints (file names are the emoji's code points) or plain.
	// Left out, it is told from the files.
	Layout string `yaml:"layout"`
	// Sets are the icon sets that are taken, of a package of several.
	Sets []string `yaml:"sets"`
	// Names is the package emojibase-data, as name@version or a .tgz, that joins
	// icons to emoji by their names.
	Names     string `yaml:"names"`
	Style     string `yaml:"style"` // how all of it is drawn, if in one way
	pick.Rule `yaml:",inline"`
}

// pkg is a package that was looked through once.
type pkg struct {
	config
	archive *archive.Archive
	contents
	layout layout
}

func open(ctx context.Context, text []byte, env source.Env) (source.Source, error) {
	var c config
	if err := strict.YAML(text, &c); err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	path := c.File
	switch {
	case path == "":
		var err error
		if path, err = fetch(ctx, c.Package, c.Version, env); err != nil {
			return nil, err
		}
	case !filepath.IsAbs(path):
		path = filepath.Join(env.Dir, path)
	}
	if err := intact(path, c.Integrity); err != nil {
		return nil, err
	}
	a, err := archive.Open(path, archive.DefaultLimits())
	if err != nil {
		return nil, fmt.Errorf("file: %w", err)
	}
	p := &pkg{config: c, archive: a}
	if p.contents, err = look(ctx, a, c); err != nil {
		return nil, err
	}
	if err := p.same(); err != nil {
		return nil, err
	}
	names, err := readNames(ctx, c.Names, env)
	if err != nil {
		return nil, fmt.Errorf("names: %w", err)
	}
	p.layout, err = p.arrange(ctx, names)
	if err != nil {
		return nil, err
	}
	return p, nil
}

func (c *config) check() error {
	switch {
	case c.Package == "" && c.File == "":
		return errors.New("package: write the package's name, or give a .tgz by file")
	case c.Package != "" && !packageName.MatchString(c.Package):
		return fmt.Errorf("package: %q is no package's name", c.Package)
	case c.Version != "" && !exactVersion.MatchString(c.Version):
		return fmt.Errorf("version: %q is not exact; write one such as 1.2.3", c.Version)
	case c.File == "" && c.Version == "":
		return errors.New("version: write the exact version, such as 1.2.3")
	case c.Integrity != "" && !strings.HasPrefix(c.Integrity, "sha512-"):
		return errors.New("integrity: write sha512- and the digest in base64")
	}
	if _, ok := layouts[c.Layout]; c.Layout != "" && !ok {
		return fmt.Errorf("layout: there is no %q; write iconify, emoji-datasource, openmoji, codepoints or plain", c.Layout)
	}
	return c.Check()
}

// intact compares the file with its digest (Subresource Integrity).
func intact(path, integrity string) error {
	if integrity == "" {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("file: %w", err)
	}
	defer f.Close()
	h := sha512.New()
	if _, err := io.Copy(h, f); err != nil {
		return fmt.Errorf("file: %w", err)
	}
	got := "sha512-" + base64.StdEncoding.EncodeToString(h.Sum(nil))
	if subtle.ConstantTimeCompare([]byte(got), []byte(integrity)) != 1 {
		return fmt.Errorf("integrity: %s has %s; it is not the package that is meant", path, got)
	}
	return nil
}

// same checks that the file is the package that the configuration names.
func (p *pkg) same() error {
	if p.Package != "" && p.Package != p.manifest.Name {
		return fmt.Errorf("package: the file is %q, not %q", p.manifest.Name, p.Package)
	}
	if p.Version != "" && p.Version != p.manifest.Version {
		return fmt.Errorf("version: the file is version %q, not %q", p.manifest.Version, p.Version)
	}
	return nil
}

func (p *pkg) About(context.Context) (source.About, error) {
	name := cmp.Or(p.manifest.Name, p.Package, filepath.Base(p.File))
	location := p.File
	if location == "" {
		location = purl(p.Package, p.Version)
	}
	return source.About{
		Type: source.Open, Name: name, Location: location, Version: cmp.Or(p.manifest.Version, p.Version),
		Basis: "npm package, published for all", Maker: p.manifest.Author.String(), Statements: p.folders.Whole(),
	}, nil
}

// purl is the package's address by the Package URL specification.
func purl(name, version string) string {
	scope, base, ok := strings.Cut(name, "/")
	if !ok {
		return "pkg:npm/" + url.PathEscape(name) + "@" + url.PathEscape(version)
	}
	return "pkg:npm/%40" + url.PathEscape(strings.TrimPrefix(scope, "@")) + "/" + url.PathEscape(base) + "@" + url.PathEscape(version)
}
