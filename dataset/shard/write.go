package shard

import (
	"archive/tar"
	"bufio"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
	"slices"
	"time"

	"github.com/limner-ai/limner/internal/atomicfile"
)

// Info describes a shard that was written.
type Info struct {
	Samples int
	Bytes   int64
	SHA256  [sha256.Size]byte // of the whole file
}

// Digest is sha256: and 64 hexadecimal digits.
func (i Info) Digest() string { return "sha256:" + hex.EncodeToString(i.SHA256[:]) }

// Write writes samples to a shard at path, as they come: no more than one is
// held. Keys must ascend, so that the order is no choice; the files of a sample
// are put in the order of their extensions. The shard appears whole or not at
// all: if samples gives an error, writing ends with it and an earlier file at
// path stays as it is.
func Write(path string, samples iter.Seq2[Sample, error]) (Info, error) {
	var info Info
	err := atomicfile.Write(path, 0o644, func(w io.Writer) error {
		c := &counter{w: w, hash: sha256.New()}
		b := bufio.NewWriterSize(c, 1<<16)
		n, err := encode(b, samples)
		if err != nil {
			return err
		}
		if err := b.Flush(); err != nil {
			return err
		}
		info = Info{Samples: n, Bytes: c.n, SHA256: [sha256.Size]byte(c.hash.Sum(nil))}
		return nil
	})
	if err != nil {
		return Info{}, fmt.Errorf("shard %s: %w", path, err)
	}
	return info, nil
}

type counter struct {
	w    io.Writer
	hash hash.Hash
	n    int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.hash.Write(p[:n])
	c.n += int64(n)
	return n, err
}

func encode(w io.Writer, samples iter.Seq2[Sample, error]) (n int, err error) {
	t := tar.NewWriter(w)
	last := ""
	for s, err := range samples {
		if err != nil {
			return n, err
		}
		if n > 0 && s.Key <= last {
			return n, fmt.Errorf("key %q comes after %q: keys must ascend", s.Key, last)
		}
		if err := add(t, s); err != nil {
			return n, fmt.Errorf("sample %q: %w", s.Key, err)
		}
		last = s.Key
		n++
	}
	return n, t.Close()
}

func add(t *tar.Writer, s Sample) error {
	if len(s.Files) == 0 {
		return errors.New("it has no files")
	}
	files := slices.Clone(s.Files)
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Ext, b.Ext) })
	for i, f := range files {
		if i > 0 && f.Ext == files[i-1].Ext {
			return fmt.Errorf("it has two files .%s", f.Ext)
		}
		n, err := name(s.Key, f.Ext)
		if err != nil {
			return err
		}
		h := tar.Header{Format: tar.FormatUSTAR, Typeflag: tar.TypeReg, Name: n, Size: int64(len(f.Data)), Mode: 0o644, ModTime: time.Unix(0, 0)}
		if err := t.WriteHeader(&h); err != nil {
			return err
		}
		if _, err := t.Write(f.Data); err != nil {
			return err
		}
	}
	return nil
}
