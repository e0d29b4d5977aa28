package open

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"

	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/archive"
	"github.com/limner-ai/limner/source/open/croissant"
)

// maxContained is how deeply resources may lie within each other.
const maxContained = 4

// each calls f for every file of a resource, or with an error that is about one
// file or about the resource. The container is what the file's name in the
// source begins with. What f returns ends it.
func (r *resources) each(ctx context.Context, res croissant.Resource, depth int, f func(e *archive.Entry, container string, err error) error) error {
	if depth > maxContained {
		return f(nil, "", refuse(res.ID, source.Malformed, "it lies in itself, or too deeply in others"))
	}
	takes := func(name string) bool { return includes(res, name) }
	if !res.Set && len(res.ContainedIn) > 0 {
		want, err := archive.Clean(res.URL)
		if err != nil {
			return f(nil, "", refuse(res.ID, source.Unsafe, "contentUrl %.200q: %w", res.URL, err))
		}
		takes = func(name string) bool { return name == want }
	}
	if len(res.ContainedIn) == 0 {
		if res.Set {
			return r.contents(ctx, local{r.dir, "."}, res, takes, f)
		}
		at, err := r.local(res)
		if err != nil {
			return f(nil, "", err)
		}
		return r.contents(ctx, at, res, takes, f)
	}
	for _, in := range res.ContainedIn {
		outer := r.byID[in]
		var err error
		if outer.Set || len(outer.ContainedIn) > 0 {
			err = r.nested(ctx, outer, depth, takes, f)
		} else if at, missing := r.local(outer); missing != nil {
			err = f(nil, "", missing)
		} else {
			err = r.contents(ctx, at, res, takes, f)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// nested walks the archives that another resource gives.
func (r *resources) nested(ctx context.Context, outer croissant.Resource, depth int, takes func(string) bool, f func(*archive.Entry, string, error) error) error {
	return r.each(ctx, outer, depth+1, func(e *archive.Entry, container string, err error) error {
		if err != nil {
			return f(nil, "", err)
		}
		name := within(container, e.Path)
		data, err := e.Bytes()
		if err != nil {
			return f(nil, "", moved(err, container))
		}
		a, err := archive.New(name, data, r.limits)
		if err != nil {
			return f(nil, "", refuse(name, source.Malformed, "%w", err))
		}
		return entries(ctx, a, name, takes, f)
	})
}

// contents walks a folder, the entries of an archive, or gives the one file that it
// is.
func (r *resources) contents(ctx context.Context, at local, res croissant.Resource, takes func(string) bool, f func(*archive.Entry, string, error) error) error {
	info, err := os.Stat(at.path)
	if err != nil {
		return f(nil, "", refuse(at.name, source.Unreachable, "%w", err))
	}
	if info.IsDir() || !r.Takes(at.name) {
		a, err := archive.Open(at.path, r.limits)
		switch {
		case err == nil:
			return entries(ctx, a, at.name, takes, f)
		case res.Set || len(res.ContainedIn) > 0:
			return f(nil, "", refuse(at.name, source.Malformed, "%w", err))
		}
		return nil // a table or a text, which holds no pictures of its own
	}
	// A picture that stands alone is the only file taken of its folder.
	folder, err := archive.Open(filepath.Dir(at.path), r.limits)
	if err != nil {
		return f(nil, "", refuse(at.name, source.Unreachable, "%w", err))
	}
	return entries(ctx, folder, path.Dir(at.name), func(name string) bool { return name == path.Base(at.name) }, f)
}

// entries walks an archive. An error that ends the walk of one archive is about
// that archive; the caller's ends all.
func entries(ctx context.Context, a *archive.Archive, name string, takes func(string) bool, f func(*archive.Entry, string, error) error) error {
	for e, err := range a.Entries(ctx) {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case alone(err):
			err = f(nil, "", moved(err, name))
		case err != nil:
			return fmt.Errorf("%s: %w", name, err)
		case takes(e.Path):
			err = f(e, name, nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
