package open

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/limner-ai/limner/source"
)

// local is a file on the disk and how it is called within the source.
type local struct{ path, name string }

// files finds what the configuration's path means: a file, the files of a
// folder that have one of the endings, or the files that a pattern matches.
func (s *set) files(endings ...string) ([]local, error) {
	at := s.beside(s.Path)
	info, err := os.Stat(at)
	switch {
	case err == nil && !info.IsDir():
		return []local{{at, filepath.Base(at)}}, nil
	case err == nil:
		return matching(at, "**", endings)
	case !errors.Is(err, fs.ErrNotExist) && !strings.ContainsAny(s.Path, "*?[{"):
		return nil, fmt.Errorf("path: %w", err)
	}
	base, pattern := doublestar.SplitPattern(filepath.ToSlash(at))
	return matching(filepath.FromSlash(base), pattern, nil)
}

func matching(dir, pattern string, endings []string) ([]local, error) {
	if !doublestar.ValidatePattern(pattern) {
		return nil, fmt.Errorf("path: %q is no pattern", pattern)
	}
	names, err := doublestar.Glob(os.DirFS(dir), pattern, doublestar.WithFilesOnly(), doublestar.WithNoFollow())
	if err != nil {
		return nil, fmt.Errorf("path: %w", err)
	}
	slices.Sort(names)
	var all []local
	for _, n := range names {
		if len(endings) == 0 || slices.ContainsFunc(endings, func(e string) bool { return strings.HasSuffix(strings.ToLower(n), e) }) {
			all = append(all, local{filepath.Join(dir, filepath.FromSlash(n)), n})
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("path: no file in %s matches %s", dir, strings.Join(append([]string{pattern}, endings...), " "))
	}
	return all, nil
}

// refuse makes the refusal of one item.
func refuse(name string, why source.Why, format string, args ...any) error {
	return &source.Refused{Path: name, Why: why, Err: fmt.Errorf(format, args...)}
}

// within names an entry of a file of the source.
func within(file, entry string) string { return path.Join(file, entry) }

// moved gives an archive's error about one entry the name that the entry has in
// the source; others are given as they are.
func moved(err error, file string) error {
	var r *source.Refused
	if !errors.As(err, &r) {
		return err
	}
	c := *r
	if file != "." {
		c.Path = file + "/" + r.Path
	}
	return &c
}

// alone reports whether an error is about one item.
func alone(err error) bool {
	var r *source.Refused
	return errors.As(err, &r)
}
