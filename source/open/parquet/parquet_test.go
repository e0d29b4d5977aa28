package parquet

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"strings"
	"testing"

	reference "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
)

// sample is written by another library, as what is read here must be.
type sample struct {
	Image struct {
		Bytes []byte  `parquet:"bytes,optional,plain"`
		Path  *string `parquet:"path,optional,dict"`
	} `parquet:"image,optional"`
	Text     string   `parquet:"text,dict"`
	Captions []string `parquet:"captions,plain"`
	Label    int64    `parquet:"label"`
}

func samples(n int) []sample {
	r := rand.New(rand.NewPCG(1, 2))
	all := make([]sample, n)
	for i := range all {
		s := &all[i]
		s.Text = fmt.Sprint("word ", r.IntN(5))
		for range r.IntN(4) {
			s.Captions = append(s.Captions, fmt.Sprint("caption ", r.IntN(1000)))
		}
		if r.IntN(5) > 0 {
			s.Image.Bytes = bytes.Repeat([]byte{byte(i)}, 1+r.IntN(300))
		}
		if r.IntN(3) > 0 {
			path := fmt.Sprintf("%d.png", i)
			s.Image.Path = &path
		}
		s.Label = int64(i)
	}
	return all
}

func encode(t testing.TB, all []sample, options ...reference.WriterOption) []byte {
	t.Helper()
	var b bytes.Buffer
	w := reference.NewGenericWriter[sample](&b, options...)
	for len(all) > 0 {
		n := min(len(all), 70)
		if _, err := w.Write(all[:n]); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil { // a row group
			t.Fatal(err)
		}
		all = all[n:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func open(data []byte) (*File, error) {
	return Open(bytes.NewReader(data), int64(len(data)), DefaultLimits())
}

var all4 = []string{"image.bytes", "image.path", "text", "captions"}

// check reads the file and compares it with what was written.
func check(t *testing.T, name string, data []byte, want []sample) {
	t.Helper()
	f, err := open(data)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if f.Rows != int64(len(want)) {
		t.Errorf("%s: %d rows", name, f.Rows)
	}
	n := 0
	for row, err := range f.Read(t.Context(), all4...) {
		if err != nil {
			t.Errorf("%s: row %d: %v", name, n, err)
			return
		}
		w := want[n]
		one := func(b []byte) (v [][]byte) {
			if b != nil {
				v = [][]byte{b}
			}
			return v
		}
		var path, captions [][]byte
		if w.Image.Path != nil {
			path = one([]byte(*w.Image.Path))
		}
		for _, c := range w.Captions {
			captions = append(captions, []byte(c))
		}
		expected := [][][]byte{one(w.Image.Bytes), path, one([]byte(w.Text)), captions}
		for i := range expected {
			if len(expected[i])+len(row.Values[i]) > 0 && !reflect.DeepEqual(expected[i], row.Values[i]) {
				t.Fatalf("%s: row %d, column %s: got %q, want %q", name, n, all4[i], row.Values[i], expected[i])
			}
		}
		if row.Number != int64(n) {
			t.Errorf("%s: row %d is numbered %d", name, n, row.Number)
		}
		n++
	}
	if n != len(want) {
		t.Errorf("%s: %d rows of %d", name, n, len(want))
	}
}

func TestRead(t *testing.T) {
	want := samples(200)
	for name, codec := range map[string]compress.Codec{
		"plain": &reference.Uncompressed, "snappy": &reference.Snappy, "gzip": &reference.Gzip, "zstd": &reference.Zstd,
	} {
		for version := 1; version <= 2; version++ {
			for _, page := range []int{64, 1 << 20} {
				data := encode(t, want, reference.Compression(codec), reference.DataPageVersion(version), reference.PageBufferSize(page), reference.DataPageStatistics(true))
				check(t, fmt.Sprintf("%s, version %d, pages of %d", name, version, page), data, want)
			}
		}
	}
	check(t, "no rows", encode(t, nil), nil)
}

func TestDescription(t *testing.T) {
	data := encode(t, samples(3), reference.KeyValueMetadata("huggingface", `{"info":{}}`))
	f, err := open(data)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range f.Columns {
		names = append(names, fmt.Sprint(c.Name, c.Bytes))
	}
	if want := []string{"image.bytestrue", "image.pathtrue", "texttrue", "captionstrue", "labelfalse"}; !reflect.DeepEqual(names, want) {
		t.Errorf("columns %q, want %q", names, want)
	}
	if f.Meta["huggingface"] != `{"info":{}}` {
		t.Errorf("notes %q", f.Meta)
	}
	for _, name := range []string{"label", "nothing"} {
		for _, err := range f.Read(t.Context(), name) {
			if err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// read goes through a file, whatever it is, and tells how it ended.
func read(data []byte, l Limits) error {
	f, err := Open(bytes.NewReader(data), int64(len(data)), l)
	if err != nil {
		return err
	}
	for _, c := range f.Columns {
		if !c.Bytes {
			continue
		}
		for _, err := range f.Read(context.Background(), c.Name) {
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func TestDamaged(t *testing.T) {
	data := encode(t, samples(50), reference.Compression(&reference.Snappy))
	for name, bad := range map[string][]byte{
		"empty":  {},
		"short":  []byte("PAR1PAR1"),
		"cut":    data[:len(data)/2],
		"behind": data[1:],
		"footer": append(append([]byte("PAR1"), 0xff, 0xff, 0xff, 0x7f), magic...),
	} {
		if err := read(bad, DefaultLimits()); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	encrypted := append(bytes.Clone(data[:len(data)-4]), "PARE"...)
	if err := read(encrypted, DefaultLimits()); !errors.Is(err, ErrUnsupported) {
		t.Errorf("encrypted: %v", err)
	}
	if err := read(encode(t, samples(5), reference.Compression(&reference.Brotli)), DefaultLimits()); !errors.Is(err, ErrUnsupported) {
		t.Errorf("brotli: %v", err)
	}
}

func TestLimits(t *testing.T) {
	data := encode(t, samples(50))
	for name, change := range map[string]func(*Limits){
		"footer": func(l *Limits) { l.Footer = 100 },
		"page":   func(l *Limits) { l.Page = 100 },
		"rows":   func(l *Limits) { l.Rows = 49 },
		"lists":  func(l *Limits) { l.Lists = 2 },
	} {
		l := DefaultLimits()
		change(&l)
		if err := read(data, l); !errors.Is(err, ErrUnsupported) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAllBytesChanged damages each byte of a file: reading it must end, without
// much memory, in an error or in rows.
func TestAllBytesChanged(t *testing.T) {
	data := encode(t, samples(6), reference.Compression(&reference.Snappy), reference.PageBufferSize(64))
	var before, after runtime.MemStats
	for i := range data {
		for _, x := range []byte{0xff, 0x80, 0x01} {
			bad := bytes.Clone(data)
			bad[i] ^= x
			runtime.ReadMemStats(&before)
			_ = read(bad, DefaultLimits())
			runtime.ReadMemStats(&after)
			if used := after.TotalAlloc - before.TotalAlloc; used > 16<<20 {
				t.Fatalf("byte %d ^ %#x of %d: %d MiB for a file of %d bytes", i, x, len(data), used>>20, len(data))
			}
		}
	}
}

// TestBombs holds pages against the sizes that they declare.
func TestBombs(t *testing.T) {
	zeros := make([]byte, 10<<20)
	for name, codec := range map[int64]compress.Codec{snappyCodec: &reference.Snappy, gzipCodec: &reference.Gzip, zstdCodec: &reference.Zstd} {
		packed, err := codec.Encode(nil, zeros)
		if err != nil {
			t.Fatal(err)
		}
		u := unpacker{codec: name}
		defer u.close()
		for _, size := range []int64{0, 100, 10<<20 - 1, 10<<20 + 1} {
			if _, err := u.unpack(packed, size); err == nil {
				t.Errorf("codec %d: 10 MiB pass for %d bytes", name, size)
			}
		}
		if got, err := u.unpack(packed, 10<<20); err != nil || !bytes.Equal(got, zeros) {
			t.Errorf("codec %d: %v", name, err)
		}
	}
	// Snappy says first how much memory it wants: here 200 MiB, for five bytes.
	claim := append(binary.AppendUvarint(nil, 200<<20), 0)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	u := unpacker{codec: snappyCodec}
	if _, err := u.unpack(claim, 200<<20); err == nil {
		t.Error("an empty snappy block passes for 200 MiB")
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("it took %d MiB", used>>20)
	}
}

// TestManyElements is a description of a million row groups of a byte each.
func TestManyElements(t *testing.T) {
	const n = 1 << 20
	text := append([]byte{4<<4 | typeList, 0xf0 | typeStruct}, binary.AppendUvarint(nil, n)...)
	text = append(text, make([]byte, n+1)...)
	data := append([]byte(magic), text...)
	data = binary.LittleEndian.AppendUint32(data, uint32(len(text)))
	data = append(data, magic...)
	if _, err := open(data); err == nil || !strings.Contains(err.Error(), "1048576 elements") {
		t.Errorf("got %v", err)
	}
	deep := append(bytes.Repeat([]byte{9<<4 | typeStruct}, 100_000), 0)
	data = append([]byte(magic), deep...)
	data = binary.LittleEndian.AppendUint32(data, uint32(len(deep)))
	if _, err := open(append(data, magic...)); err == nil || !strings.Contains(err.Error(), "too deeply") {
		t.Errorf("got %v", err)
	}
}

func TestHybrid(t *testing.T) {
	for name, c := range map[string]struct {
		b     []byte
		width uint
		want  []uint32
	}{
		// The specification's own example: 0 to 7 in three bits.
		"packed":      {[]byte{0x03, 0x88, 0xc6, 0xfa}, 3, []uint32{0, 1, 2, 3, 4, 5, 6, 7}},
		"run":         {[]byte{5 << 1, 9}, 4, []uint32{9, 9, 9, 9, 9}},
		"wide run":    {[]byte{2 << 1, 0x34, 0x12}, 16, []uint32{0x1234, 0x1234}},
		"run, packed": {[]byte{1 << 1, 1, 0x03, 0b10101010}, 1, []uint32{1, 0, 1, 0, 1, 0, 1, 0, 1}},
	} {
		h := newHybrid(c.b, c.width)
		for i, want := range c.want {
			if got, err := h.next(); err != nil || got != want {
				t.Errorf("%s: value %d is %d, %v; want %d", name, i, got, err, want)
			}
		}
		if _, err := h.next(); err == nil {
			t.Errorf("%s: no end", name)
		}
	}
	if got, err := newHybrid(nil, 0).next(); got != 0 || err != nil {
		t.Errorf("no bits: %d, %v", got, err)
	}
	endless := newHybrid(append(binary.AppendUvarint(nil, 1<<39), 1), 1)
	for range 1000 {
		if _, err := endless.next(); err != nil {
			t.Fatal(err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(encode(f, samples(2), reference.Compression(&reference.Snappy)))
	f.Add(encode(f, samples(3), reference.DataPageVersion(1), reference.Compression(&reference.Gzip)))
	f.Add(encode(f, nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		_ = read(data, Limits{Footer: 1 << 16, Page: 1 << 20, Rows: 1000, Lists: 100})
	})
}
