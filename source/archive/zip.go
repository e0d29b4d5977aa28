package archive

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/limner-ai/limner/source"
)

// zip walks a zip archive by its central directory.
func (w *walk) zip(f io.ReaderAt, size int64) error {
	w.read = size // entries may lie upon each other, so that this is the most
	z, err := zip.NewReader(f, size)
	switch {
	case errors.Is(err, zip.ErrInsecurePath):
		// Names are judged below, whatever GODEBUG says.
	case err != nil:
		return fmt.Errorf("damaged zip, or cut off: %w", err)
	}
	for _, e := range z.File {
		if err := w.zipEntry(e); err != nil {
			return err
		}
	}
	return nil
}

const encrypted = 0x1 // general purpose bit 0 (APPNOTE 6.3.10, section 4.4.4)

func (w *walk) zipEntry(e *zip.File) error {
	name := e.Name
	if e.NonUTF8 && !utf8.ValidString(name) {
		// APPNOTE 6.3.10, appendix D: without bit 11, names are in code page 437.
		name, _ = charmap.CodePage437.NewDecoder().String(name)
	}
	clean, err := w.admit(name)
	if clean == "" || err != nil {
		return err
	}
	mode := e.Mode()
	switch {
	case mode.IsDir() || strings.HasSuffix(name, "/"):
		return nil
	case mode&fs.ModeSymlink != 0:
		return w.refuse(clean, source.Unsafe, errors.New("a link"))
	case !mode.IsRegular():
		return w.refuse(clean, source.Unsafe, errors.New("not a plain file"))
	case e.Flags&encrypted != 0:
		return w.refuse(clean, source.Unreachable, errors.New("it is encrypted"))
	case e.UncompressedSize64 > 1<<62:
		return w.refuse(clean, source.Malformed, errors.New("its size is impossible"))
	}
	entry := &Entry{Path: clean, Size: int64(e.UncompressedSize64), max: w.limits.File}
	entry.open = func() (io.ReadCloser, error) { return w.zipOpen(entry, e) }
	return w.give(entry)
}

// zipOpen reads one entry.
func (w *walk) zipOpen(entry *Entry, e *zip.File) (io.ReadCloser, error) {
	r, err := e.Open()
	if err != nil {
		return nil, entry.refused(source.Unreachable, err)
	}
	return w.inflated(entry, r, int64(min(e.CompressedSize64, 1<<62))), nil
}

// inflated reads an entry that is compressed by itself, to so many bytes. Its
// ratio is judged by itself too, and its damage is its own.
func (w *walk) inflated(e *Entry, r io.ReadCloser, compressed int64) io.ReadCloser {
	var given int64
	return stream{
		read: func(b []byte) (int, error) {
			if err := w.ctx.Err(); err != nil {
				return 0, w.fail(err)
			}
			n, err := r.Read(b)
			if err := w.account(n); err != nil {
				return 0, err
			}
			given += int64(n)
			if given > w.limits.Slack && given/w.limits.Ratio > compressed {
				return 0, e.refused(source.TooLarge, fmt.Errorf("%d bytes unpack to more than %d", compressed, given))
			}
			if err != nil && err != io.EOF {
				err = e.refused(source.Unreachable, err)
			}
			return n, err
		},
		close: r.Close,
	}
}
