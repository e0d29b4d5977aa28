package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/limner-ai/limner/engine/tensor"
)

// Write writes tensors as F32; see WriteAs.
func Write(w io.Writer, tensors map[string]*tensor.Tensor, meta map[string]string) error {
	return WriteAs(w, F32, tensors, meta)
}

// WriteAs writes tensors as F32, or as BF16 where each value is rounded to the
// nearest, with the metadata meta and the digest of both. Equal arguments give equal bytes: metadata and tensors are sorted by name.
// The header is padded with spaces so that the data begin at a multiple of 8.
//
// It fails before the first byte if a name or text is not UTF-8, a tensor's
// data do not fill its shape, or the header would be longer than MaxHeader. A
// DigestKey entry of meta is replaced.
func WriteAs(w io.Writer, dtype Dtype, tensors map[string]*tensor.Tensor, meta map[string]string) error {
	infos, err := layout(dtype, tensors, meta)
	if err != nil {
		return fmt.Errorf("safetensors: %w", err)
	}
	narrow := narrow
	if dtype == BF16 {
		narrow = halve
	}
	d := newDigest(meta, len(infos))
	for _, in := range infos {
		d.tensor(in)
		_ = narrow(d.h, tensors[in.Name].Data) // a hash does not fail
	}
	header, err := encodeHeader(infos, meta, d.sum())
	if err != nil {
		return fmt.Errorf("safetensors: %w", err)
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	for _, in := range infos {
		if err := narrow(w, tensors[in.Name].Data); err != nil {
			return err
		}
	}
	return nil
}

// layout checks the arguments of Write and places the tensors one after
// another in the order of their names.
func layout(dtype Dtype, tensors map[string]*tensor.Tensor, meta map[string]string) ([]Info, error) {
	if dtype != F32 && dtype != BF16 {
		return nil, fmt.Errorf("tensors are written as F32 or BF16, not %s", dtype)
	}
	for k, v := range meta {
		if !utf8.ValidString(k) || !utf8.ValidString(v) {
			return nil, fmt.Errorf("metadata entry %q is not UTF-8 text", k)
		}
	}
	var infos []Info
	var at int64
	for _, name := range slices.Sorted(maps.Keys(tensors)) {
		t := tensors[name]
		switch {
		case name == metadataKey:
			return nil, errors.New(metadataKey + " cannot be the name of a tensor")
		case !utf8.ValidString(name):
			return nil, fmt.Errorf("tensor name %q is not UTF-8 text", name)
		case t == nil:
			return nil, fmt.Errorf("tensor %q is nil", name)
		case t.Shape.Rank() > maxRank:
			return nil, fmt.Errorf("tensor %q has %d axes, above the limit of %d", name, t.Shape.Rank(), maxRank)
		}
		if err := t.Shape.Check(); err != nil {
			return nil, fmt.Errorf("tensor %q: %w", name, err)
		}
		if t.Shape.Size() != len(t.Data) {
			return nil, fmt.Errorf("tensor %q has %d values for shape %v", name, len(t.Data), t.Shape)
		}
		end := at + int64(sizes[dtype])*int64(len(t.Data))
		infos = append(infos, Info{Name: name, Dtype: dtype, Shape: t.Shape, Begin: at, End: end})
		at = end
	}
	return infos, nil
}

// encodeHeader returns the file's bytes up to the data.
func encodeHeader(infos []Info, meta map[string]string, digest string) ([]byte, error) {
	meta = maps.Clone(meta)
	if meta == nil {
		meta = map[string]string{}
	}
	meta[DigestKey] = digest

	b := bytes.NewBuffer(make([]byte, 8))
	b.WriteString("{" + quote(metadataKey) + ":{")
	for i, k := range slices.Sorted(maps.Keys(meta)) {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(quote(k) + ":" + quote(meta[k]))
	}
	b.WriteByte('}')
	for _, in := range infos {
		shape := strings.Join(strings.Fields(strings.Trim(in.Shape.String(), "[]")), ",")
		fmt.Fprintf(b, `,%s:{"dtype":"%s","shape":[%s],"data_offsets":[%d,%d]}`, quote(in.Name), in.Dtype, shape, in.Begin, in.End)
	}
	b.WriteByte('}')
	for b.Len()%8 != 0 {
		b.WriteByte(' ')
	}
	n := b.Len() - 8
	if n > MaxHeader {
		return nil, fmt.Errorf("names and metadata take %d bytes, above the limit of %d", n, MaxHeader)
	}
	binary.LittleEndian.PutUint64(b.Bytes(), uint64(n))
	return b.Bytes(), nil
}

// quote writes s as a JSON string without escaping HTML's characters.
func quote(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // strings always encode
	return strings.TrimSuffix(b.String(), "\n")
}

// narrow writes values as little-endian float32, a chunk at a time.
func narrow(w io.Writer, values []float32) error {
	buf := make([]byte, min(chunk, 4*len(values)))
	for len(values) > 0 {
		n := min(len(buf)/4, len(values))
		for i, v := range values[:n] {
			binary.LittleEndian.PutUint32(buf[4*i:], math.Float32bits(v))
		}
		if _, err := w.Write(buf[:4*n]); err != nil {
			return err
		}
		values = values[n:]
	}
	return nil
}

// halve writes values as little-endian bfloat16, rounded to the nearest and in
// the middle to even, a chunk at a time.
func halve(w io.Writer, values []float32) error {
	buf := make([]byte, min(chunk, 2*len(values)))
	for len(values) > 0 {
		n := min(len(buf)/2, len(values))
		for i, v := range values[:n] {
			binary.LittleEndian.PutUint16(buf[2*i:], bfloat16(v))
		}
		if _, err := w.Write(buf[:2*n]); err != nil {
			return err
		}
		values = values[n:]
	}
	return nil
}

func bfloat16(v float32) uint16 {
	bits := math.Float32bits(v)
	if v != v {
		return uint16(bits>>16) | 0x40 // quiet, so that it stays one
	}
	return uint16((bits + 0x7fff + bits>>16&1) >> 16)
}
