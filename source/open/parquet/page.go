package parquet

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/bits"

	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
)

// Encodings and codecs, by their numbers in parquet.thrift.
const (
	plainEncoding   = 0
	plainDictionary = 2
	rleDictionary   = 8

	uncompressed = 0
	snappyCodec  = 1
	gzipCodec    = 2
	zstdCodec    = 6
)

const maxDictionary = 1 << 22

// page is a data page while its values are read, one at a time: a run of a
// billion values is a few bytes.
type page struct {
	left        int64 // values, with those that are absent
	repetition  *hybrid
	definition  *hybrid
	plain       []byte
	indices     *hybrid // into the dictionary; nil if values are plain
	dictionary  [][]byte
	maxDefinite int
}

// next gives the next value; ok is false if it is absent. First says that a row
// begins.
func (p *page) next() (value []byte, ok, first bool, err error) {
	p.left--
	r, d := uint32(0), uint32(p.maxDefinite)
	if p.repetition != nil {
		if r, err = p.repetition.next(); err != nil {
			return nil, false, false, err
		}
	}
	if p.definition != nil {
		if d, err = p.definition.next(); err != nil {
			return nil, false, false, err
		}
	}
	if d < uint32(p.maxDefinite) {
		return nil, false, r == 0, nil
	}
	if p.indices != nil {
		i, err := p.indices.next()
		if err == nil && int64(i) >= int64(len(p.dictionary)) {
			err = errors.New("a value is not in the dictionary")
		}
		if err != nil {
			return nil, false, false, err
		}
		return p.dictionary[i], true, r == 0, nil
	}
	value, p.plain, err = prefixed(p.plain)
	return value, true, r == 0, err
}

// prefixed reads a value behind its length.
func prefixed(b []byte) (value, rest []byte, err error) {
	if len(b) < 4 {
		return nil, nil, errShort
	}
	n := binary.LittleEndian.Uint32(b)
	if b = b[4:]; uint64(n) > uint64(len(b)) {
		return nil, nil, errShort
	}
	return b[:n], b[n:], nil
}

// newPage takes a data page apart.
func newPage(h pageHeader, data []byte, c Column, dictionary [][]byte, unpack func([]byte, int64) ([]byte, error)) (*page, error) {
	p := &page{left: h.values, maxDefinite: c.maxDefinition, dictionary: dictionary}
	var err error
	if h.typ == dataPageV2 {
		n := h.repeatBytes + h.definitionBytes
		if h.repeatBytes < 0 || h.definitionBytes < 0 || n > int64(len(data)) || n > h.unpacked {
			return nil, errShort
		}
		p.repetition = newHybrid(data[:h.repeatBytes], width(c.maxRepetition))
		p.definition = newHybrid(data[h.repeatBytes:n], width(c.maxDefinition))
		data = data[n:]
		if !h.plain && len(data) > 0 {
			if data, err = unpack(data, h.unpacked-n); err != nil {
				return nil, err
			}
		}
	} else {
		if data, err = unpack(data, h.unpacked); err != nil {
			return nil, err
		}
		for _, level := range []struct {
			max int
			to  **hybrid
		}{{c.maxRepetition, &p.repetition}, {c.maxDefinition, &p.definition}} {
			if level.max == 0 {
				continue
			}
			var runs []byte
			if runs, data, err = prefixed(data); err != nil {
				return nil, err
			}
			*level.to = newHybrid(runs, width(level.max))
		}
	}
	if c.maxRepetition == 0 {
		p.repetition = nil
	}
	if c.maxDefinition == 0 {
		p.definition = nil
	}
	switch h.encoding {
	case plainEncoding:
		p.plain = data
	case plainDictionary, rleDictionary:
		if len(data) == 0 { // every value is absent
			p.indices = newHybrid(nil, 1)
			break
		}
		if data[0] > 32 {
			return nil, fmt.Errorf("indices of %d bits", data[0])
		}
		p.indices = newHybrid(data[1:], uint(data[0]))
	default:
		return nil, fmt.Errorf("%w: values in the encoding %d; write the file with plain or dictionary encoding", ErrUnsupported, h.encoding)
	}
	return p, nil
}

func width(levels int) uint { return uint(bits.Len(uint(levels))) }

// readDictionary takes a dictionary page apart.
func readDictionary(h pageHeader, data []byte) ([][]byte, error) {
	if h.encoding != plainEncoding && h.encoding != plainDictionary {
		return nil, fmt.Errorf("%w: a dictionary in the encoding %d", ErrUnsupported, h.encoding)
	}
	if h.values > int64(len(data)/4) {
		return nil, errShort
	}
	if h.values > maxDictionary {
		return nil, fmt.Errorf("%w: a dictionary of %d values; at most %d are read", ErrUnsupported, h.values, maxDictionary)
	}
	all := make([][]byte, h.values)
	var err error
	for i := range all {
		if all[i], data, err = prefixed(data); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// unpacker undoes the compression of pages, to exactly the size that they
// declare.
type unpacker struct {
	codec int64
	zstd  *zstd.Decoder
}

func (u *unpacker) unpack(data []byte, size int64) ([]byte, error) {
	switch u.codec {
	case uncompressed:
		if int64(len(data)) != size {
			return nil, errShort
		}
		return data, nil
	case snappyCodec:
		n, err := snappy.DecodedLen(data)
		if err != nil || int64(n) != size || n > 32*len(data)+64 { // a copy of 64 bytes takes 3
			return nil, errors.New("damaged snappy")
		}
		return snappy.Decode(nil, data)
	case gzipCodec:
		r, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, fmt.Errorf("damaged gzip: %w", err)
		}
		return exactly(r, size)
	case zstdCodec:
		if u.zstd == nil {
			var err error
			u.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(128<<20))
			if err != nil {
				return nil, err
			}
		}
		if err := u.zstd.Reset(bytes.NewReader(data)); err != nil {
			return nil, err
		}
		return exactly(u.zstd, size)
	}
	return nil, fmt.Errorf("%w: the compression %d; write the file with snappy, gzip, zstd or none", ErrUnsupported, u.codec)
}

func (u *unpacker) close() {
	if u.zstd != nil {
		u.zstd.Close()
	}
}

// exactly reads size bytes, growing with what comes.
func exactly(r io.Reader, size int64) ([]byte, error) {
	var b bytes.Buffer
	if _, err := b.ReadFrom(io.LimitReader(r, size+1)); err != nil {
		return nil, fmt.Errorf("damaged page: %w", err)
	}
	if int64(b.Len()) != size {
		return nil, errors.New("a page unpacks to another size than it declares")
	}
	return b.Bytes(), nil
}

func checksum(h pageHeader, data []byte) error {
	if h.hasCRC && uint32(h.crc) != crc32.ChecksumIEEE(data) {
		return errors.New("a page's checksum differs")
	}
	return nil
}
