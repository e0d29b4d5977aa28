package archive

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/limner-ai/limner/source"
)

// Entry is a file in an archive.
type Entry struct {
	Path string // cleaned, with slashes, unique in the archive
	Size int64  // bytes, as the archive says

	max  int64
	open func() (io.ReadCloser, error)
}

var errPassed = errors.New("the walk has passed this entry")

// Open gives the file's bytes as a stream. It may be called once.
func (e *Entry) Open() (io.ReadCloser, error) {
	if e.open == nil {
		return nil, errPassed
	}
	open := e.open
	e.open = nil
	return open()
}

// Bytes reads the whole file. A file above Limits.File, and one that is damaged
// in a way that leaves the rest of the archive readable, is *source.Refused; any
// other error is the one that the walk will end with.
func (e *Entry) Bytes() ([]byte, error) {
	if e.Size > e.max {
		return nil, e.tooLarge()
	}
	r, err := e.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var b bytes.Buffer
	b.Grow(int(min(max(e.Size, 0), 1<<20)) + bytes.MinRead)
	if _, err := b.ReadFrom(io.LimitReader(r, e.max+1)); err != nil {
		return nil, err
	}
	if int64(b.Len()) > e.max {
		return nil, e.tooLarge()
	}
	return b.Bytes(), nil
}

func (e *Entry) tooLarge() error {
	return e.refused(source.TooLarge, fmt.Errorf("it has more than %d bytes", e.max))
}

func (e *Entry) refused(why source.Why, err error) error {
	return &source.Refused{Path: e.Path, Why: why, Err: err}
}

// stream calls functions where a reader is read and closed.
type stream struct {
	read  func([]byte) (int, error)
	close func() error
}

func (s stream) Read(b []byte) (int, error) { return s.read(b) }

func (s stream) Close() error {
	if s.close == nil {
		return nil
	}
	return s.close()
}
