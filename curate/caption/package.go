package caption

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
)

const (
	maxFile    = 32 << 20  // bytes of a file that is read
	maxArchive = 512 << 20 // bytes of an archive, unpacked
)

// files are the wanted files of an npm package, by their names in it.
type files struct {
	origin Origin
	data   map[string][]byte
}

// readPackage reads the wanted files of a package, and checks its name.
func readPackage(at, name string, wanted func(string) bool) (*files, error) {
	f := &files{data: map[string][]byte{}}
	take := func(name string, r io.Reader) error {
		if name != "package.json" && !wanted(name) {
			return nil
		}
		b, err := io.ReadAll(io.LimitReader(r, maxFile+1))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if len(b) > maxFile {
			return fmt.Errorf("%s: larger than %d MiB", name, maxFile>>20)
		}
		f.data[name] = b
		return nil
	}
	info, err := os.Stat(at)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no such file; get it by: npm pack %s", name)
	case err != nil:
		return nil, err
	case info.IsDir():
		err = readFolder(at, take)
	default:
		err = readArchive(at, take)
	}
	if err != nil {
		return nil, err
	}
	var about struct{ Name, Version, License string }
	if err := f.json("package.json", &about); err != nil {
		return nil, err
	}
	if about.Name != name {
		return nil, fmt.Errorf("this is the package %q", about.Name)
	}
	f.origin = Origin{Name: about.Name, Version: about.Version, Licence: about.License}
	h := sha256.New()
	for _, n := range f.names() {
		fmt.Fprintf(h, "%s %d\n", n, len(f.data[n]))
		h.Write(f.data[n])
	}
	h.Sum(f.origin.Digest[:0])
	return f, nil
}

func readFolder(at string, take func(string, io.Reader) error) error {
	if _, err := os.Stat(at + "/package/package.json"); err == nil {
		at += "/package"
	}
	root, err := os.OpenRoot(at) // no link leads out of it
	if err != nil {
		return err
	}
	defer root.Close()
	return fs.WalkDir(root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		f, err := root.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		return take(name, f)
	})
}

func readArchive(at string, take func(string, io.Reader) error) error {
	f, err := os.Open(at)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("want a folder or a .tgz archive: %w", err)
	}
	limited := &io.LimitedReader{R: z, N: maxArchive}
	t := tar.NewReader(limited)
	for {
		h, err := t.Next()
		switch {
		case limited.N <= 0:
			return fmt.Errorf("larger than %d MiB unpacked", maxArchive>>20)
		case err == io.EOF:
			return nil
		case err != nil:
			return fmt.Errorf("damaged archive: %w", err)
		}
		// npm packs everything in one folder, whatever its name.
		if _, name, ok := strings.Cut(path.Clean(h.Name), "/"); ok && h.Typeflag == tar.TypeReg {
			if err := take(name, t); err != nil {
				return err
			}
		}
	}
}

// json reads a file that must be there.
func (f *files) json(name string, dst any) error {
	b, ok := f.data[name]
	if !ok {
		return fmt.Errorf("%s is missing", name)
	}
	if err := json.Unmarshal(b, dst); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (f *files) names() []string { return slices.Sorted(maps.Keys(f.data)) }
