// Package safetensors reads and writes the safetensors file format
// (github.com/huggingface/safetensors, "Format"), the container of model
// files: an 8-byte little-endian header length, a JSON header giving each
// tensor's dtype, shape and byte range, and the bytes themselves.
//
// The reader trusts nothing: the header must be plain JSON without duplicate
// keys, the byte ranges must tile the data exactly, and a file one byte short
// or long is refused. What the format lacks is a checksum, so the writer adds
// one as the metadata entry "limner.digest" and the reader verifies it where
// present. Other tools see an ordinary safetensors file.
package safetensors

import (
	"errors"
	"io"
	"slices"

	"github.com/limner-ai/limner/engine/tensor"
)

// MaxHeader is the longest header accepted, in bytes, as upstream has it.
const MaxHeader = 100_000_000

// DigestKey is the metadata entry that holds the digest of the content.
const DigestKey = "limner.digest"

// metadataKey is the header entry that is not a tensor.
const metadataKey = "__metadata__"

// ErrDamaged is wrapped by every error about the file's content, as opposed to
// errors of reading it.
var ErrDamaged = errors.New("damaged, or not a safetensors file")

// Dtype is an element type by its name in the header. All are little-endian.
type Dtype string

// The element types that can be read as float32.
const (
	F32  Dtype = "F32"
	F16  Dtype = "F16"  // IEEE 754 binary16
	BF16 Dtype = "BF16" // the upper half of a binary32
)

// sizes holds the bytes of an element, for every type of whole bytes: a file
// with integers beside the floats is valid, and its floats can be read.
var sizes = map[Dtype]uint64{
	"BOOL": 1, "U8": 1, "I8": 1, "F8_E5M2": 1, "F8_E4M3": 1, "F8_E8M0": 1,
	"U16": 2, "I16": 2, F16: 2, BF16: 2,
	"U32": 4, "I32": 4, F32: 4,
	"U64": 8, "I64": 8, "F64": 8, "C64": 8,
}

// Info describes one tensor of a file.
type Info struct {
	Name  string
	Dtype Dtype
	Shape tensor.Shape
	// Begin and End delimit its bytes, counted from the end of the header.
	Begin, End int64
}

// File is an open safetensors file. Its methods may be called at once from
// several goroutines if its io.ReaderAt allows that, as *os.File does.
type File struct {
	meta   map[string]string
	infos  []Info // sorted by name
	r      io.ReaderAt
	base   int64 // file offset of the first data byte
	closer io.Closer
}

// Meta returns the metadata, without the digest; the caller owns the map.
func (f *File) Meta() map[string]string {
	m := make(map[string]string, len(f.meta))
	for k, v := range f.meta {
		if k != DigestKey {
			m[k] = v
		}
	}
	return m
}

// Digest returns the verified digest of the content, "sha256:" and 64 hex
// digits, or "" if the file carries none.
func (f *File) Digest() string { return f.meta[DigestKey] }

// Infos describes the tensors, sorted by name.
func (f *File) Infos() []Info { return slices.Clone(f.infos) }

// Info describes one tensor.
func (f *File) Info(name string) (Info, bool) {
	i, ok := slices.BinarySearchFunc(f.infos, name, func(in Info, name string) int {
		switch {
		case in.Name < name:
			return -1
		case in.Name > name:
			return 1
		}
		return 0
	})
	if !ok {
		return Info{}, false
	}
	return f.infos[i], true
}

// Close closes the file that Open opened; after Read it does nothing.
func (f *File) Close() error {
	if f.closer == nil {
		return nil
	}
	return f.closer.Close()
}
