package idx

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

// maxBytes bounds what a header may promise. The largest set that people
// keep in this format (EMNIST) has 0.6 GB.
const maxBytes = 2 << 30

// unsigned bytes are the only element type that pictures and labels use.
const typeUbyte = 0x08

// array is an IDX file: its extents, outermost first, and its bytes.
type array struct {
	dims []int
	data []byte
}

// readFile reads the IDX file at path, gzipped or not, which must have the
// given rank.
func readFile(path string, rank int) (array, error) {
	f, err := os.Open(path)
	if err != nil {
		return array{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return array{}, err
	}
	if !info.Mode().IsRegular() {
		return array{}, fmt.Errorf("%s: not a regular file", path)
	}
	r := bufio.NewReaderSize(f, 1<<16)
	size := info.Size()
	// The first bytes, not the name, say whether the file is compressed.
	if head, _ := r.Peek(2); len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		z, err := gzip.NewReader(r)
		if err != nil {
			return array{}, fmt.Errorf("%s: %w", path, cut(err, "the file ends within its gzip header"))
		}
		r, size = bufio.NewReaderSize(z, 1<<16), -1
	}
	a, err := read(r, size, rank)
	if err != nil {
		return array{}, fmt.Errorf("%s: %w", path, err)
	}
	return a, nil
}

// read parses an IDX array of unsigned bytes (Y. LeCun's MNIST page, "the IDX
// file format"): two zero bytes, the element type, the rank, one big-endian
// 32-bit extent an axis, the elements in row-major order. size is the length
// of the whole file, or -1 if it is not known beforehand. Memory grows with
// the bytes that arrive, never with what the header promises.
func read(r io.Reader, size int64, rank int) (array, error) {
	var magic [4]byte
	if _, err := io.ReadFull(r, magic[:]); err != nil {
		return array{}, cut(err, "the file ends within its magic number")
	}
	if magic[0] != 0 || magic[1] != 0 || magic[2] != typeUbyte {
		return array{}, fmt.Errorf("not an IDX file of bytes: its magic number is %x, not 000008%02x", magic, rank)
	}
	if int(magic[3]) != rank {
		return array{}, fmt.Errorf("holds %s, not %s: its magic number is %x", content(int(magic[3])), content(rank), magic)
	}
	extents := make([]byte, 4*rank)
	if _, err := io.ReadFull(r, extents); err != nil {
		return array{}, cut(err, "the file ends within its header")
	}
	a := array{dims: make([]int, rank)}
	total := int64(1)
	for i := range a.dims {
		d := int64(binary.BigEndian.Uint32(extents[4*i:]))
		a.dims[i] = int(d)
		if d == 0 {
			return array{}, fmt.Errorf("the header promises nothing: extents %s", times(a.dims[:i+1]))
		}
		if total > maxBytes/d {
			return array{}, fmt.Errorf("the header promises more than %d MiB: extents begin %s", maxBytes>>20, times(a.dims[:i+1]))
		}
		total *= d
	}
	head := int64(4 + 4*rank)
	if size >= 0 && size != head+total {
		return array{}, fmt.Errorf("the header promises %s, %d bytes in all, but the file has %d", times(a.dims), head+total, size)
	}
	var err error
	if a.data, err = readGrowing(r, int(total)); err != nil {
		return array{}, cut(err, fmt.Sprintf("the header promises %s, but the data ends after %d of %d bytes", times(a.dims), len(a.data), total))
	}
	// Reading to the end also checks gzip's checksum.
	var extra [1]byte
	switch n, err := io.ReadFull(r, extra[:]); {
	case n > 0:
		return array{}, fmt.Errorf("the header promises %s, but more bytes follow", times(a.dims))
	case err != io.EOF:
		return array{}, cut(err, "the file ends within its checksum")
	}
	return a, nil
}

// readGrowing reads n bytes. On an error it returns those that came.
func readGrowing(r io.Reader, n int) ([]byte, error) {
	buf := make([]byte, 0, min(n, 1<<20))
	for len(buf) < n {
		if len(buf) == cap(buf) {
			buf = slices.Grow(buf, min(len(buf), n-len(buf)))
		}
		k, err := io.ReadFull(r, buf[len(buf):min(cap(buf), n)])
		buf = buf[:len(buf)+k]
		if err != nil {
			return buf, err
		}
	}
	return buf, nil
}

// cut describes an early end; other errors speak for themselves.
func cut(err error, what string) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("truncated: %s", what)
	}
	return err
}

func content(rank int) string {
	switch rank {
	case 1:
		return "labels"
	case 3:
		return "pictures"
	}
	return fmt.Sprintf("%d axes", rank)
}

func times(dims []int) string {
	s := make([]string, len(dims))
	for i, d := range dims {
		s[i] = strconv.Itoa(d)
	}
	return strings.Join(s, "×")
}
