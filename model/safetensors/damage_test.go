package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/engine/tensor"
)

func TestRefuses(t *testing.T) {
	const a8 = `"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}`
	eight := make([]byte, 8)
	long := binary.LittleEndian.AppendUint64(nil, MaxHeader+1)
	for name, c := range map[string]struct {
		b    []byte
		says string
	}{
		"empty":               {nil, "0 bytes, fewer than the 8"},
		"no header":           {[]byte{1, 0, 0, 0, 0, 0, 0}, "fewer than the 8"},
		"long header":         {append(long, eight...), "above the limit"},
		"huge header":         {slices.Repeat([]byte{0xff}, 16), "above the limit"},
		"cut header":          {file(`{` + a8 + `}`)[:20], "cut short"},
		"header length 0":     {file("", eight...), "begin with '{'"},
		"a picture":           {append([]byte("\x20\x00\x00\x00\x00\x00\x00\x00\x89PNG"), make([]byte, 40)...), "begin with '{'"},
		"leading space":       {file(` {`+a8+`}`, eight...), "begin with '{'"},
		"an array":            {file(`[]`), "begin with '{'"},
		"not UTF-8":           {file("{\"\xff\":" + a8[4:] + "}"), "UTF-8"},
		"open":                {file(`{`+a8, eight...), "not valid JSON"},
		"trailing comma":      {file(`{`+a8+`,}`, eight...), "not valid JSON"},
		"no comma":            {file(`{"a":{"dtype":"F32" "shape":[2]}}`), "not valid JSON"},
		"two values":          {file(`{`+a8+`}{}`, eight...), "after its closing"},
		"padded with newline": {file(`{`+a8+"}\n", eight...), "after its closing"},
		"padded with zeros":   {file(`{`+a8+"}\x00", eight...), "after its closing"},
		"same name twice":     {file(`{`+a8+`,`+a8+`}`, eight...), `"a" twice`},
		"same name escaped":   {file(`{`+a8+`,"\u0061`+a8[2:]+`}`, eight...), `"a" twice`},
		"same field twice":    {file(`{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, eight...), `"dtype" twice`},
		"metadata twice":      {file(`{"__metadata__":{},"__metadata__":{}}`), "twice"},
		"metadata key twice":  {file(`{"__metadata__":{"k":"","k":""}}`), `"k" twice`},
		"metadata number":     {file(`{"__metadata__":{"k":1}}`), "not a string"},
		"metadata nested":     {file(`{"__metadata__":{"k":{}}}`), "not a string"},
		"metadata null":       {file(`{"__metadata__":null}`), "belongs"},
		"tensor is a number":  {file(`{"a":1}`), "belongs"},
		"unknown field":       {file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":0}}`, eight...), "unknown field"},
		"other case":          {file(`{"a":{"Dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, eight...), "unknown field"},
		"no dtype":            {file(`{"a":{"shape":[2],"data_offsets":[0,8]}}`, eight...), "lacks dtype"},
		"no shape":            {file(`{"a":{"dtype":"F32","data_offsets":[0,4]}}`, eight[:4]...), "lacks shape"},
		"no offsets":          {file(`{"a":{"dtype":"F32","shape":[2]}}`, eight...), "lacks two data_offsets"},
		"one offset":          {file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}`, eight...), "lacks two data_offsets"},
		"three offsets":       {file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}`, eight...), "more than 2"},
		"dtype number":        {file(`{"a":{"dtype":4,"shape":[2],"data_offsets":[0,8]}}`, eight...), "not a string"},
		"dtype unknown":       {file(`{"a":{"dtype":"F33","shape":[2],"data_offsets":[0,8]}}`, eight...), `unknown dtype "F33"`},
		"shape fraction":      {file(`{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}`, eight...), "whole number"},
		"shape exponent":      {file(`{"a":{"dtype":"F32","shape":[2e0],"data_offsets":[0,8]}}`, eight...), "whole number"},
		"shape negative":      {file(`{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}`, eight...), "whole number"},
		"shape text":          {file(`{"a":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}}`, eight...), "whole number"},
		"shape not a list":    {file(`{"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}`, eight...), "belongs"},
		"rank 65":             {file(`{"a":{"dtype":"F32","shape":[`+strings.Repeat("1,", 64)+`2],"data_offsets":[0,8]}}`, eight...), "more than 64"},
		"overflow":            {file(`{"a":{"dtype":"F32","shape":[4611686018427387904,4,1],"data_offsets":[0,0]}}`), "too large"},
		"overflow by dtype":   {file(`{"a":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}}`, eight[:4]...), "too large"},
		"huge but empty":      {file(`{"a":{"dtype":"F32","shape":[4611686018427387904,0],"data_offsets":[0,0]}}`), "too large"},
		"wrong length":        {file(`{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}`, eight...), "takes 12 bytes, but its offsets [0 8] span 8"},
		"backwards":           {file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}`, eight...), "not a range"},
		"beyond int64":        {file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[18446744073709551607,18446744073709551615]}}`, eight...), "not a range"},
		"cut by one":          {file(`{`+a8+`}`, eight[:7]...), "cut short: 7 of 8"},
		"no data":             {file(`{` + a8 + `}`), "cut short: 0 of 8"},
		"one byte more":       {file(`{`+a8+`}`, 0, 0, 0, 0, 0, 0, 0, 0, 0), "1 bytes follow"},
		"hole at the start":   {file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}`, 0, 0), "bytes 0 to 1 of the data"},
		"hole":                {file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}`, 0, 0, 0), `bytes 1 to 2 of the data, before tensor "b"`},
		"overlap":             {file(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}`, 0, 0, 0), `"a" and "b" overlap`},
		"same bytes":          {file(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}`, 0, 0), "overlap"},
		"empty inside":        {file(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[0],"data_offsets":[1,1]}}`, 0, 0), "overlap"},
		"digest nonsense":     {file(`{"__metadata__":{"limner.digest":"sha256:00"}}`), "has changed since"},
	} {
		_, err := read(c.b)
		if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v; want %q", name, err, c.says)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: more than one line: %v", name, err)
		}
	}
}

// What is unusual but valid must be read.
func TestAccepts(t *testing.T) {
	for name, b := range map[string][]byte{
		"no padding":      file(`{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}`, 1, 2, 3),
		"padding":         file(`{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}     `, 1, 2, 3),
		"inner spaces":    file("{ \"a\" :\n{\"shape\":[ 3 ],\t\"data_offsets\":[0,3],\"dtype\":\"U8\"}}", 1, 2, 3),
		"data order":      file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[2,3]},"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}`, 1, 2, 3),
		"empty in middle": file(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[0],"data_offsets":[2,2]},"c":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}`, 1, 2, 3),
		"empty at end":    file(`{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"F32","shape":[0,9],"data_offsets":[3,3]}}`, 1, 2, 3),
		"metadata last":   file(`{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"__metadata__":{}}`, 1, 2, 3),
	} {
		if _, err := read(b); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func small(t testing.TB) []byte {
	return mustWrite(t, map[string]*tensor.Tensor{
		"a": tensor.From([]float32{1, 2, 3}, 3),
		"b": tensor.From([]float32{4, 5, 6}, 3, 1),
	}, map[string]string{"family": "gan", "root": "00ff"})
}

func TestEveryCutIsRefused(t *testing.T) {
	b := small(t)
	for n := range b {
		if _, err := read(b[:n]); !errors.Is(err, ErrDamaged) {
			t.Errorf("cut to %d of %d bytes: %v", n, len(b), err)
		}
	}
}

// A flipped bit anywhere must not go unnoticed. In the name of the digest
// itself it takes the digest away, which Digest reports.
func TestEveryFlippedBitIsNoticed(t *testing.T) {
	b := small(t)
	for i := range b {
		for bit := range 8 {
			c := bytes.Clone(b)
			c[i] ^= 1 << bit
			if f, err := read(c); err == nil && f.Digest() != "" {
				t.Errorf("bit %d of byte %d (%q) was not noticed", bit, i, b[i])
			}
		}
	}
}

// Two tensors of one size that trade names leave the header valid.
func TestSwappedRangesAreNoticed(t *testing.T) {
	b := small(t)
	c := bytes.Replace(b, []byte(`[0,12]`), []byte(`[9,99]`), 1)
	c = bytes.Replace(c, []byte(`[12,24]`), []byte(`[0,12] `), 1)
	c = bytes.Replace(c, []byte(`[9,99]`), []byte(`[12,24]`), 1)
	c = append(binary.LittleEndian.AppendUint64(nil, binary.LittleEndian.Uint64(c)+1), c[8:]...)
	_, err := read(c)
	if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "has changed") {
		t.Errorf("%v", err)
	}
}

// Any bytes are either refused as damaged or read back whole.
func FuzzRead(f *testing.F) {
	f.Add(small(f))
	f.Add(file("{}"))
	f.Add(file(`{"h":{"dtype":"F16","shape":[1],"data_offsets":[0,2]},"i":{"dtype":"I64","shape":[],"data_offsets":[2,10]}}`, make([]byte, 10)...))
	f.Add(file(`{"a":{"dtype":"BF16","shape":[0,3],"data_offsets":[0,0]},"__metadata__":{"k":"v"}}  `))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := read(b)
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Fatalf("bytes in memory cannot fail to be read: %v", err)
			}
			return
		}
		tensors := map[string]*tensor.Tensor{}
		for _, in := range file.Infos() {
			got, err := file.Tensor(in.Name)
			if err != nil {
				continue // a type that is no float32
			}
			if !got.Shape.Equal(in.Shape) {
				t.Fatalf("%q: shape %v, header says %v", in.Name, got.Shape, in.Shape)
			}
			tensors[in.Name] = got
		}
		again := mustRead(t, mustWrite(t, tensors, file.Meta()))
		for name, want := range tensors {
			got, err := again.Tensor(name)
			if err != nil || !same(got.Data, want.Data) {
				t.Fatalf("%q did not survive: %v", name, err)
			}
		}
	})
}
