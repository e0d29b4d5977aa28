// Package atomicfile replaces files so that a reader, or the next run, sees
// either all of the old content or all of the new, whatever happens between:
// a full disk, a kill, a power cut.
//
// New content goes to a temporary file in the same directory, is flushed to
// the disk, and is then renamed over the old file; rename is atomic within one
// file system (POSIX.1-2017, rename). The directory is flushed last, so that
// the new name survives a power cut too.
package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
)

// bufferSize is large enough that a writer of single values costs few system
// calls, and small beside any checkpoint.
const bufferSize = 1 << 18

// Write replaces the file at path with what fill writes, giving it the
// permissions perm (before umask). A symbolic link is followed, not replaced.
//
// On an error, fill's own included, the temporary file is removed and the file
// that was at path is untouched. Errors read as one line saying what to do and
// wrap their cause. A kill can leave a file named ".NAME.*.tmp" behind, never
// a changed path.
//
// A path that is no regular file (a pipe, a terminal, /dev/null) is written to
// directly: it holds nothing that could be kept.
func Write(path string, perm fs.FileMode, fill func(w io.Writer) error) error {
	return write(disk, path, perm, fill)
}

// file is the part of *os.File that write needs.
type file interface {
	io.WriteCloser
	Name() string
	Sync() error
}

// system is the few calls that can fail, so that a test can make them.
type system struct {
	create  func(path string, perm fs.FileMode) (file, error)
	rename  func(from, to string) error
	syncDir func(dir string) error
}

var disk = system{create: createTemp, rename: os.Rename, syncDir: syncDir}

func write(sys system, path string, perm fs.FileMode, fill func(io.Writer) error) error {
	target := path
	if real, err := filepath.EvalSymlinks(path); err == nil {
		target = real
	}
	switch st, err := os.Stat(target); {
	case err != nil: // nothing there yet, or create will say what is wrong
	case st.IsDir():
		return fmt.Errorf("cannot write %s: it is a directory; name a file inside it", path)
	case !st.Mode().IsRegular():
		return writeThrough(path, target, fill)
	}

	f, err := sys.create(target, perm)
	if err != nil {
		return explain(path, err)
	}
	keep := false
	defer func() { // also when fill panics
		if !keep {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err := pour(path, f, fill); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return explain(path, err)
	}
	if err := f.Close(); err != nil {
		return explain(path, err)
	}
	if err := sys.rename(f.Name(), target); err != nil {
		return explain(path, err)
	}
	keep = true
	if err := sys.syncDir(filepath.Dir(target)); err != nil {
		return fmt.Errorf("%s is written, but its directory could not be flushed to the disk; a power cut now could bring the earlier file back: %w", path, err)
	}
	return nil
}

// pour runs fill on a buffer over w. An error of w is explained; one of fill's
// own (say, of a file that it reads) is passed on as it is.
func pour(path string, w io.Writer, fill func(io.Writer) error) error {
	out := &watched{w: w}
	b := bufio.NewWriterSize(out, bufferSize)
	err := fill(b)
	if err == nil {
		err = b.Flush()
	}
	switch {
	case out.err != nil:
		return explain(path, out.err)
	case err != nil:
		return fmt.Errorf("cannot write %s: %w", path, err)
	}
	return nil
}

// watched remembers that its writer failed.
type watched struct {
	w   io.Writer
	err error
}

func (o *watched) Write(p []byte) (int, error) {
	n, err := o.w.Write(p)
	if err != nil {
		o.err = err
	}
	return n, err
}

func writeThrough(path, target string, fill func(io.Writer) error) error {
	f, err := os.OpenFile(target, os.O_WRONLY, 0)
	if err != nil {
		return explain(path, err)
	}
	if err := pour(path, f, fill); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return explain(path, err)
	}
	return nil
}

// createTemp makes a new hidden file beside path. Unlike os.CreateTemp it asks
// for the final permissions at once, so that the process's umask applies.
func createTemp(path string, perm fs.FileMode) (file, error) {
	dir, base := filepath.Split(path)
	for try := 0; ; try++ {
		name := dir + "." + base + "." + strconv.FormatUint(uint64(rand.Uint32()), 36) + ".tmp"
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, perm)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, fs.ErrExist) || try == 100 {
			return nil, err
		}
	}
}

// syncDir flushes a directory's entries. Systems and file systems that cannot
// do so have no better guarantee to give, so that is no error.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}
