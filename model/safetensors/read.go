package safetensors

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"

	"github.com/limner-ai/limner/engine/tensor"
)

// chunk is how many bytes are read or written at once.
const chunk = 1 << 18

// Open reads the header of the file at path and verifies all of the file, its
// digest included where it carries one. Errors name the path, and wrap
// ErrDamaged if the content is at fault. The caller closes the file.
func Open(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open model file: %w", err)
	}
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	var file *File
	if err == nil {
		file, err = Read(f, st.Size())
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	file.closer = f
	return file, nil
}

// Read verifies a safetensors file of size bytes and returns it. Tensors are
// read from r when they are asked for.
func Read(r io.ReaderAt, size int64) (*File, error) {
	if size < 8 {
		return nil, damaged("the file has %d bytes, fewer than the 8 of a header length", size)
	}
	var first [8]byte
	if err := readAt(r, first[:], 0); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint64(first[:])
	if n > MaxHeader {
		return nil, damaged("the header length %d is above the limit of %d", n, MaxHeader)
	}
	if int64(n) > size-8 {
		return nil, damaged("the file is cut short: the header has %d bytes and %d are there", n, size-8)
	}
	header := make([]byte, n)
	if err := readAt(r, header, 8); err != nil {
		return nil, err
	}
	meta, infos, err := parseHeader(header)
	if err != nil {
		return nil, err
	}
	f := &File{meta: meta, infos: infos, r: r, base: 8 + int64(n)}
	if err := checkTiling(infos, size-f.base); err != nil {
		return nil, err
	}
	slices.SortFunc(f.infos, func(a, b Info) int { return cmp.Compare(a.Name, b.Name) })
	if err := f.verify(); err != nil {
		return nil, err
	}
	return f, nil
}

// verify compares the content with the digest in the metadata, if any.
func (f *File) verify() error {
	want, ok := f.meta[DigestKey]
	if !ok {
		return nil
	}
	d := newDigest(f.meta, len(f.infos))
	for _, in := range f.infos {
		d.tensor(in)
		if err := f.each(in, func(b []byte) { d.h.Write(b) }); err != nil {
			return err
		}
	}
	if got := d.sum(); got != want {
		return damaged("the content has changed since it was written: its digest is %s, the file says %.80q", got, want)
	}
	return nil
}

// each calls use with the bytes of a tensor, a chunk at a time. Chunks hold
// whole elements, as every element size divides the chunk size.
func (f *File) each(in Info, use func([]byte)) error {
	buf := make([]byte, min(chunk, in.End-in.Begin))
	for at := in.Begin; at < in.End; {
		b := buf[:min(int64(len(buf)), in.End-at)]
		if err := readAt(f.r, b, f.base+at); err != nil {
			return fmt.Errorf("tensor %q: %w", in.Name, err)
		}
		use(b)
		at += int64(len(b))
	}
	return nil
}

// Tensor reads one tensor. F16 and BF16 are widened to float32, which is
// exact; other types are refused.
func (f *File) Tensor(name string) (*tensor.Tensor, error) {
	in, ok := f.Info(name)
	if !ok {
		return nil, fmt.Errorf("the file holds no tensor %q", name)
	}
	var widen func(dst []float32, src []byte)
	switch in.Dtype {
	case F32:
		widen = widenF32
	case F16:
		widen = widenF16
	case BF16:
		widen = widenBF16
	default:
		return nil, fmt.Errorf("tensor %q is %s; only F32, F16 and BF16 can be read", name, in.Dtype)
	}
	t := tensor.New(in.Shape...)
	dst, size := t.Data, int(sizes[in.Dtype])
	err := f.each(in, func(b []byte) {
		widen(dst, b)
		dst = dst[len(b)/size:]
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}

// Tensors reads all tensors, by name.
func (f *File) Tensors() (map[string]*tensor.Tensor, error) {
	all := make(map[string]*tensor.Tensor, len(f.infos))
	for _, in := range f.infos {
		t, err := f.Tensor(in.Name)
		if err != nil {
			return nil, err
		}
		all[in.Name] = t
	}
	return all, nil
}

// readAt fills b, so that io.ReaderAt's freedom to return io.EOF with the last
// byte needs no thought elsewhere.
func readAt(r io.ReaderAt, b []byte, at int64) error {
	n, err := r.ReadAt(b, at)
	if n == len(b) {
		return nil
	}
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("read at byte %d: %w", at, err)
}

func widenF32(dst []float32, src []byte) {
	for i := 0; i+4 <= len(src); i += 4 {
		dst[i/4] = math.Float32frombits(binary.LittleEndian.Uint32(src[i:]))
	}
}

func widenBF16(dst []float32, src []byte) {
	for len(src) >= 8 && len(dst) >= 4 { // four at a time take less than half as long
		x := binary.LittleEndian.Uint64(src)
		lo, hi := uint32(x), uint32(x>>32)
		dst[0], dst[1] = math.Float32frombits(lo<<16), math.Float32frombits(lo&0xffff0000)
		dst[2], dst[3] = math.Float32frombits(hi<<16), math.Float32frombits(hi&0xffff0000)
		src, dst = src[8:], dst[4:]
	}
	for i := 0; i+2 <= len(src); i += 2 {
		dst[i/2] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(src[i:])) << 16)
	}
}

func widenF16(dst []float32, src []byte) {
	for i := 0; i+2 <= len(src); i += 2 {
		dst[i/2] = fromHalf(binary.LittleEndian.Uint16(src[i:]))
	}
}

// fromHalf converts IEEE 754 binary16: 1 sign bit, 5 of exponent (bias 15), 10
// of fraction. The payload of a NaN is kept.
func fromHalf(h uint16) float32 {
	sign := uint32(h>>15) << 31
	exp := uint32(h >> 10 & 31)
	frac := uint32(h & 1023)
	switch exp {
	case 0: // zero or subnormal: frac × 2^-24, exact in float32
		f := float32(frac) * 0x1p-24
		return math.Float32frombits(math.Float32bits(f) | sign)
	case 31: // infinity or NaN
		return math.Float32frombits(sign | 255<<23 | frac<<13)
	}
	return math.Float32frombits(sign | (exp-15+127)<<23 | frac<<13)
}
