package npm

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/archive"
	"github.com/limner-ai/limner/source/notice"
)

const (
	maxNotices = 20_000  // licence and README files
	maxNotice  = 4 << 20 // bytes of one
	maxTable   = 64 << 20
)

// contents is what a first walk through the package found.
type contents struct {
	manifest manifest
	folders  notice.Folders              // what is said of the package and its folders
	tables   map[string]*source.Evidence // what describes pictures
	icons    []string                    // files of icon sets
	sets     map[string]*iconSet         // of those that are wanted, by file
	pictures int
	emoji    int    // pictures whose names are an emoji's code points
	root     string // the folder around all files
}

// inside gives a file's path within the package, which lies in a folder that is
// mostly called "package"; false for what lies outside.
func (c *contents) inside(name string) (string, bool) {
	root, rest, ok := strings.Cut(name, "/")
	if ok && c.root == "" {
		c.root = root
	}
	return rest, ok && root == c.root
}

// tables are the files that layouts read.
var tables = []string{"collections.json", "info.json", "chars.json", "emoji.json", "data/openmoji.json"}

// look walks the package once and keeps what describes it.
func look(ctx context.Context, a *archive.Archive, f config) (contents, error) {
	c := contents{tables: map[string]*source.Evidence{}, sets: map[string]*iconSet{}}
	notices := map[string]*source.Evidence{}
	for e, err := range a.Entries(ctx) {
		var r *source.Refused
		switch {
		case errors.As(err, &r):
			continue // told of by Items
		case err != nil:
			return c, err
		}
		name, ok := c.inside(e.Path)
		switch {
		case !ok:
		case name == "package.json", slices.Contains(tables, name):
			if e.Size > maxTable {
				return c, fmt.Errorf("%s: %s has more than %d bytes", a.Name, name, maxTable)
			}
			data, err := e.Bytes()
			if err != nil {
				return c, err
			}
			c.tables[name] = &source.Evidence{Name: name, Data: data}
		case name == "icons.json", path.Dir(name) == "json" && path.Ext(name) == ".json":
			c.icons = append(c.icons, name)
			if f.Layout != "" && f.Layout != "iconify" || len(f.Sets) > 0 && name != "icons.json" && !slices.Contains(f.Sets, stem(name)) {
				continue
			}
			set, err := glance(e)
			if err != nil {
				return c, err
			}
			c.sets[name] = set
		case f.Takes(name):
			c.pictures++
			if p := codepoints(stem(name)); len(p) > 4 && p[4] != '-' { // beyond FFFF, where most emoji are
				c.emoji++
			}
		case e.Size > maxNotice:
		case notice.IsLicence(name), notice.IsReadme(name):
			data, err := e.Bytes()
			if err != nil {
				return c, err
			}
			if len(data) > 0 {
				notices[name] = &source.Evidence{Name: name, Data: data}
			}
			if len(notices) > maxNotices {
				return c, fmt.Errorf("%s: more than %d files speak of rights", a.Name, maxNotices)
			}
		}
	}
	m := c.tables["package.json"]
	if m == nil {
		return c, fmt.Errorf("%s: no package.json; it is no npm package", a.Name)
	}
	said, err := c.manifest.read(m)
	if err != nil {
		return c, fmt.Errorf("%s: %w", a.Name, err)
	}
	c.folders.Add(".", said...)
	if see := c.manifest.see(); see != "" && notices[see] == nil {
		if err := c.find(ctx, a, see, notices); err != nil {
			return c, err
		}
	}
	c.state(notices)
	return c, nil
}

// find reads the file that package.json points to.
func (c *contents) find(ctx context.Context, a *archive.Archive, see string, notices map[string]*source.Evidence) error {
	for e, err := range a.Entries(ctx) {
		var r *source.Refused
		if errors.As(err, &r) {
			continue
		}
		if err != nil {
			return err
		}
		if name, ok := c.inside(e.Path); !ok || name != see || e.Size == 0 || e.Size > maxNotice {
			continue
		}
		data, err := e.Bytes()
		if err != nil {
			return err
		}
		notices[see] = &source.Evidence{Name: see, Data: data}
		return nil
	}
	return nil
}

func stem(name string) string {
	base := path.Base(name)
	return strings.TrimSuffix(base, path.Ext(base))
}

// state adds what licence and README files say.
func (c *contents) state(notices map[string]*source.Evidence) {
	see := c.manifest.see()
	for name, e := range sorted(notices) {
		statements := notice.Read(e)
		if name == see && !notice.IsLicence(name) {
			statements = notice.Text(e)
			c.folders.Add(".", statements...) // wherever it lies
			continue
		}
		c.folders.Add(path.Dir(name), statements...)
	}
}
