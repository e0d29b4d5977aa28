// Package vendor is the source of deliveries under an agreement: an archive or
// a folder, a manifest that says what is in it, and the agreement that says what
// may be done with it. What the manifest does not list, what differs from it and
// what it lists but was not delivered is refused, and a report tells the vendor.
package vendor

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/limner-ai/limner/internal/strict"
	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/archive"
	"github.com/limner-ai/limner/source/manifest"
)

// Kind is the kind of source "vendor".
var Kind = source.Kind{
	Name:    "vendor",
	Summary: "a delivery under an agreement: an archive or folder, a manifest and the agreement",
	Open:    open,
}

// config is the source's configuration. Paths are relative to its own folder.
type config struct {
	ID   string `yaml:"id"`
	Kind string `yaml:"kind"`

	Name      string `yaml:"name"`
	Path      string `yaml:"path"`      // the archive or folder
	Agreement string `yaml:"agreement"` // agreement.yaml

	// Of these one: the manifest as a file beside the delivery, or within it.
	Manifest string `yaml:"manifest"`
	Within   string `yaml:"within"`

	Form     string            `yaml:"form"`    // csv or jsonl; told from the name if empty
	Columns  map[string]string `yaml:"columns"` // by field, where the manifest's names are others
	Root     string            `yaml:"root"`    // the delivery's folder that the manifest's paths are relative to
	Besides  []string          `yaml:"besides"` // patterns of files that no manifest need list: "README*"
	Style    string            `yaml:"style"`
	Language string            `yaml:"language"` // of captions that name none

	Maker     string `yaml:"maker"`
	Completed string `yaml:"completed"`
	Renewed   string `yaml:"renewed"`
	Works     int64  `yaml:"works"`
}

// vendor is an open delivery.
type vendor struct {
	config
	agreement *source.Agreement
	delivery  *archive.Archive
	form      manifest.Form
	list      string // path of the manifest, if it lies beside the delivery
	cache     string
	limits    archive.Limits
	tell      func(string)
}

func open(_ context.Context, text []byte, env source.Env) (source.Source, error) {
	v := &vendor{cache: env.Cache, limits: archive.DefaultLimits(), tell: env.Tell}
	if v.tell == nil {
		v.tell = func(string) {}
	}
	if err := strict.YAML(text, &v.config); err != nil {
		return nil, err
	}
	if err := v.check(); err != nil {
		return nil, err
	}
	terms := beside(env.Dir, v.Agreement)
	var err error
	if v.agreement, err = readAgreement(terms); err != nil {
		return nil, fmt.Errorf("agreement %s: %w", terms, err)
	}
	if v.delivery, err = archive.Open(beside(env.Dir, v.Path), v.limits); err != nil {
		return nil, fmt.Errorf("path: %w", err)
	}
	if v.Manifest != "" {
		v.list = beside(env.Dir, v.Manifest)
		if _, err := os.Stat(v.list); err != nil {
			return nil, fmt.Errorf("manifest: %w", err)
		}
	}
	return v, nil
}

