package archive

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip" // twice as fast as the standard library's
	"github.com/klauspost/compress/zstd"
	"github.com/therootcompany/xz"
)

// maxWindow is the most memory, in bytes, that a compressed stream may demand
// for looking back: what zstd and xz use at their highest ordinary levels.
const maxWindow = 128 << 20

// compression tells a format of compression by its first bytes; "" for none.
func compression(head []byte) string {
	for magic, name := range map[string]string{
		"\x1f\x8b\x08": "gzip", "\xfd7zXZ\x00": "xz", "\x28\xb5\x2f\xfd": "zstd", "BZh": "bzip2",
	} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return name
		}
	}
	return ""
}

// unpack undoes the compression of r, if it has any.
func unpack(r io.Reader) (io.ReadCloser, string, error) {
	b := bufio.NewReaderSize(r, 64<<10)
	head, err := b.Peek(6)
	if err != nil && err != io.EOF {
		return nil, "", err
	}
	kind := compression(head)
	var out io.ReadCloser
	switch kind {
	case "gzip":
		out, err = gzip.NewReader(b)
	case "xz":
		var x *xz.Reader
		x, err = xz.NewReader(b, maxWindow)
		out = io.NopCloser(x)
	case "zstd":
		var z *zstd.Decoder
		z, err = zstd.NewReader(b, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderLowmem(true))
		if err == nil {
			out = z.IOReadCloser()
		}
	case "bzip2":
		out, err = io.NopCloser(bzip2.NewReader(b)), nil
	default:
		out, err = io.NopCloser(b), nil
	}
	if err != nil {
		return nil, "", damaged(kind, err)
	}
	return out, kind, nil
}

// damaged words an error of a decompressor.
func damaged(kind string, err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, xz.ErrBuf) {
		return ErrTruncated
	}
	return fmt.Errorf("damaged %s: %w", kind, err)
}

// Decompress gives what r holds without its compression, by gzip, xz, zstd or
// bzip2, or r's own bytes if it has none. Reading fails with ErrLimit above
// l.Total or l.Ratio, and with ErrTruncated where the stream is cut off.
func Decompress(r io.Reader, l Limits) (io.ReadCloser, error) {
	w := &walk{limits: l}
	return w.unpack(r)
}

// unpack undoes the compression of r and counts the bytes on both sides.
func (w *walk) unpack(r io.Reader) (io.ReadCloser, error) {
	in := stream{read: func(b []byte) (int, error) {
		if w.ctx != nil && w.ctx.Err() != nil {
			return 0, w.fail(w.ctx.Err())
		}
		n, err := r.Read(b)
		w.read += int64(n)
		return n, err
	}}
	out, kind, err := unpack(in)
	if err != nil {
		return nil, cause(w, err)
	}
	w.kind = kind
	return stream{
		read: func(b []byte) (int, error) {
			if w.failed != nil {
				return 0, w.failed
			}
			n, err := out.Read(b)
			if err := w.account(n); err != nil {
				return 0, err
			}
			if err != nil && err != io.EOF {
				err = w.fail(cause(w, damaged(kind, err)))
			}
			return n, err
		},
		close: out.Close,
	}, nil
}

// cause prefers the error that stopped the walk over what a decompressor made
// of it.
func cause(w *walk, err error) error {
	if w.failed != nil {
		return w.failed
	}
	return err
}
