package archive

import (
	"errors"
	"fmt"
)

// Limits bound what an archive may make its reader do.
type Limits struct {
	Entries int   // of all sorts
	File    int64 // bytes of a file that Entry.Bytes gives
	Total   int64 // bytes of all files of one walk, unpacked; a folder has no such limit
	// Ratio is how many bytes may come out of one byte of the archive, counted
	// once Slack bytes have come out.
	Ratio int64
	Slack int64
}

// DefaultLimits returns limits for archives of pictures: a million entries of
// at most 256 MiB, and of 256 GiB together, packed at most 200 times.
func DefaultLimits() Limits {
	return Limits{Entries: 1_000_000, File: 256 << 20, Total: 256 << 30, Ratio: 200, Slack: 64 << 20}
}

// Errors that end a walk.
var (
	ErrTruncated = errors.New("the archive is cut off; fetch it again")
	ErrLimit     = errors.New("the archive is refused")
)

// account counts bytes that came out of the archive.
func (w *walk) account(n int) error {
	w.given += int64(n)
	switch {
	case w.given > w.limits.Total:
		return w.fail(fmt.Errorf("%w: it unpacks to more than %d bytes", ErrLimit, w.limits.Total))
	case w.given > w.limits.Slack && w.given/w.limits.Ratio > w.read:
		return w.fail(fmt.Errorf("%w: %d bytes of it unpack to %d", ErrLimit, w.read, w.given))
	}
	return nil
}

// fail remembers what ends the walk, whoever was reading.
func (w *walk) fail(err error) error {
	if w.failed == nil {
		w.failed = err
	}
	return w.failed
}
