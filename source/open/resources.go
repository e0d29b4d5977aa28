package open

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/limner-ai/limner/source"
	"github.com/limner-ai/limner/source/archive"
	"github.com/limner-ai/limner/source/manifest"
	"github.com/limner-ai/limner/source/open/croissant"
)

// resources are the files of a description, as they lie in a folder.
type resources struct {
	*set
	dir  string
	live bool // checksums are only for what does not change
	byID map[string]croissant.Resource

	checked map[string]error // of one walk: what was held against its digest
	seen    map[[16]byte]bool
}

func (r *resources) walkPlans(plans []plan) func(context.Context, func(source.Item, error) bool) error {
	return func(ctx context.Context, yield func(source.Item, error) bool) error {
		w := *r
		w.checked, w.seen = map[string]error{}, map[[16]byte]bool{}
		for _, p := range plans {
			if err := w.plan(ctx, p, yield); err != nil {
				return err
			}
		}
		return nil
	}
}

func (r *resources) plan(ctx context.Context, p plan, yield func(source.Item, error) bool) error {
	if p.columns != nil {
		return r.tables(ctx, p, yield)
	}
	index, err := r.wordsOf(ctx, p)
	if err != nil {
		if !alone(err) {
			return err
		}
		if !yield(source.Item{}, err) {
			return errStop
		}
		if index, err = r.words(ctx, "", nil); err != nil {
			return err
		}
	}
	defer index.Close()
	return r.each(ctx, r.byID[p.from], 0, func(e *archive.Entry, container string, err error) error {
		var it source.Item
		if err == nil {
			name := within(container, e.Path)
			if !r.Takes(name) || r.again(name) {
				return nil
			}
			it, err = r.picture(ctx, p, e, name, index)
		}
		if err != nil && !alone(err) {
			return err
		}
		if !yield(it, err) {
			return errStop
		}
		return nil
	})
}

// again reports whether a file was met before in this walk: record sets may
// share files.
func (r *resources) again(name string) bool {
	sum := sha256.Sum256([]byte(name))
	k := [16]byte(sum[:16])
	met := r.seen[k]
	r.seen[k] = true
	return met
}

func (r *resources) picture(ctx context.Context, p plan, e *archive.Entry, name string, index *manifest.Index) (source.Item, error) {
	data, err := e.Bytes()
	if err != nil {
		return source.Item{}, moved(err, strings.TrimSuffix(name, "/"+e.Path))
	}
	it := source.Item{Path: name, Data: data}
	values := map[string][]string{}
	for _, n := range p.named {
		if v, ok := value(n.source, e.Path, path.Base(e.Path)); ok {
			values[n.field] = append(values[n.field], v)
		}
	}
	where, raw := name, []byte(e.Path)
	about := manifest.Describe(values)
	if p.words != "" {
		key, ok := value(p.key, e.Path, path.Base(e.Path))
		if !ok {
			key = e.Path
		}
		found, err := index.Path(ctx, key)
		if err != nil {
			return source.Item{}, err
		}
		for i, f := range found {
			if i == 0 {
				f.Captions = append(f.Captions, about.Captions...)
				f.Keywords = append(f.Keywords, about.Keywords...)
				about, where, raw = f, fmt.Sprintf("%s line %d", p.words, f.Line), []byte(f.Raw)
				continue
			}
			about.Captions = append(about.Captions, f.Captions...)
		}
	}
	r.set.about(&it, about, where, raw)
	return it, nil
}

// wordsOf indexes the table that has words for a plan's files.
func (r *resources) wordsOf(ctx context.Context, p plan) (*manifest.Index, error) {
	if p.words == "" {
		return r.words(ctx, "", nil)
	}
	table := r.byID[p.words]
	if len(table.ContainedIn) > 0 {
		return nil, refuse(p.words, source.Unreachable, "words in a table within an archive are not read; unpack it and name it without containedIn")
	}
	at, err := r.local(table)
	if err != nil {
		return nil, err
	}
	x, err := r.words(ctx, at.path, p.wordColumns)
	if err != nil && ctx.Err() == nil {
		err = refuse(at.name, source.Malformed, "%w", err)
	}
	return x, err
}

// tables gives the pictures in the columns of Parquet files.
func (r *resources) tables(ctx context.Context, p plan, yield func(source.Item, error) bool) error {
	files, err := r.parquetFiles(r.byID[p.from])
	if err != nil {
		if !alone(err) {
			return err
		}
		if !yield(source.Item{}, err) {
			return errStop
		}
	}
	for _, f := range files {
		if r.again(f.name) {
			continue
		}
		if err := r.table(ctx, f, p.columns, yield); err != nil {
			return err
		}
	}
	return nil
}

