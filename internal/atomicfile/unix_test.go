//go:build unix

package atomicfile

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

func TestSymlinkIsFollowed(t *testing.T) {
	_, path := old(t)
	link := filepath.Join(t.TempDir(), "latest")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := Write(link, 0o644, put("new")); err != nil {
		t.Fatal(err)
	}
	if st, _ := os.Lstat(link); st.Mode()&os.ModeSymlink == 0 {
		t.Error("the link became a file")
	}
	holds(t, path, "new")
}

func TestUmask(t *testing.T) {
	before := syscall.Umask(0o077)
	defer syscall.Umask(before)
	path := filepath.Join(t.TempDir(), "f")
	if err := Write(path, 0o666, put("x")); err != nil {
		t.Fatal(err)
	}
	if st, _ := os.Stat(path); st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, want 0600 under umask 077", st.Mode().Perm())
	}
}

func TestPermission(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write anywhere")
	}
	dir, path := old(t)
	os.Chmod(dir, 0o500)
	defer os.Chmod(dir, 0o700)
	err := Write(path, 0o644, put("x"))
	oneLine(t, err, "permission denied", dir)
	holds(t, path, "earlier")
}

func TestDevices(t *testing.T) {
	if err := Write("/dev/null", 0o644, put("x")); err != nil {
		t.Error(err)
	}
	st, err := os.Stat("/dev/null")
	if err != nil || st.Mode()&os.ModeDevice == 0 {
		t.Fatal("/dev/null was replaced")
	}
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full here")
	}
	err = Write("/dev/full", 0o644, put("x"))
	oneLine(t, err, "disk is full while writing /dev/full")
	if !errors.Is(err, syscall.ENOSPC) {
		t.Error("the cause is lost")
	}
}

// The file size limit is a disk that fills after 64 KiB, and needs no rights.
func TestSizeLimit(t *testing.T) {
	if path := os.Getenv("ATOMICFILE_LIMITED"); path != "" {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 1 << 16, Max: 1 << 16}); err != nil {
			t.Skip(err)
		}
		err := Write(path, 0o644, put(strings.Repeat("x", 3*bufferSize)))
		oneLine(t, err, "ulimit -f", path)
		if !errors.Is(err, syscall.EFBIG) {
			t.Errorf("%v does not wrap EFBIG", err)
		}
		return
	}
	_, path := old(t)
	child := exec.Command(os.Args[0], "-test.run=^TestSizeLimit$")
	child.Env = append(os.Environ(), "ATOMICFILE_LIMITED="+path)
	if out, err := child.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	holds(t, path, "earlier")
}

// A file system of 1 MiB, really full. Mounting one needs root on Linux.
func TestFullDisk(t *testing.T) {
	if runtime.GOOS != "linux" || os.Geteuid() != 0 {
		t.Skip("mounting a small file system needs root on Linux")
	}
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("cannot mount a tmpfs here: %s", out)
	}
	defer exec.Command("umount", dir).Run()

	path := filepath.Join(dir, "checkpoint")
	if err := Write(path, 0o644, put("earlier")); err != nil {
		t.Fatal(err)
	}
	err := Write(path, 0o644, func(w io.Writer) error {
		_, err := w.Write(make([]byte, 4<<20))
		return err
	})
	oneLine(t, err, "disk is full while writing "+path, "--resume", "the earlier file is untouched")
	if !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("%v does not wrap ENOSPC", err)
	}
	holds(t, path, "earlier")
	if err := Write(path, 0o644, put("fits again")); err != nil {
		t.Errorf("the space was not given back: %v", err)
	}
	holds(t, path, "fits again")
}
