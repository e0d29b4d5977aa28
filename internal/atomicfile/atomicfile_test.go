package atomicfile

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func put(content string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, content)
		return err
	}
}

// old makes a directory holding one earlier file.
func old(t *testing.T) (dir, path string) {
	t.Helper()
	dir = t.TempDir()
	path = filepath.Join(dir, "model.safetensors")
	if err := os.WriteFile(path, []byte("earlier"), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir, path
}

// holds checks path's content and that nothing else lies in its directory.
func holds(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("%s holds %q, %v; want %q", path, got, err, want)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("directory holds %v; want one file", entries)
	}
}

func oneLine(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("more than one line: %q", err)
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("%q does not say %q", err, p)
		}
	}
}

func TestWriteReplaces(t *testing.T) {
	_, path := old(t)
	big := strings.Repeat("0123456789", bufferSize/3) // several buffers
	if err := Write(path, 0o644, put(big)); err != nil {
		t.Fatal(err)
	}
	holds(t, path, big)
}

func TestWriteCreates(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new")
	if err := Write(path, 0o600, put("x")); err != nil {
		t.Fatal(err)
	}
	holds(t, path, "x")
	if st, _ := os.Stat(path); st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, want 0600", st.Mode())
	}
}

func TestReaderSeesOldUntilTheEnd(t *testing.T) {
	_, path := old(t)
	err := Write(path, 0o644, func(w io.Writer) error {
		if _, err := w.Write(bytes.Repeat([]byte("n"), 2*bufferSize)); err != nil {
			return err
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != "earlier" {
			t.Errorf("in the middle path holds %.20q, %v", got, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFillFails(t *testing.T) {
	_, path := old(t)
	cause := errors.New("no such tensor")
	err := Write(path, 0o644, func(w io.Writer) error {
		io.WriteString(w, "half")
		return cause
	})
	oneLine(t, err, path, "no such tensor")
	if !errors.Is(err, cause) {
		t.Error("the cause is lost")
	}
	holds(t, path, "earlier")
}

// A file that fill could not read must not be reported as a missing directory.
func TestFillsOwnSystemErrorIsNotExplained(t *testing.T) {
	_, path := old(t)
	err := Write(path, 0o644, func(io.Writer) error {
		_, err := os.Open("/nowhere/input")
		return err
	})
	oneLine(t, err, "/nowhere/input")
	if strings.Contains(err.Error(), "create it first") {
		t.Errorf("misleading: %v", err)
	}
}

func TestFillPanics(t *testing.T) {
	_, path := old(t)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		Write(path, 0o644, func(w io.Writer) error {
			w.Write(bytes.Repeat([]byte("n"), 2*bufferSize))
			panic("shape")
		})
	}()
	holds(t, path, "earlier")
}

// A fill that ignores write errors must not get half a file in place.
func TestIgnoredWriteError(t *testing.T) {
	_, path := old(t)
	sys := disk
	sys.create = failing(func(f *failingFile) { f.writeErr = syscall.ENOSPC })
	err := write(sys, path, 0o644, func(w io.Writer) error {
		for range 3 {
			w.Write(make([]byte, bufferSize))
		}
		return nil
	})
	oneLine(t, err, "disk is full")
	holds(t, path, "earlier")
}

type failingFile struct {
	file
	room                        int // bytes taken before writeErr
	writeErr, syncErr, closeErr error
}

func (f *failingFile) Write(p []byte) (int, error) {
	if f.writeErr != nil && len(p) > f.room {
		n, _ := f.file.Write(p[:f.room])
		f.room = 0
		return n, &fs.PathError{Op: "write", Path: f.Name(), Err: f.writeErr}
	}
	f.room -= len(p)
	return f.file.Write(p)
}

func (f *failingFile) Sync() error {
	if f.syncErr != nil {
		return &fs.PathError{Op: "sync", Path: f.Name(), Err: f.syncErr}
	}
	return f.file.Sync()
}

func (f *failingFile) Close() error {
	err := f.file.Close()
	if f.closeErr != nil {
		return &fs.PathError{Op: "close", Path: f.Name(), Err: f.closeErr}
	}
	return err
}

func failing(set func(*failingFile)) func(string, fs.FileMode) (file, error) {
	return func(path string, perm fs.FileMode) (file, error) {
		f, err := createTemp(path, perm)
		if err != nil {
			return nil, err
		}
		bad := &failingFile{file: f, room: 10}
		set(bad)
		return bad, nil
	}
}

func TestEveryStepFails(t *testing.T) {
	const full = "free space and run again"
	for _, c := range []struct {
		name  string
		spoil func(*system)
		cause error
		says  string
		after string // what path must hold
	}{
		{"write, full", func(s *system) { s.create = failing(func(f *failingFile) { f.writeErr = syscall.ENOSPC }) }, syscall.ENOSPC, full, "earlier"},
		{"write, quota", func(s *system) { s.create = failing(func(f *failingFile) { f.writeErr = syscall.EDQUOT }) }, syscall.EDQUOT, full, "earlier"},
		{"write, size limit", func(s *system) { s.create = failing(func(f *failingFile) { f.writeErr = syscall.EFBIG }) }, syscall.EFBIG, "ulimit -f", "earlier"},
		{"write, broken disk", func(s *system) { s.create = failing(func(f *failingFile) { f.writeErr = syscall.EIO }) }, syscall.EIO, "input/output error", "earlier"},
		{"sync", func(s *system) { s.create = failing(func(f *failingFile) { f.syncErr = syscall.ENOSPC }) }, syscall.ENOSPC, full, "earlier"},
		{"close", func(s *system) { s.create = failing(func(f *failingFile) { f.closeErr = syscall.ENOSPC }) }, syscall.ENOSPC, full, "earlier"},
		{"create, read-only", func(s *system) {
			s.create = func(string, fs.FileMode) (file, error) { return nil, syscall.EROFS }
		}, syscall.EROFS, "read-only", "earlier"},
		{"create, permission", func(s *system) {
			s.create = func(string, fs.FileMode) (file, error) { return nil, syscall.EACCES }
		}, fs.ErrPermission, "permission denied", "earlier"},
		{"rename", func(s *system) { s.rename = func(string, string) error { return syscall.EACCES } }, syscall.EACCES, "permission denied", "earlier"},
		{"directory", func(s *system) { s.syncDir = func(string) error { return syscall.EIO } }, syscall.EIO, "is written, but", "a new and longer file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, path := old(t)
			sys := disk
			c.spoil(&sys)
			err := write(sys, path, 0o644, put("a new and longer file"))
			oneLine(t, err, path, c.says)
			if !errors.Is(err, c.cause) {
				t.Errorf("%v does not wrap %v", err, c.cause)
			}
			holds(t, path, c.after)
		})
	}
}

func TestBadPlaces(t *testing.T) {
	dir, path := old(t)
	oneLine(t, Write(filepath.Join(dir, "no", "where"), 0o644, put("x")), "does not exist", "create it first")
	oneLine(t, Write(filepath.Join(path, "inside"), 0o644, put("x")), "a file, not a directory")
	oneLine(t, Write(dir, 0o644, put("x")), "it is a directory")
	holds(t, path, "earlier")
}

func TestRelativePath(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := Write("here", 0o644, put("x")); err != nil {
		t.Fatal(err)
	}
	holds(t, "./here", "x")
}
