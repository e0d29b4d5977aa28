package shard

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"strings"
)

// Limits bound what a shard may make its reader hold. All must be positive.
type Limits struct {
	File   int64 // bytes of a file
	Sample int64 // bytes of all files of a sample
	Files  int   // of a sample
}

// DefaultLimits returns limits for pictures with what belongs to them.
func DefaultLimits() Limits { return Limits{File: 64 << 20, Sample: 128 << 20, Files: 64} }

// Errors that Read wraps.
var (
	ErrTruncated = errors.New("the shard is cut off; fetch or write it again")
	ErrRefused   = errors.New("the shard is refused")
)

// Read gives the samples of the shard that r holds, one after the other, and
// last an error if there is one. It reads what other tools have written too, but
// refuses with ErrRefused all entries but plain files and folders, names that
// lead out of the shard, and samples above the limits. A shard without the two
// empty blocks that end a tar is ErrTruncated, even if it was cut between two
// samples.
func Read(r io.Reader, l Limits) iter.Seq2[Sample, error] {
	return func(yield func(Sample, error) bool) {
		d := &reader{in: &position{r: r}, limits: l}
		d.tar = tar.NewReader(d.in)
		for {
			s, err := d.sample()
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(Sample{}, fmt.Errorf("read shard: %w", err))
				return
			}
			if !yield(s, nil) {
				return
			}
		}
	}
}

type reader struct {
	tar    *tar.Reader
	in     *position
	limits Limits
	next   *entry // read already, the first of the next sample
	ended  bool
}

type entry struct {
	key  string
	file File
}

// sample gathers entries until the key changes.
func (d *reader) sample() (Sample, error) {
	var s Sample
	var size int64
	for {
		e, err := d.take()
		if err == io.EOF && len(s.Files) > 0 {
			return s, nil
		}
		if err != nil {
			return Sample{}, err
		}
		if len(s.Files) > 0 && e.key != s.Key {
			d.next = e
			return s, nil
		}
		for _, f := range s.Files {
			if f.Ext == e.file.Ext {
				return Sample{}, fmt.Errorf("%w: sample %q has two files .%s", ErrRefused, e.key, f.Ext)
			}
		}
		size += int64(len(e.file.Data))
		if size > d.limits.Sample || len(s.Files) == d.limits.Files {
			return Sample{}, fmt.Errorf("%w: sample %q has more than %d bytes or %d files", ErrRefused, e.key, d.limits.Sample, d.limits.Files)
		}
		s.Key = e.key
		s.Files = append(s.Files, e.file)
	}
}

func (d *reader) take() (*entry, error) {
	if e := d.next; e != nil {
		d.next = nil
		return e, nil
	}
	if d.ended {
		return nil, io.EOF
	}
	for {
		e, err := d.entry()
		if err == io.EOF {
			d.ended = true
		}
		if e != nil || err != nil {
			return e, err
		}
	}
}

const block = 512

// entry reads the next entry of the tar; nil for a folder.
func (d *reader) entry() (*entry, error) {
	before := (d.in.n + block - 1) / block * block // what was read is padded
	h, err := d.tar.Next()
	switch {
	case err == io.EOF && d.in.n < before+2*block:
		return nil, ErrTruncated
	case err == io.EOF:
		return nil, io.EOF
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, ErrTruncated
	case errors.Is(err, tar.ErrHeader):
		return nil, fmt.Errorf("%w: it is no tar archive, or a damaged one: %w", ErrRefused, err)
	case err != nil:
		return nil, err
	}
	n := strings.TrimPrefix(h.Name, "./")
	switch {
	case h.Typeflag == tar.TypeDir && (n == "" || inside(strings.TrimSuffix(n, "/"))):
		return nil, nil
	case !inside(n):
		return nil, fmt.Errorf("%w: the name %.120q leads out of it", ErrRefused, h.Name)
	case h.Typeflag != tar.TypeReg || sparse(h):
		return nil, fmt.Errorf("%w: %q is no plain file", ErrRefused, h.Name)
	case h.Size > d.limits.File:
		return nil, fmt.Errorf("%w: %q has %d bytes, more than %d", ErrRefused, h.Name, h.Size, d.limits.File)
	}
	key, ext := cut(n)
	if key == "" || strings.HasSuffix(key, "/") {
		return nil, fmt.Errorf("%w: %q has no key before its dot", ErrRefused, h.Name)
	}
	var b bytes.Buffer
	if _, err := io.Copy(&b, d.tar); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, ErrTruncated
		}
		return nil, err
	}
	return &entry{key, File{ext, b.Bytes()}}, nil
}

// inside reports whether a name stays within the folder it would be unpacked
// in, on every system.
func inside(n string) bool {
	return n != "" && path.Clean(n) == n && !path.IsAbs(n) && n != ".." && !strings.HasPrefix(n, "../") &&
		!strings.ContainsAny(n, "\\:\x00")
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
