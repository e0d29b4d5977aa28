package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"syscall"
)

// explain turns an error met while writing path into one line that says what
// happened and what to do. The cause stays reachable by errors.Is.
func explain(path string, err error) error {
	switch {
	case isFull(err):
		return &explained{err, fmt.Sprintf("disk is full while writing %s; free space and run again (a training run: with --resume); the earlier file is untouched", path)}
	case errors.Is(err, syscall.EFBIG):
		return &explained{err, fmt.Sprintf("%s would be larger than the file size limit (see ulimit -f); raise it and run again; the earlier file is untouched", path)}
	case errors.Is(err, syscall.EROFS):
		return &explained{err, fmt.Sprintf("cannot write %s: the file system is read-only; choose another place", path)}
	case errors.Is(err, fs.ErrPermission):
		return &explained{err, fmt.Sprintf("cannot write %s: permission denied; check who owns %s, or choose another place", path, filepath.Dir(path))}
	case errors.Is(err, syscall.ENOTDIR):
		return &explained{err, fmt.Sprintf("cannot write %s: a part of %s is a file, not a directory", path, filepath.Dir(path))}
	case errors.Is(err, fs.ErrNotExist):
		return &explained{err, fmt.Sprintf("cannot write %s: the directory %s does not exist; create it first", path, filepath.Dir(path))}
	}
	return fmt.Errorf("cannot write %s: %w", path, err)
}

// explained replaces the text of a system error, which names the temporary
// file that nobody asked for, and keeps the error itself.
type explained struct {
	cause error
	text  string
}

func (e *explained) Error() string { return e.text }
func (e *explained) Unwrap() error { return e.cause }

// isFull counts a used-up quota as a full disk, as the person does. Windows
// has its own codes: ERROR_HANDLE_DISK_FULL 39 and ERROR_DISK_FULL 112.
func isFull(err error) bool {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return true
	}
	return runtime.GOOS == "windows" && (errors.Is(err, syscall.Errno(39)) || errors.Is(err, syscall.Errno(112)))
}
