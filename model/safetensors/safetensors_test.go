package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/engine/tensor"
)

// file builds a safetensors file from the text of a header and data bytes.
func file(header string, data ...byte) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), data...)
}

func read(b []byte) (*File, error) { return Read(bytes.NewReader(b), int64(len(b))) }

func mustRead(t *testing.T, b []byte) *File {
	t.Helper()
	f, err := read(b)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func mustWrite(t testing.TB, tensors map[string]*tensor.Tensor, meta map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, tensors, meta); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func same(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
}

// The bytes below were put together by hand from the format's description and
// binary32; the digest by hashing the parts that digest's comment lists.
func TestWriteMatchesBytesByHand(t *testing.T) {
	got := mustWrite(t, map[string]*tensor.Tensor{
		"w": tensor.From([]float32{1, -2, 0.5}, 1, 3),
		"b": tensor.Scalar(float32(math.Inf(1))),
	}, map[string]string{"family": "vae"})
	header := `{"__metadata__":{"family":"vae","limner.digest":"sha256:` + digestByHand + `"},` +
		`"b":{"dtype":"F32","shape":[],"data_offsets":[0,4]},` +
		`"w":{"dtype":"F32","shape":[1,3],"data_offsets":[4,16]}}`
	for len(header)%8 != 0 {
		header += " "
	}
	want := file(header,
		0x00, 0x00, 0x80, 0x7f, // +Inf
		0x00, 0x00, 0x80, 0x3f, // 1
		0x00, 0x00, 0x00, 0xc0, // -2
		0x00, 0x00, 0x00, 0x3f) // 0.5
	if !bytes.Equal(got, want) {
		t.Errorf("wrote\n%q, want\n%q", got, want)
	}
}

const digestByHand = "89f614d012f697b97662ca38e3319713fda56e648d265a5689ba1ece0c2bb4ea"

func TestRoundTrip(t *testing.T) {
	long := tensor.New(chunk/4+3, 2) // more than one chunk, not a multiple of it
	for i := range long.Data {
		long.Data[i] = float32(i) - 1e4
	}
	in := map[string]*tensor.Tensor{
		"long":          long,
		"empty":         tensor.New(4, 0),
		"scalar":        tensor.Scalar(float32(math.NaN())),
		"odd <&> \"\\ü": tensor.From([]float32{math.MaxFloat32, math.SmallestNonzeroFloat32, float32(math.Copysign(0, -1))}, 3),
	}
	meta := map[string]string{"config": "{\"width\": 4}\n\u2028", "": ""}
	b := mustWrite(t, in, meta)
	if n := binary.LittleEndian.Uint64(b); n%8 != 0 {
		t.Errorf("data begin at %d, which is no multiple of 8", 8+n)
	}
	f := mustRead(t, b)
	if !maps.Equal(f.Meta(), meta) {
		t.Errorf("metadata %q, want %q", f.Meta(), meta)
	}
	if !strings.HasPrefix(f.Digest(), "sha256:") {
		t.Errorf("digest %q", f.Digest())
	}
	out, err := f.Tensors()
	if err != nil || len(out) != len(in) {
		t.Fatalf("%d tensors, %v", len(out), err)
	}
	for name, want := range in {
		if got := out[name]; !got.Shape.Equal(want.Shape) || !same(got.Data, want.Data) {
			t.Errorf("%q came back different", name)
		}
	}
	if again := mustWrite(t, out, f.Meta()); !bytes.Equal(again, b) {
		t.Error("writing the same content again gave other bytes")
	}
}

func TestNothing(t *testing.T) {
	f := mustRead(t, mustWrite(t, nil, nil))
	if len(f.Infos()) != 0 || len(f.Meta()) != 0 {
		t.Errorf("%v %v", f.Infos(), f.Meta())
	}
	mustRead(t, file("{}"))
}

func TestInfo(t *testing.T) {
	f := mustRead(t, mustWrite(t, map[string]*tensor.Tensor{"b": tensor.New(2), "a": tensor.New(1, 1)}, nil))
	in, ok := f.Info("b")
	if !ok || in.Name != "b" || in.Dtype != F32 || !in.Shape.Equal(tensor.S(2)) || in.Begin != 4 || in.End != 12 {
		t.Errorf("%+v %v", in, ok)
	}
	for _, name := range []string{"", "aa", "c"} {
		if _, ok := f.Info(name); ok {
			t.Errorf("there is no tensor %q", name)
		}
		if _, err := f.Tensor(name); err == nil || errors.Is(err, ErrDamaged) {
			t.Errorf("tensor %q: %v", name, err)
		}
	}
	if infos := f.Infos(); len(infos) != 2 || infos[0].Name != "a" {
		t.Errorf("%v", infos)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

func TestHalfPrecision(t *testing.T) {
	// binary16 and bfloat16 of 1, -2, the smallest subnormal, the largest
	// finite value, -0, -Inf.
	f := mustRead(t, file(`{"h":{"dtype":"F16","shape":[6],"data_offsets":[0,12]},"b":{"dtype":"BF16","shape":[2,3],"data_offsets":[12,24]}}`,
		0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00, 0xff, 0x7b, 0x00, 0x80, 0x00, 0xfc,
		0x80, 0x3f, 0x00, 0xc0, 0x01, 0x00, 0x7f, 0x7f, 0x00, 0x80, 0x80, 0xff))
	minus0, minusInf := float32(math.Copysign(0, -1)), float32(math.Inf(-1))
	h, err := f.Tensor("h")
	if err != nil || !same(h.Data, []float32{1, -2, 0x1p-24, 65504, minus0, minusInf}) {
		t.Errorf("F16: %v %v", h, err)
	}
	b, err := f.Tensor("b")
	if err != nil || !same(b.Data, []float32{1, -2, 0x1p-133, 0x1.fep127, minus0, minusInf}) || !b.Shape.Equal(tensor.S(2, 3)) {
		t.Errorf("BF16: %v %v", b, err)
	}
	if v := fromHalf(0x7e01); v == v {
		t.Errorf("a NaN became %v", v)
	}
}

// Every finite binary16 against its definition, (-1)^s × 2^(e-15) × 1.f.
func TestFromHalf(t *testing.T) {
	for h := range 1 << 16 {
		exp, frac := h>>10&31, float64(h&1023)/1024
		var want float64
		switch exp {
		case 31:
			continue
		case 0:
			want = math.Ldexp(frac, -14)
		default:
			want = math.Ldexp(1+frac, exp-15)
		}
		if h>>15 == 1 {
			want = -want
		}
		if got := fromHalf(uint16(h)); float64(got) != want || math.Signbit(float64(got)) != (h>>15 == 1) {
			t.Fatalf("%#04x is %v, want %v", h, got, want)
		}
	}
}

// Written by Python; see testdata/make.py.
func TestReadsPython(t *testing.T) {
	f, err := Open(filepath.Join("testdata", "python.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if m := f.Meta(); m["made"] != "by numpy" || f.Digest() != "" {
		t.Errorf("metadata %v, digest %q", m, f.Digest())
	}
	for name, want := range map[string]*tensor.Tensor{
		"conv.weight": tensor.From([]float32{0, 0.25, 0.5, 0.75, 1, 1.25}, 1, 2, 3),
		"half":        tensor.From([]float32{1.5, -0x1.998p-4, 65504}, 3), // -0.1 rounded to 11 bits
		"scalar":      tensor.Scalar(3.25),
		"none":        tensor.New(0, 7),
	} {
		got, err := f.Tensor(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if !got.Shape.Equal(want.Shape) || !same(got.Data, want.Data) {
			t.Errorf("%s = %v %v, want %v %v", name, got.Shape, got.Data, want.Shape, want.Data)
		}
	}
	if _, err := f.Tensor("steps"); err == nil || !strings.Contains(err.Error(), "is I64") {
		t.Errorf("an integer tensor: %v", err)
	}
	if _, err := f.Tensors(); err == nil {
		t.Error("Tensors must not leave out what it cannot read")
	}
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "m.safetensors")
	b := mustWrite(t, map[string]*tensor.Tensor{"a": tensor.From([]float32{1, 2}, 2)}, nil)
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if a, err := f.Tensor("a"); err != nil || !same(a.Data, []float32{1, 2}) {
		t.Errorf("%v %v", a, err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if _, err := f.Tensor("a"); err == nil {
		t.Error("read after Close")
	}
	if err := os.WriteFile(path, b[:len(b)-1], 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); !errors.Is(err, ErrDamaged) || !strings.HasPrefix(err.Error(), path+": ") || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v", err)
	}
	if _, err := Open(filepath.Join(dir, "no")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
	if _, err := Open(dir); err == nil || errors.Is(err, ErrDamaged) {
		t.Errorf("a directory: %v", err)
	}
}

type brokenDisk struct {
	b    []byte
	from int64
}

func (d brokenDisk) ReadAt(p []byte, at int64) (int, error) {
	if at+int64(len(p)) > d.from {
		return 0, io.ErrClosedPipe
	}
	return copy(p, d.b[at:]), nil
}

func TestReadErrorIsNotDamage(t *testing.T) {
	b := mustWrite(t, map[string]*tensor.Tensor{"a": tensor.New(2)}, nil)
	for _, from := range []int64{4, 20, int64(len(b)) - 4} {
		_, err := Read(brokenDisk{b, from}, int64(len(b)))
		if !errors.Is(err, io.ErrClosedPipe) || errors.Is(err, ErrDamaged) {
			t.Errorf("failing at %d: %v", from, err)
		}
	}
	if _, err := Read(bytes.NewReader(b), int64(len(b))+8); err == nil {
		t.Error("a reader shorter than said was accepted")
	}
}

func TestWriteRefuses(t *testing.T) {
	ok := tensor.New(1)
	for name, c := range map[string]struct {
		tensors map[string]*tensor.Tensor
		meta    map[string]string
		says    string
	}{
		"reserved": {map[string]*tensor.Tensor{"__metadata__": ok}, nil, "cannot be the name"},
		"nil":      {map[string]*tensor.Tensor{"a": nil}, nil, `"a" is nil`},
		"name":     {map[string]*tensor.Tensor{"a\xff": ok}, nil, "not UTF-8"},
		"key":      {nil, map[string]string{"a\xff": ""}, "not UTF-8"},
		"value":    {nil, map[string]string{"a": "\xff"}, "not UTF-8"},
		"shape":    {map[string]*tensor.Tensor{"a": {Shape: tensor.S(2), Data: make([]float32, 3)}}, nil, "3 values for shape [2]"},
		"negative": {map[string]*tensor.Tensor{"a": {Shape: tensor.S(-1, -1), Data: make([]float32, 1)}}, nil, "negative"},
		"rank":     {map[string]*tensor.Tensor{"a": {Shape: slices.Repeat(tensor.S(1), 65), Data: make([]float32, 1)}}, nil, "65 axes"},
	} {
		var b bytes.Buffer
		err := Write(&b, c.tensors, c.meta)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
		if b.Len() > 0 {
			t.Errorf("%s: %d bytes were written before the refusal", name, b.Len())
		}
	}
}

type fullAfter int

func (n *fullAfter) Write(p []byte) (int, error) {
	if *n -= fullAfter(len(p)); *n < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

func TestWriteErrorsAreReturned(t *testing.T) {
	for _, room := range []fullAfter{0, 300} { // in the header, in the data
		err := Write(&room, map[string]*tensor.Tensor{"a": tensor.New(200)}, nil)
		if !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("%v", err)
		}
	}
}

// bfloat16 by the definition: of the two neighbours the nearer, in the middle
// the one with an even last bit.
func TestWriteBfloat16(t *testing.T) {
	values := tensor.New(chunk/2 + 3) // more than one chunk
	p := tensor.Philox{Seed: 4}
	p.Normal(values.Data, 0)
	special := []float32{
		0, float32(math.Copysign(0, -1)), 1, math.MaxFloat32, -math.MaxFloat32, float32(math.Inf(1)), float32(math.NaN()),
		math.Float32frombits(0x3f808000), math.Float32frombits(0x3f818000), math.Float32frombits(0x3f808001), math.Float32frombits(0x7f800001), math.SmallestNonzeroFloat32,
	}
	copy(values.Data, special)
	var b bytes.Buffer
	if err := WriteAs(&b, BF16, map[string]*tensor.Tensor{"a": values, "b": tensor.Scalar(2)}, map[string]string{"k": "v"}); err != nil {
		t.Fatal(err)
	}
	f := mustRead(t, b.Bytes())
	if in, _ := f.Info("a"); in.Dtype != BF16 || in.End != int64(2*len(values.Data)) || f.Digest() == "" {
		t.Errorf("%+v, digest %q", in, f.Digest())
	}
	got, err := f.Tensor("a")
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range values.Data {
		g := got.Data[i]
		if v != v {
			if g == g {
				t.Errorf("NaN became %v", g)
			}
			continue
		}
		below := math.Float32frombits(math.Float32bits(v) &^ 0xffff)
		above := math.Float32frombits(math.Float32bits(below) + 0x10000)
		exact := func(x float32) float64 { // as if exponents had no end
			if math.IsInf(float64(x), 0) && !math.IsInf(float64(v), 0) {
				return math.Copysign(math.Ldexp(1, 128), float64(x))
			}
			return float64(x)
		}
		down, up := math.Abs(exact(below)-float64(v)), math.Abs(exact(above)-float64(v))
		want := below
		if below != v && (up < down || up == down && math.Float32bits(below)&0x10000 != 0) {
			want = above
		}
		if math.Float32bits(g) != math.Float32bits(want) {
			t.Fatalf("%v (%x) became %v, want %v", v, math.Float32bits(v), g, want)
		}
	}
	if err := WriteAs(&b, F16, nil, nil); err == nil {
		t.Error("F16 was written")
	}
}
