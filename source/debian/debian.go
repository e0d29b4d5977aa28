// Package debian is the source of pictures in Debian packages: fetched by apt or
// given as a file, each with the stanza of debian/copyright that is about it and
// with what the package's own files say.
package debian

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
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
var Kind = source.Kind{Name: "debian", Summary: "pictures in a Debian package", Open: open}

// config is the source's configuration.
type config struct {
	ID   string `yaml:"id"`   // for the caller
	Kind string `yaml:"kind"` // for the caller

	Package  string `yaml:"package"`  // openclipart-svg; fetched by apt
	Version  string `yaml:"version"`  // 1:0.18+dfsg-19; by default the one that apt offers
	File     string `yaml:"file"`     // a .deb instead
	SHA256   string `yaml:"sha256"`   // of the .deb, in hexadecimal; optional
	Style    string `yaml:"style"`    // how all of it is drawn, if in one way
	Language string `yaml:"language"` // of titles that do not say theirs

	pick.Rule `yaml:",inline"`
}

// deb is a package that was looked through once.
type deb struct {
	config
	archive *archive.Archive
	control
	contents
}

func open(ctx context.Context, text []byte, env source.Env) (source.Source, error) {
	c := config{Language: "en"}
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
	if err := intact(path, c.SHA256); err != nil {
		return nil, err
	}
	a, err := archive.Open(path, archive.DefaultLimits())
	if err != nil {
		return nil, fmt.Errorf("file: %w", err)
	}
	if a.Format != archive.Deb {
		return nil, fmt.Errorf("file: %s is a %s, not a Debian package", path, a.Format)
	}
	d := &deb{config: c, archive: a}
	if d.control, err = readControl(ctx, a); err != nil {
		return nil, err
	}
	if c.Package != "" && c.Package != d.control.Package {
		return nil, fmt.Errorf("package: the file is %q, not %q", d.control.Package, c.Package)
	}
	if c.Version != "" && c.Version != d.control.Version {
		return nil, fmt.Errorf("version: the file is version %q, not %q", d.control.Version, c.Version)
	}
	if d.contents, err = d.look(ctx); err != nil {
		return nil, err
	}
	return d, nil
}

func (c *config) check() error {
	switch {
	case c.Package == "" && c.File == "":
		return errors.New("package: write the package's name, or give a .deb by file")
	case c.Package != "" && !packageName.MatchString(c.Package):
		return fmt.Errorf("package: %q is no package's name", c.Package)
	case c.Version != "" && !packageVersion.MatchString(c.Version):
		return fmt.Errorf("version: %q is none of a Debian package", c.Version)
	}
	if b, err := hex.DecodeString(c.SHA256); c.SHA256 != "" && (err != nil || len(b) != sha256.Size) {
		return errors.New("sha256: write 64 hexadecimal digits")
	}
	return c.Check()
}

// intact compares the file with its digest.
func intact(path, digest string) error {
	if digest == "" {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("file: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return fmt.Errorf("file: %w", err)
	}
	if got := hex.EncodeToString(h.Sum(nil)); !strings.EqualFold(got, digest) {
		return fmt.Errorf("sha256: %s has %s; it is not the package that is meant", path, got)
	}
	return nil
}

func (d *deb) About(context.Context) (source.About, error) {
	location := d.File
	if location == "" { // by the Package URL specification
		location = "pkg:deb/debian/" + url.PathEscape(d.control.Package) + "@" + url.QueryEscape(d.control.Version)
	}
	return source.About{
		Type: source.Open, Name: d.control.Package, Location: location, Version: d.control.Version,
		Basis: "Debian package, published for all", Statements: d.folders.Whole(),
	}, nil
}
