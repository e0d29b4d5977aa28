package safetensors

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/limner-ai/limner/engine/tensor"
)

// maxRank bounds the axes of a tensor; NumPy stops at 64 too.
const maxRank = 64

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDamaged, fmt.Sprintf(format, args...))
}

// parseHeader decodes the JSON header. It walks the tokens itself because
// json.Unmarshal would let the last of two equal keys win and would match
// field names whatever their case.
func parseHeader(b []byte) (map[string]string, []Info, error) {
	if len(b) == 0 || b[0] != '{' {
		return nil, nil, damaged("the header does not begin with '{'")
	}
	if !utf8.Valid(b) {
		return nil, nil, damaged("the header is not UTF-8 text")
	}
	p := &parser{dec: json.NewDecoder(bytes.NewReader(b))}
	p.dec.UseNumber()

	var meta map[string]string
	var infos []Info
	err := p.object("the header", func(key string) (err error) {
		if key == metadataKey {
			meta, err = p.metadata()
			return err
		}
		in, err := p.info(key)
		infos = append(infos, in)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if rest := bytes.Trim(b[p.dec.InputOffset():], " "); len(rest) > 0 {
		return nil, nil, damaged("the header goes on after its closing '}'")
	}
	return meta, infos, nil
}

type parser struct{ dec *json.Decoder }

func (p *parser) token(where string) (json.Token, error) {
	t, err := p.dec.Token()
	if err != nil {
		return nil, damaged("%s is not valid JSON: %v", where, err)
	}
	return t, nil
}

func (p *parser) delim(where string, want json.Delim) error {
	t, err := p.token(where)
	if err == nil && t != want {
		err = damaged("%s has %v where %q belongs", where, t, want.String())
	}
	return err
}

// object reads one JSON object, calling field for each key with the decoder
// standing before its value. A key may come once.
func (p *parser) object(where string, field func(key string) error) error {
	if err := p.delim(where, '{'); err != nil {
		return err
	}
	seen := map[string]bool{}
	for p.dec.More() {
		t, err := p.token(where)
		if err != nil {
			return err
		}
		key := t.(string) // the decoder lets nothing else be a key
		if seen[key] {
			return damaged("%s has the key %q twice", where, key)
		}
		seen[key] = true
		if err := field(key); err != nil {
			return err
		}
	}
	return p.delim(where, '}')
}

func (p *parser) text(where string) (string, error) {
	t, err := p.token(where)
	if err != nil {
		return "", err
	}
	s, ok := t.(string)
	if !ok {
		return "", damaged("%s is not a string", where)
	}
	return s, nil
}

func (p *parser) metadata() (map[string]string, error) {
	meta := map[string]string{}
	err := p.object(metadataKey, func(key string) (err error) {
		meta[key], err = p.text(metadataKey + " entry " + strconv.Quote(key))
		return err
	})
	return meta, err
}

// integers reads an array of at most max non-negative integers.
func (p *parser) integers(where string, max int) ([]uint64, error) {
	if err := p.delim(where, '['); err != nil {
		return nil, err
	}
	list := []uint64{}
	for p.dec.More() {
		t, err := p.token(where)
		if err != nil {
			return nil, err
		}
		n, _ := t.(json.Number)
		v, err := strconv.ParseUint(string(n), 10, 64)
		if err != nil {
			return nil, damaged("%s holds %v, which is no whole number from 0 to 2^64-1", where, t)
		}
		if len(list) == max {
			return nil, damaged("%s has more than %d numbers", where, max)
		}
		list = append(list, v)
	}
	return list, p.delim(where, ']')
}

func (p *parser) info(name string) (Info, error) {
	in := Info{Name: name}
	where := "tensor " + strconv.Quote(name)
	var shape, offsets []uint64
	err := p.object(where, func(key string) (err error) {
		switch key {
		case "dtype":
			var s string
			s, err = p.text(where + " dtype")
			in.Dtype = Dtype(s)
		case "shape":
			shape, err = p.integers(where+" shape", maxRank)
		case "data_offsets":
			offsets, err = p.integers(where+" data_offsets", 2)
		default:
			err = damaged("%s has an unknown field %q", where, key)
		}
		return err
	})
	if err != nil {
		return in, err
	}
	var missing []string
	if in.Dtype == "" {
		missing = append(missing, "dtype")
	}
	if shape == nil {
		missing = append(missing, "shape")
	}
	if len(offsets) != 2 {
		missing = append(missing, "two data_offsets")
	}
	if missing != nil {
		return in, damaged("%s lacks %s", where, strings.Join(missing, ", "))
	}
	return in, in.set(shape, offsets)
}

// set checks that shape and dtype give exactly the bytes between the offsets.
func (in *Info) set(shape, offsets []uint64) error {
	size, ok := sizes[in.Dtype]
	if !ok {
		return damaged("tensor %q has the unknown dtype %q", in.Name, in.Dtype)
	}
	in.Shape = make(tensor.Shape, len(shape))
	for i, d := range shape {
		var over uint64
		if over, size = bits.Mul64(size, d); over != 0 || d > math.MaxInt {
			return damaged("tensor %q: shape %v is too large", in.Name, shape)
		}
		in.Shape[i] = int(d)
	}
	begin, end := offsets[0], offsets[1]
	if end < begin || end > math.MaxInt64 {
		return damaged("tensor %q has the offsets %v, which are not a range", in.Name, offsets)
	}
	if end-begin != size {
		return damaged("tensor %q: shape %v of %s takes %d bytes, but its offsets %v span %d", in.Name, in.Shape, in.Dtype, size, offsets, end-begin)
	}
	if err := in.Shape.Check(); err != nil {
		return damaged("tensor %q: %v", in.Name, err)
	}
	in.Begin, in.End = int64(begin), int64(end)
	return nil
}

// checkTiling reports an error unless the tensors cover the data from its
// first byte to its last without holes or overlaps.
func checkTiling(infos []Info, size int64) error {
	order := slices.Clone(infos)
	slices.SortFunc(order, func(a, b Info) int {
		if a.Begin != b.Begin {
			return cmp.Compare(a.Begin, b.Begin)
		}
		return cmp.Compare(a.End, b.End) // empty tensors first
	})
	var at int64
	for i, in := range order {
		switch {
		case in.Begin > at:
			return damaged("bytes %d to %d of the data, before tensor %q, belong to no tensor", at, in.Begin, in.Name)
		case in.Begin < at:
			return damaged("tensors %q and %q overlap", order[i-1].Name, in.Name)
		}
		at = in.End
	}
	switch {
	case at > size:
		return damaged("the file is cut short: %d of %d data bytes are there", size, at)
	case at < size:
		return damaged("%d bytes follow the last tensor", size-at)
	}
	return nil
}
