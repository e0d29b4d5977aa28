package debian

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/archive"
	"github.com/limner-ai/limner/source/notice"
)

const (
	maxNotice     = 4 << 20 // bytes of a file that speaks of rights
	maxNotices    = 20_000
	maxControl    = 1 << 20
	maxCopyrights = 16 << 20
)

// control is what a package's control file says.
type control struct{ Package, Version string }

func readControl(ctx context.Context, a *archive.Archive) (control, error) {
	var c control
	inner, err := a.Control()
	if err != nil {
		return c, err
	}
	for e, err := range inner.Entries(ctx) {
		var r *source.Refused
		switch {
		case errors.As(err, &r):
			continue
		case err != nil:
			return c, err
		case e.Path != "control" || e.Size > maxControl:
			continue
		}
		text, err := e.Bytes()
		if err != nil {
			return c, err
		}
		for line := range strings.Lines(string(text)) {
			name, value, _ := strings.Cut(line, ":")
			switch strings.ToLower(name) {
			case "package":
				c.Package = strings.TrimSpace(value)
			case "version":
				c.Version = strings.TrimSpace(value)
			}
		}
		break
	}
	if !packageName.MatchString(c.Package) {
		return c, fmt.Errorf("%s: its control file names no package", a.Name)
	}
	return c, nil
}

// contents is what the first walks through the package found.
type contents struct {
	copyright *copyright // nil if it is in free form, or missing
	match     *matcher
	folders   notice.Folders
	pieces    map[string]piece // of catalogs in it, by path
}

// docs is where a package's documents are installed.
func (d *deb) docs() string { return "usr/share/doc/" + d.control.Package }

// look finds the copyright file, and then all else that speaks of rights, and
// learns how installed paths correspond to those of the source.
func (d *deb) look(ctx context.Context) (contents, error) {
	c := contents{pieces: map[string]piece{}}
	e, err := d.copyrightFile(ctx)
	if err != nil {
		return c, err
	}
	if e != nil {
		if c.copyright, err = parseDEP5(e); err == nil {
			c.match = newMatcher(c.copyright)
			c.folders.Add(".", c.copyright.statements(&c.copyright.header, source.Whole, "")...)
		} else {
			said := notice.Text(e)
			if !errors.Is(err, errNotDEP5) {
				for i := range said {
					said[i].Flag = err.Error()
				}
			}
			c.folders.Add(".", said...)
		}
	}
	files := 0
	for e, err := range d.archive.Entries(ctx) {
		var r *source.Refused
		if errors.As(err, &r) {
			continue // told of by Items
		}
		if err != nil {
			return c, err
		}
		switch {
		case d.Takes(e.Path):
			c.learn(installed{name: e.Path})
		case nested(e.Path):
			err := d.within(ctx, e, func(inner *archive.Entry, name string, err error) error {
				switch {
				case err != nil:
				case d.Takes(name):
					c.learn(inside(e.Path, inner.Path))
				case inner.Size <= maxNotice && speaks(name):
					files++
					return c.readEntry(inner, name, d.docs())
				}
				return nil
			})
			if err != nil && !errors.As(err, &r) {
				return c, err
			}
		case e.Size <= maxNotice && speaks(e.Path):
			files++
			if err := c.readEntry(e, e.Path, d.docs()); err != nil {
				return c, err
			}
		}
		if files > maxNotices {
			return c, fmt.Errorf("%s: more than %d files speak of rights", d.archive.Name, maxNotices)
		}
	}
	return c, nil
}

func (c *contents) learn(f installed) {
	if c.match != nil {
		c.match.learn(f)
	}
}

// copyrightFile reads the package's copyright file, nil if it has none.
func (d *deb) copyrightFile(ctx context.Context) (*source.Evidence, error) {
	name := d.docs() + "/copyright"
	for e, err := range d.archive.Entries(ctx) {
		var r *source.Refused
		switch {
		case errors.As(err, &r):
			continue
		case err != nil:
			return nil, err
		case e.Path != name:
			continue
		case e.Size > maxCopyrights:
			return nil, fmt.Errorf("%s: %s has more than %d bytes", d.archive.Name, name, maxCopyrights)
		}
		data, err := e.Bytes()
		if err != nil || len(data) == 0 {
			return nil, err
		}
		return &source.Evidence{Name: name, Data: data}, nil
	}
	return nil, nil
}

// nested reports whether a file's name is that of an archive that is looked
// into: Qt resources, zip, libraries of Sweet Home 3D.
func nested(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".rcc", ".zip", ".sh3f":
		return true
	}
	return false
}

// inside gives the path of a file in an archive as copyright files see it.
func inside(outer, inner string) installed {
	stem := strings.TrimSuffix(outer, path.Ext(outer))
	return installed{name: stem + "/" + inner, inner: len(stem)}
}

// within walks an archive that lies in the package. Its errors are about that
// file alone, *source.Refused, but for those of each and the context's.
func (d *deb) within(ctx context.Context, e *archive.Entry, each func(inner *archive.Entry, name string, err error) error) error {
	refuse := func(err error) error {
		return &source.Refused{Path: e.Path, Why: source.Malformed, Err: err}
	}
	data, err := e.Bytes()
	if err != nil {
		return err
	}
	a, err := archive.New(e.Path, data, archive.DefaultLimits())
	if err != nil {
		return refuse(err)
	}
	for inner, err := range a.Entries(ctx) {
		var r *source.Refused
		name := ""
		switch {
		case errors.As(err, &r):
			name = e.Path + "/" + r.Path
			err = &source.Refused{Path: name, Why: r.Why, Err: r.Err}
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return refuse(err)
		default:
			name = e.Path + "/" + inner.Path
		}
		if err := each(inner, name, err); err != nil {
			return err
		}
	}
	return nil
}
