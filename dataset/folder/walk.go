package folder

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/limner-ai/limner/dataset/picture"
)

// file is one picture file.
type file struct {
	name    string // slash-separated, relative to the root
	class   int    // -1 if none
	caption string
}

// extensions are the names that make a file a picture. What it holds is told
// by its first bytes.
var extensions = []string{".png", ".jpg", ".jpeg", ".webp"}

type listing struct {
	files   []file
	skipped []picture.Skip
	seen    map[string]string // real path of a folder → its name in the set
	links   []string          // links to folders, to be followed last
}

// walk lists the picture files under root in path order. Links to files and
// folders are followed, but no folder is entered twice, which also ends loops.
func walk(root string) (*listing, error) {
	if root == "" {
		return nil, errors.New("no path: give a folder of pictures")
	}
	info, err := os.Stat(root)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s: not a folder", root)
	}
	l := &listing{seen: map[string]string{}}
	if err := l.enter(root, ""); err != nil {
		return nil, err
	}
	// Links come last, so that a folder goes by its own name, not a link's.
	for len(l.links) > 0 {
		name := l.links[0]
		l.links = l.links[1:]
		if err := l.enter(root, name); err != nil {
			l.skip(name, err)
		}
	}
	slices.SortFunc(l.files, func(a, b file) int { return cmp.Compare(a.name, b.name) })
	if len(l.files) == 0 {
		if len(l.skipped) > 0 {
			return nil, fmt.Errorf("%s: no PNG, JPEG or WebP file could be reached; skipped %w", root, &l.skipped[0])
		}
		return nil, fmt.Errorf("%s: no PNG, JPEG or WebP file in it", root)
	}
	return l, nil
}

func (l *listing) skip(name string, err error) {
	l.skipped = append(l.skipped, picture.Skip{Path: name, Err: plain(err)})
}

// enter lists the folder called name under root, and what is below it.
func (l *listing) enter(root, name string) error {
	dir := filepath.Join(root, filepath.FromSlash(name))
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	if other, ok := l.seen[real]; ok {
		return fmt.Errorf("a link to the folder %q, which was already read", "./"+other)
	}
	l.seen[real] = name
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") || e.Name() == "__MACOSX" {
			continue
		}
		child := path.Join(name, e.Name())
		mode := e.Type()
		isLink := mode&fs.ModeSymlink != 0
		if isLink {
			info, err := os.Stat(filepath.Join(dir, e.Name()))
			if err != nil {
				l.skip(child, err)
				continue
			}
			mode = info.Mode().Type()
		}
		switch {
		case mode.IsDir() && isLink:
			l.links = append(l.links, child)
		case mode.IsDir():
			if err := l.enter(root, child); err != nil {
				l.skip(child, err)
			}
		case !slices.Contains(extensions, strings.ToLower(path.Ext(child))):
		case !mode.IsRegular():
			l.skip(child, errors.New("not a regular file"))
		default:
			l.files = append(l.files, file{name: child, class: -1})
		}
	}
	return nil
}

// plain strips the operation and path off an error of package os, since the
// path is told apart from it.
func plain(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
