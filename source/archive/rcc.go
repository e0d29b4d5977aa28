package archive

import (
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path"
	"unicode/utf16"

	"github.com/klauspost/compress/zstd"

	"github.com/limner-ai/limner/source"
)

// A Qt resource file, as Qt's compiler rcc writes it with --binary, versions 1
// to 3 (Qt 6.8, qtbase: src/corelib/io/qresource.cpp): a header, and the
// offsets of a tree of nodes, of names in UTF-16, and of the files' data, each
// with its length before it. All numbers are big-endian.
const (
	rccMagic = "qres"
	rccDepth = 64

	rccZlib   = 1
	rccFolder = 2
	rccZstd   = 4
)

type rcc struct {
	f                 io.ReaderAt
	size              int64
	tree, data, names int64
	node              int64 // bytes of a node
}

// rcc walks a Qt resource file.
func (w *walk) rcc(f io.ReaderAt, size int64) error {
	w.read = size // files may share their data, so that this is the most
	r := &rcc{f: f, size: size, node: 14}
	var h [20]byte
	if err := r.at(0, h[:]); err != nil {
		return err
	}
	version := binary.BigEndian.Uint32(h[4:])
	if version < 1 || version > 3 {
		return fmt.Errorf("a Qt resource file of version %d; only 1 to 3 can be read", version)
	}
	if version > 1 {
		r.node = 22 // with the time of its last change
	}
	r.tree = int64(binary.BigEndian.Uint32(h[8:]))
	r.data = int64(binary.BigEndian.Uint32(h[12:]))
	r.names = int64(binary.BigEndian.Uint32(h[16:]))
	return w.rccFolder(r, 0, "", 0)
}

// at reads bytes at an offset.
func (r *rcc) at(offset int64, b []byte) error {
	if offset < 0 || offset > r.size-int64(len(b)) {
		return ErrTruncated
	}
	_, err := r.f.ReadAt(b, offset)
	if err == io.EOF {
		err = nil
	}
	return err
}

// rccFolder walks the children of a node.
func (w *walk) rccFolder(r *rcc, index int64, dir string, depth int) error {
	if depth > rccDepth {
		return fmt.Errorf("%w: folders are nested deeper than %d", ErrLimit, rccDepth)
	}
	n := make([]byte, r.node)
	if err := r.at(r.tree+index*r.node, n); err != nil {
		return err
	}
	count, first := int64(binary.BigEndian.Uint32(n[6:])), int64(binary.BigEndian.Uint32(n[10:]))
	if count > 0 && first <= index { // the compiler writes children after their folder
		return errors.New("damaged Qt resource file: a folder lies within itself")
	}
	for i := range count {
		at := r.tree + (first+i)*r.node
		if err := r.at(at, n); err != nil {
			return err
		}
		name, err := r.name(int64(binary.BigEndian.Uint32(n)))
		if err != nil {
			return err
		}
		clean, err := w.admit(path.Join(dir, name))
		if err != nil {
			return err
		}
		flags := binary.BigEndian.Uint16(n[4:])
		switch {
		case clean == "":
		case name == "." || name == ".." || path.Base(clean) != name:
			err = w.refuse(path.Join(dir, name), source.Unsafe, errors.New("its name is a path"))
		case flags&rccFolder != 0:
			err = w.rccFolder(r, first+i, clean, depth+1)
		default:
			err = w.rccFile(r, clean, flags, r.data+int64(binary.BigEndian.Uint32(n[10:])))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// name reads a name: its length in units of UTF-16, a hash, and the units.
func (r *rcc) name(offset int64) (string, error) {
	var h [6]byte
	if err := r.at(r.names+offset, h[:]); err != nil {
		return "", err
	}
	b := make([]byte, 2*int(binary.BigEndian.Uint16(h[:])))
	if err := r.at(r.names+offset+6, b); err != nil {
		return "", err
	}
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = binary.BigEndian.Uint16(b[2*i:])
	}
	return string(utf16.Decode(units)), nil
}

func (w *walk) rccFile(r *rcc, name string, flags uint16, at int64) error {
	var h [4]byte
	if err := r.at(at, h[:]); err != nil {
		return err
	}
	length := int64(binary.BigEndian.Uint32(h[:]))
	if at += 4; length > r.size-at {
		return ErrTruncated
	}
	e := &Entry{Path: name, Size: length, max: w.limits.File}
	if flags&rccZlib != 0 {
		if length < 4 {
			return w.refuse(name, source.Malformed, errors.New("its data are too short"))
		}
		if err := r.at(at, h[:]); err != nil {
			return err
		}
		e.Size = int64(binary.BigEndian.Uint32(h[:])) // before the compressed data
		at, length = at+4, length-4
	}
	e.open = func() (io.ReadCloser, error) {
		raw := io.NewSectionReader(r.f, at, length)
		switch {
		case flags&rccZlib != 0:
			z, err := zlib.NewReader(raw)
			if err != nil {
				return nil, e.refused(source.Unreachable, err)
			}
			return w.inflated(e, z, length), nil
		case flags&rccZstd != 0:
			z, err := zstd.NewReader(raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderLowmem(true))
			if err != nil {
				return nil, e.refused(source.Unreachable, err)
			}
			return w.inflated(e, z.IOReadCloser(), length), nil
		}
		return w.inflated(e, io.NopCloser(raw), length), nil
	}
	return w.give(e)
}
