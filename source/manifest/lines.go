package manifest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
)

// maxSkipped is how much of a line that is too long is passed over, in bytes,
// before the whole is given up: what has no lines is no manifest.
const maxSkipped = 256 << 20

// lines reads a text by lines, and by records for CSV, each within a limit.
type lines struct {
	ctx  context.Context
	buf  *bufio.Reader
	max  int
	line int64 // of the line read last, from 1

	spent int // by the record being read
}

func newLines(ctx context.Context, r io.Reader, limit int) (*lines, error) {
	l := &lines{ctx: ctx, buf: bufio.NewReaderSize(r, 64<<10), max: limit}
	head, err := l.buf.Peek(3)
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch {
	case bytes.Equal(head, []byte("\xef\xbb\xbf")):
		_, err = l.buf.Discard(3)
		return l, err
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return nil, fmt.Errorf("this is UTF-16: %w", ErrNotText)
	}
	return l, nil
}

var errTooLong = errors.New("the line is too long")

// next gives the next line without its end, io.EOF after the last, or
// errTooLong for a line that it passed over. It is good until the next call.
func (l *lines) next() ([]byte, error) {
	if err := l.ctx.Err(); err != nil {
		return nil, err
	}
	l.line++
	part, err := l.buf.ReadSlice('\n')
	if err == nil && len(part) <= l.max {
		return bytes.TrimRight(part, "\r\n"), nil
	}
	whole := bytes.Clone(part)
	for err == bufio.ErrBufferFull && len(whole) <= l.max {
		part, err = l.buf.ReadSlice('\n')
		whole = append(whole, part...)
	}
	skipped := len(whole)
	for err == bufio.ErrBufferFull {
		part, err = l.buf.ReadSlice('\n')
		if skipped += len(part); skipped > maxSkipped {
			return nil, fmt.Errorf("line %d has more than %d bytes: this is no manifest", l.line, maxSkipped)
		}
	}
	switch {
	case err != nil && err != io.EOF:
		return nil, err
	case len(whole) > l.max:
		return nil, errTooLong
	case err == io.EOF && len(whole) == 0:
		return nil, io.EOF
	}
	return bytes.TrimRight(whole, "\r\n"), nil
}

// Read gives the bytes to a reader of records, which says with begin where a
// record begins.
func (l *lines) Read(b []byte) (int, error) {
	if err := l.ctx.Err(); err != nil {
		return 0, err
	}
	if l.spent > l.max {
		return 0, errTooLong
	}
	n, err := l.buf.Read(b)
	l.spent += n
	return n, err
}

func (l *lines) begin() { l.spent = 0 }
