package archive

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/limner-ai/limner/source"
)

const block = 512

// isTar reports whether the first block is a tar header: by its magic, or by
// its checksum for the formats older than POSIX.
func isTar(head []byte) bool {
	if len(head) < block {
		return false
	}
	if bytes.Equal(head[257:262], []byte("ustar")) || bytes.Equal(head, make([]byte, block)) {
		return true
	}
	_, err := tar.NewReader(bytes.NewReader(head)).Next()
	return err == nil
}

// packed walks a tar archive that may be compressed.
func (w *walk) packed(r io.Reader) error {
	in, err := w.unpack(r)
	if err != nil {
		return err
	}
	defer in.Close()
	plain := &position{r: in}
	t := tar.NewReader(plain)
	for {
		before := (plain.n + block - 1) / block * block // what was read is padded
		h, err := t.Next()
		switch {
		case w.failed != nil:
			return w.failed
		case err == io.EOF:
			return w.end(plain, before)
		case errors.Is(err, tar.ErrInsecurePath):
			// Names are judged below, whatever GODEBUG says.
		case errors.Is(err, io.ErrUnexpectedEOF):
			return ErrTruncated
		case err != nil:
			return fmt.Errorf("damaged tar, or none: %w", err)
		}
		if err := w.tarEntry(t, h); err != nil {
			return err
		}
	}
}

// end checks that the archive was whole. A compressed stream knows its own end,
// a plain tar has empty blocks there.
func (w *walk) end(plain *position, before int64) error {
	if w.kind == "" && plain.n < before+block {
		return ErrTruncated
	}
	_, err := io.Copy(io.Discard, plain)
	return err
}

func (w *walk) tarEntry(t *tar.Reader, h *tar.Header) error {
	if h.Typeflag == tar.TypeXGlobalHeader {
		return nil
	}
	if h.Typeflag == tar.TypeDir && strings.Trim(h.Name, "./") == "" && !strings.Contains(h.Name, "..") {
		return nil // the root itself
	}
	name, err := w.admit(h.Name)
	if name == "" || err != nil {
		return err
	}
	switch {
	case h.Typeflag == tar.TypeDir:
		return nil
	case h.Typeflag == tar.TypeSymlink, h.Typeflag == tar.TypeLink:
		return w.refuse(name, source.Unsafe, fmt.Errorf("a link to %q", printable(h.Linkname)))
	case h.Typeflag != tar.TypeReg:
		return w.refuse(name, source.Unsafe, errors.New("not a plain file"))
	case sparse(h):
		return w.refuse(name, source.Unsafe, errors.New("a file with holes"))
	}
	return w.give(&Entry{Path: name, Size: h.Size, max: w.limits.File, open: func() (io.ReadCloser, error) {
		return stream{read: func(b []byte) (int, error) {
			n, err := t.Read(b)
			switch {
			case err == nil, err == io.EOF:
			case w.failed != nil:
				err = w.failed
			case errors.Is(err, io.ErrUnexpectedEOF):
				err = w.fail(ErrTruncated)
			default:
				err = w.fail(err)
			}
			return n, err
		}}, nil
	}})
}

func sparse(h *tar.Header) bool {
	for k := range h.PAXRecords {
		if strings.HasPrefix(k, "GNU.sparse") {
			return true
		}
	}
	return false
}

// position counts what was read.
type position struct {
	r io.Reader
	n int64
}

func (p *position) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	p.n += int64(n)
	return n, err
}