// parquetFiles finds the files of a resource that lie in folders.
func (r *resources) parquetFiles(f croissant.Resource) ([]local, error) {
	if !f.Set {
		at, err := r.local(f)
		if err != nil {
			return nil, err
		}
		return []local{at}, nil
	}
	folder, prefix := r.dir, "."
	for _, in := range f.ContainedIn {
		at, err := r.local(r.byID[in])
		if err != nil {
			return nil, err
		}
		if info, err := os.Stat(at.path); err != nil || !info.IsDir() {
			return nil, refuse(f.ID, source.Unreachable, "Parquet files within an archive are not read; unpack %s", at.name)
		}
		folder, prefix = at.path, at.name
	}
	all, err := matching(folder, "**", nil)
	if err != nil {
		return nil, refuse(f.ID, source.Unreachable, "%w", err)
	}
	all = slices.DeleteFunc(all, func(l local) bool { return !includes(f, l.name) })
	for i := range all {
		all[i].name = within(prefix, all[i].name)
	}
	if len(all) == 0 {
		return nil, refuse(f.ID, source.Unreachable, "no file in %s matches %s", folder, strings.Join(f.Includes, " "))
	}
	return all, nil
}

// includes applies the patterns of a FileSet. One without a slash is for names
// in any folder, as the specification's "*.jpg" for all JPEG files is.
func includes(f croissant.Resource, name string) bool {
	matches := func(patterns []string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool {
			p = strings.TrimPrefix(p, "/")
			if !strings.Contains(p, "/") {
				p = "**/" + p
			}
			ok, err := doublestar.Match(p, name)
			return ok && err == nil
		})
	}
	return (len(f.Includes) == 0 || matches(f.Includes)) && !matches(f.Excludes)
}

// local finds the file or folder that a FileObject which nothing contains is
// about, and holds it against its digest.
func (r *resources) local(f croissant.Resource) (local, error) {
	var tried []string
	for _, name := range names(f) {
		clean, err := archive.Clean(name)
		if err != nil {
			if strings.Contains(name, "..") {
				return local{}, refuse(f.ID, source.Unsafe, "contentUrl %.200q: %w", name, err)
			}
			continue
		}
		at := local{filepath.Join(r.dir, filepath.FromSlash(clean)), clean}
		info, err := os.Lstat(at.path)
		if errors.Is(err, fs.ErrNotExist) {
			tried = append(tried, clean)
			continue
		}
		if err != nil {
			return local{}, refuse(f.ID, source.Unreachable, "%w", err)
		}
		if info.Mode()&fs.ModeSymlink != 0 {
			return local{}, refuse(f.ID, source.Unsafe, "%s is a link; put the file itself there", clean)
		}
		return at, r.hold(f, at, info)
	}
	if f.Format != nil && slices.Contains(f.Format, "git+https") {
		return local{r.dir, "."}, nil // a repository: its files lie in the folder
	}
	return local{}, refuse(f.ID, source.Unreachable, "%s has none of %s; download it there: addresses are not fetched here", r.dir, strings.Join(tried, ", "))
}

// names are what a FileObject's file may be called in the folder: its path, or
// the last part of its address, or its name.
func names(f croissant.Resource) []string {
	var all []string
	u, err := url.Parse(f.URL)
	switch {
	case f.URL == "":
	case err == nil && u.Scheme != "":
		all = append(all, path.Base(u.Path))
	default:
		all = append(all, f.URL)
	}
	for _, name := range []string{f.Name, f.ID} {
		if name != "" && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return slices.DeleteFunc(all, func(s string) bool { return s == "." || s == "/" })
}

// hold compares a file with what the description says of it.
func (r *resources) hold(f croissant.Resource, at local, info fs.FileInfo) error {
	if err, ok := r.checked[f.ID]; ok || info.IsDir() {
		return err
	}
	err := func() error {
		if f.Size >= 0 && f.Size != info.Size() && !r.live {
			return refuse(at.name, source.Discrepancy, "the description says %d bytes, the file has %d", f.Size, info.Size())
		}
		if f.SHA256 == "" {
			return nil
		}
		file, err := os.Open(at.path)
		if err != nil {
			return refuse(at.name, source.Unreachable, "%w", err)
		}
		defer file.Close()
		sum := sha256.New()
		if _, err := io.Copy(sum, file); err != nil {
			return refuse(at.name, source.Unreachable, "%w", err)
		}
		if got := hex.EncodeToString(sum.Sum(nil)); got != f.SHA256 {
			return refuse(at.name, source.Discrepancy, "the description says sha256 %s, the file has %s", f.SHA256, got)
		}
		return nil
	}()
	r.checked[f.ID] = err
	return err
}
