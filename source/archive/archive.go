// Package archive walks what pictures are delivered in: tar archives, plain or
// compressed by gzip, xz, zstd or bzip2, zip archives, Debian packages, Qt
// resource files and folders. Nothing is unpacked to the disk, and nothing in an archive is
// trusted: names that lead out of it, links, devices and what would grow beyond
// the limits are refused one by one, and the walk goes on.
package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/limner-ai/limner/source"
)

// Format is what an archive is.
type Format string

// The formats. Tar may be compressed.
const (
	Folder Format = "folder"
	Tar    Format = "tar"
	Zip    Format = "zip"
	Deb    Format = "deb" // a Debian package (deb(5)): the files that it installs
	RCC    Format = "rcc" // a Qt resource file
)

// Archive is an archive or a folder. It holds no file open between walks, and
// several goroutines may walk it at once.
type Archive struct {
	Name   string // as given to Open or New
	Format Format

	limits Limits
	open   func() (file, error)
	member string // of a Debian package: which archive in it
}

// file is an archive's bytes.
type file interface {
	io.ReaderAt
	io.Closer
}

// Open looks at the file or folder at path. The format is told by the first
// bytes, never by the name.
func Open(path string, l Limits) (*Archive, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return &Archive{Name: path, Format: Folder, limits: l}, nil
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: neither a folder nor a plain file", path)
	}
	return sniff(path, l, func() (file, error) { return os.Open(path) })
}

// New looks at an archive that is held in memory, such as one that lies within
// another.
func New(name string, data []byte, l Limits) (*Archive, error) {
	return sniff(name, l, func() (file, error) { return memory{bytes.NewReader(data)}, nil })
}

// Control returns, for a Debian package, the archive of what describes it: its
// files are "control", "md5sums" and others.
func (a *Archive) Control() (*Archive, error) {
	if a.Format != Deb {
		return nil, fmt.Errorf("%s: only a Debian package has control files; this is a %s", a.Name, a.Format)
	}
	c := *a
	c.member = controlMember
	return &c, nil
}

type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }

func sniff(name string, l Limits, open func() (file, error)) (*Archive, error) {
	f, err := open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	head := make([]byte, 512)
	n, err := f.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	head = head[:n]
	a := &Archive{Name: name, limits: l, open: open}
	switch {
	case bytes.HasPrefix(head, []byte(arMagic)):
		a.Format, a.member = Deb, dataMember
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		a.Format = Zip
	case bytes.HasPrefix(head, []byte(rccMagic)):
		a.Format = RCC
	case compression(head) != "", isTar(head):
		a.Format = Tar
	default:
		return nil, fmt.Errorf("%s: no archive that can be read; give a tar (plain or gzip, xz, zstd, bzip2), a zip, a .deb, an .rcc or a folder", name)
	}
	return a, nil
}

// Entries walks the files, in the order of the archive; those of a folder by
// name, the files of each of its folders together. Folders are not given. An
// error that wraps *source.Refused is about one entry, and the walk goes on; any
// other ends it, after all entries that could be read: ErrTruncated, ErrLimit,
// damage, or the context's.
//
// An entry may be read until the next one is asked for.
func (a *Archive) Entries(ctx context.Context) iter.Seq2[*Entry, error] {
	return func(yield func(*Entry, error) bool) {
		w := &walk{ctx: ctx, limits: a.limits, seen: map[key]struct{}{}, yield: yield}
		err := a.walk(w)
		if err == nil || errors.Is(err, errStop) {
			return
		}
		yield(nil, fmt.Errorf("%s: %w", a.Name, err))
	}
}

func (a *Archive) walk(w *walk) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	if a.Format == Folder {
		return w.folder(a.Name)
	}
	f, err := a.open()
	if err != nil {
		return err
	}
	defer f.Close()
	size, err := length(f)
	if err != nil {
		return err
	}
	switch a.Format {
	case Zip:
		return w.zip(f, size)
	case RCC:
		return w.rcc(f, size)
	case Deb:
		return w.deb(f, size, a.member)
	}
	return w.packed(io.NewSectionReader(f, 0, size))
}

func length(f file) (int64, error) {
	switch f := f.(type) {
	case *os.File:
		info, err := f.Stat()
		if err != nil {
			return 0, err
		}
		return info.Size(), nil
	case memory:
		return f.Size(), nil
	}
	return 0, errors.New("a file of unknown length")
}

// walk is one pass over an archive.
type walk struct {
	ctx     context.Context
	limits  Limits
	entries int
	seen    map[key]struct{} // paths
	read    int64            // bytes of the archive that were read
	given   int64            // bytes that came out of it
	kind    string           // of compression
	failed  error            // met while an entry was read; ends the walk
	yield   func(*Entry, error) bool
}

// errStop says that the caller wants no more.
var errStop = errors.New("stopped")

// admit counts an entry and checks its name. It returns "" for one that was
// refused.
func (w *walk) admit(name string) (string, error) {
	if err := w.ctx.Err(); err != nil {
		return "", err
	}
	if w.entries++; w.entries > w.limits.Entries {
		return "", fmt.Errorf("%w: more than %d entries", ErrLimit, w.limits.Entries)
	}
	clean, err := Clean(name)
	if err != nil {
		return "", w.refuse(name, source.Unsafe, err)
	}
	return clean, nil
}

// give hands out an entry, unless one of that name was given before.
func (w *walk) give(e *Entry) error {
	k := keyOf(e.Path)
	if _, ok := w.seen[k]; ok {
		return w.refuse(e.Path, source.Unsafe, errors.New("another entry has the same name"))
	}
	w.seen[k] = struct{}{}
	ok := w.yield(e, nil)
	e.open = nil
	if !ok {
		return errStop
	}
	if w.failed != nil {
		return w.failed
	}
	return w.ctx.Err()
}

func (w *walk) refuse(name string, why source.Why, reason error) error {
	if !w.yield(nil, &source.Refused{Path: printable(name), Why: why, Err: reason}) {
		return errStop
	}
	return nil
}