func (v *vendor) check() (err error) {
	switch {
	case v.Path == "":
		return errors.New("path: write the archive or folder that was delivered")
	case v.Agreement == "":
		return errors.New("agreement: write the file that says what was agreed (agreement.yaml)")
	case (v.Manifest == "") == (v.Within == ""):
		return errors.New("write either manifest (a file beside the delivery) or within (its name in the delivery)")
	}
	for key, path := range map[string]*string{"within": &v.Within, "root": &v.Root} {
		if *path == "" {
			continue
		}
		if *path, err = archive.Clean(*path); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	if v.Root == "." {
		v.Root = ""
	}
	for _, pattern := range v.Besides {
		if !doublestar.ValidatePattern(pattern) {
			return fmt.Errorf("besides: %q is no pattern; write such as \"*.txt\" or \"docs/**\"", pattern)
		}
	}
	if err := manifest.CheckColumns(v.Columns); err != nil {
		return err
	}
	v.form, err = formOf(v.Form, v.Manifest+v.Within)
	return err
}

func formOf(form, name string) (manifest.Form, error) {
	if form != "" {
		if f := manifest.Form(form); f == manifest.CSV || f == manifest.JSONL {
			return f, nil
		}
		return "", fmt.Errorf("form: %q is none; write csv or jsonl", form)
	}
	for part := range strings.SplitSeq(strings.ToLower(filepath.Base(name)), ".") {
		switch part {
		case "csv", "tsv":
			return manifest.CSV, nil
		case "jsonl", "ndjson":
			return manifest.JSONL, nil
		}
	}
	return "", fmt.Errorf("form: write csv or jsonl, since the name %s does not tell", filepath.Base(name))
}

func beside(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// About says what was delivered, under which agreement. Its version is the
// manifest's digest.
func (v *vendor) About(ctx context.Context) (source.About, error) {
	sum := sha256.New()
	if err := v.withManifest(ctx, func(r io.Reader) error {
		_, err := io.Copy(sum, r)
		return err
	}); err != nil {
		return source.About{}, err
	}
	name := v.Name
	if name == "" {
		name = filepath.Base(v.Path)
	}
	return source.About{
		Type: source.Vendor, Name: name, Location: v.Path,
		Version: "manifest sha256:" + hex.EncodeToString(sum.Sum(nil)),
		Basis:   "agreement " + v.agreement.ID,
		Maker:   v.Maker, Completed: v.Completed, Renewed: v.Renewed, Works: v.Works,
		Agreement: v.agreement,
	}, nil
}

// withManifest calls use with the manifest as it lies there.
func (v *vendor) withManifest(ctx context.Context, use func(io.Reader) error) error {
	if v.list != "" {
		f, err := os.Open(v.list)
		if err != nil {
			return fmt.Errorf("manifest: %w", err)
		}
		defer f.Close()
		return use(f)
	}
	for e, err := range v.delivery.Entries(ctx) {
		var refused *source.Refused
		switch {
		case errors.As(err, &refused):
		case err != nil:
			return err
		case e.Path == v.Within:
			f, err := e.Open()
			if err != nil {
				return err
			}
			defer f.Close()
			return use(f)
		}
	}
	return fmt.Errorf("within: the delivery holds no %s", v.Within)
}

// index reads the manifest.
func (v *vendor) index(ctx context.Context) (*manifest.Index, error) {
	about, err := v.About(ctx)
	if err != nil {
		return nil, err
	}
	limits := v.limits
	limits.Ratio = 1000 // of lists much repeats
	columns, err := json.Marshal(v.Columns)
	if err != nil {
		return nil, err
	}
	var x *manifest.Index
	err = v.withManifest(ctx, func(r io.Reader) error {
		text, err := archive.Decompress(r, limits)
		if err != nil {
			return err
		}
		defer text.Close()
		entries := manifest.Read(ctx, text, v.form, v.Columns, manifest.DefaultLimits())
		key := strings.Join([]string{about.Version, string(v.form), string(columns)}, "\x00")
		x, err = manifest.NewIndex(ctx, v.cache, key, entries)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("manifest %s: %w", v.Manifest+v.Within, err)
	}
	v.tell(fmt.Sprintf("the manifest lists %d files", x.Len()))
	return x, nil
}

// needless reports whether a file need not stand in the manifest: what the
// configuration says, and what desktops leave in folders by themselves.
func (v *vendor) needless(file string) bool {
	base := path.Base(file)
	return file == v.Within || base == ".DS_Store" || base == "Thumbs.db" ||
		strings.HasPrefix(base, "._") || strings.HasPrefix(file, "__MACOSX/") || slices.ContainsFunc(v.Besides, func(pattern string) bool {
		return doublestar.MatchUnvalidated(pattern, file)
	})
}
