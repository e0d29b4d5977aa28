package decode

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// quarters is w×h pixels: red, green, blue and half-transparent white.
func quarters(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetNRGBA(x, y, []color.NRGBA{{255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}, {255, 255, 255, 128}}[2*y/h*2+2*x/w])
		}
	}
	return m
}

func encoded(t testing.TB, encode func(io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, m image.Image) []byte {
	return encoded(t, func(w io.Writer) error { return png.Encode(w, m) })
}

func same(a, b *image.NRGBA) bool { return a.Rect == b.Rect && bytes.Equal(a.Pix, b.Pix) }

func TestPNG(t *testing.T) {
	want := quarters(20, 12)
	p, err := Bytes(t.Context(), pngOf(t, want), Default())
	if err != nil || p.Format != PNG || !same(p.Image, want) {
		t.Errorf("%v, %v", p.Format, err)
	}
	// Every kind of pixel that a PNG or JPEG decodes into shows the same.
	grey := color.NRGBA{90, 90, 90, 255}
	models := map[string]interface {
		image.Image
		Set(x, y int, c color.Color)
	}{
		"grey": image.NewGray(image.Rect(3, 2, 10, 7)), "grey 16": image.NewGray16(image.Rect(3, 2, 10, 7)),
		"RGBA": image.NewRGBA(image.Rect(3, 2, 10, 7)), "RGBA 16": image.NewRGBA64(image.Rect(3, 2, 10, 7)),
		"NRGBA": image.NewNRGBA(image.Rect(3, 2, 10, 7)), "NRGBA 16": image.NewNRGBA64(image.Rect(3, 2, 10, 7)),
		"palette": image.NewPaletted(image.Rect(3, 2, 10, 7), color.Palette{color.Black, grey}),
	}
	for name, m := range models {
		for y := 2; y < 7; y++ {
			for x := 3; x < 10; x++ {
				m.Set(x, y, grey)
			}
		}
		m.Set(4, 3, color.Black)
		out := straight(m)
		if out.Rect != image.Rect(0, 0, 7, 5) || out.NRGBAAt(2, 1) != grey || out.NRGBAAt(1, 1) != (color.NRGBA{A: 255}) {
			t.Errorf("%s: %v %v %v", name, out.Rect, out.NRGBAAt(2, 1), out.NRGBAAt(1, 1))
		}
	}
	deep := image.NewNRGBA64(image.Rect(0, 0, 1, 1))
	deep.SetNRGBA64(0, 0, color.NRGBA64{0x8000, 0x4000, 0xffff, 0x8000})
	if c := straight(deep).NRGBAAt(0, 0); c != (color.NRGBA{0x80, 0x40, 0xff, 0x80}) {
		t.Errorf("16 bits: %v", c)
	}
}

func TestJPEGUpright(t *testing.T) {
	stored := image.NewGray(image.Rect(0, 0, 48, 32))
	for i := range stored.Pix {
		stored.Pix[i] = [4]uint8{40, 80, 160, 240}[i/48/16*2+i%48/24]
	}
	b := encoded(t, func(w io.Writer) error { return jpeg.Encode(w, stored, &jpeg.Options{Quality: 100}) })
	segment := "Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"
	b = append(append([]byte("\xff\xd8\xff\xe1\x00"), byte(len(segment)+2)), append([]byte(segment), b[2:]...)...)
	p, err := Bytes(t.Context(), b, Default())
	if err != nil || p.Format != JPEG || p.Image.Rect != image.Rect(0, 0, 32, 48) {
		t.Fatalf("%v, %v", p.Format, err)
	}
	// Value 6: row 0 of what is stored is seen at the right.
	for i, want := range []int{160, 40, 240, 80} {
		c := p.Image.NRGBAAt(8+16*(i%2), 12+24*(i/2))
		if d := int(c.R) - want; d < -4 || d > 4 || c.A != 255 {
			t.Errorf("quarter %d is %v, want %d", i, c, want)
		}
	}
}

func TestGIFFirstFrame(t *testing.T) {
	palette := color.Palette{color.NRGBA{255, 0, 0, 255}, color.NRGBA{0, 0, 255, 255}}
	first := image.NewPaletted(image.Rect(2, 1, 6, 4), palette)
	second := image.NewPaletted(image.Rect(0, 0, 8, 6), palette)
	for i := range second.Pix {
		second.Pix[i] = 1
	}
	b := encoded(t, func(w io.Writer) error {
		return gif.EncodeAll(w, &gif.GIF{Image: []*image.Paletted{first, second}, Delay: []int{1, 1}, Config: image.Config{Width: 8, Height: 6, ColorModel: palette}})
	})
	p, err := Bytes(t.Context(), b, Default())
	if err != nil || p.Image.Rect != image.Rect(0, 0, 8, 6) {
		t.Fatalf("%v", err)
	}
	for y := range 6 {
		for x := range 8 {
			want := color.NRGBA{}
			if image.Pt(x, y).In(first.Rect) {
				want = color.NRGBA{255, 0, 0, 255}
			}
			if got := p.Image.NRGBAAt(x, y); got != want {
				t.Fatalf("(%d, %d) is %v, want %v", x, y, got, want)
			}
		}
	}
}

// losslessWebP is a picture of one colour: five Huffman codes of one symbol
// each, so that the pixels take no bits (RFC 9649, 3).
func losslessWebP(w, h int, c color.NRGBA) []byte {
	var bits []byte
	n := 0
	put := func(v uint32, width int) {
		for i := range width {
			if n%8 == 0 {
				bits = append(bits, 0)
			}
			bits[n/8] |= byte(v>>i&1) << (n % 8)
			n++
		}
	}
	put(0x2f, 8)
	put(uint32(w-1), 14)
	put(uint32(h-1), 14)
	put(1, 1) // alpha is used
	put(0, 3) // version
	put(0, 3) // no transform, no colour cache, no meta prefix codes
	for _, symbol := range []byte{c.G, c.R, c.B, c.A, 0} {
		put(1, 1) // a simple code
		put(0, 1) // of one symbol
		put(1, 1) // of eight bits
		put(uint32(symbol), 8)
	}
	for len(bits)%2 != 0 {
		bits = append(bits, 0)
	}
	return riff(chunk("VP8L", bits))
}

func chunk(name string, body []byte) []byte {
	return append(binary.LittleEndian.AppendUint32([]byte(name), uint32(len(body))), body...)
}

func riff(chunks ...[]byte) []byte {
	body := append([]byte("WEBP"), bytes.Join(chunks, nil)...)
	return chunk("RIFF", body)
}

func TestWebP(t *testing.T) {
	c := color.NRGBA{10, 120, 250, 77}
	p, err := Bytes(t.Context(), losslessWebP(9, 7, c), Default())
	if err != nil || p.Format != WebP || p.Image.Rect != image.Rect(0, 0, 9, 7) || p.Image.NRGBAAt(8, 6) != c {
		t.Errorf("%v, %v", p.Format, err)
	}
	// A canvas of 1×1 that promises little, a frame of 16384×16384.
	canvas := chunk("VP8X", []byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	frame := chunk("VP8L", []byte{0x2f, 0xff, 0xff, 0xff, 0x0f, 0})
	if _, err := Bytes(t.Context(), riff(canvas, frame), Default()); KindOf(err) != TooLarge {
		t.Errorf("a large frame on a small canvas: %v", err)
	}
	canvas[8] = 2
	if _, err := Bytes(t.Context(), riff(canvas, chunk("ANIM", make([]byte, 6))), Default()); KindOf(err) != Unsupported {
		t.Errorf("animated: %v", err)
	}
}

func TestSVG(t *testing.T) {
	l := Default()
	l.Vector = 40
	for _, before := range []string{"", "\ufeff \n", "<?xml version='1.0'?>\n<!-- a drawing -->"} {
		p, err := Read(t.Context(), strings.NewReader(before+`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 2"><rect width="2" height="2" fill="#0af"/></svg>`), l)
		if err != nil || p.Format != SVG || p.Image.Rect != image.Rect(0, 0, 40, 20) || p.Image.NRGBAAt(10, 10) != (color.NRGBA{0, 0xaa, 0xff, 255}) || p.Image.NRGBAAt(30, 10).A != 0 {
			t.Errorf("%q: %v", before, err)
		}
	}
}

// bomb is a small PNG that promises w×h pixels of one bit each.
func bomb(w, h uint32) []byte {
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	z.Write(make([]byte, 1<<20)) // the first rows; no decoder comes further
	z.Close()
	out := []byte("\x89PNG\r\n\x1a\n")
	for _, c := range []struct {
		name string
		body []byte
	}{
		{"IHDR", append(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h), 1, 0, 0, 0, 0)},
		{"IDAT", packed.Bytes()}, {"IEND", nil},
	} {
		out = binary.BigEndian.AppendUint32(out, uint32(len(c.body)))
		named := append([]byte(c.name), c.body...)
		out = binary.BigEndian.AppendUint32(append(out, named...), crc32.ChecksumIEEE(named))
	}
	return out
}

func TestRefused(t *testing.T) {
	small := func(change func(*Limits)) Limits {
		l := Default()
		change(&l)
		return l
	}
	whole := pngOf(t, quarters(64, 64))
	photo := encoded(t, func(w io.Writer) error { return jpeg.Encode(w, quarters(64, 64), nil) })
	for name, c := range map[string]struct {
		file []byte
		l    Limits
		want Kind
		says string
	}{
		"empty":         {nil, Default(), Damaged, "empty"},
		"words":         {[]byte("a picture, honestly"), Default(), Unsupported, "neither PNG"},
		"TIFF":          {[]byte("II*\x00\x08\x00\x00\x00"), Default(), Unsupported, "neither PNG"},
		"HTML":          {[]byte("<!DOCTYPE html><html></html>"), Default(), Unsupported, "<html>"},
		"cut PNG":       {whole[:len(whole)/2], Default(), Damaged, "PNG"},
		"cut JPEG":      {photo[:len(photo)/2], Default(), Damaged, "cut off"},
		"cut header":    {whole[:20], Default(), Damaged, "PNG"},
		"flipped bit":   {append(append(bytes.Clone(whole[:60]), whole[60]^1), whole[61:]...), Default(), Damaged, "PNG"},
		"cut WebP":      {losslessWebP(9, 7, color.NRGBA{1, 2, 3, 4})[:26], Default(), Damaged, "WebP"},
		"cut GIF":       {[]byte("GIF89a\x08\x00\x08\x00\x00\x00\x00,"), Default(), Damaged, "GIF"},
		"bytes":         {whole, small(func(l *Limits) { l.Bytes = 100 }), TooLarge, "100 bytes"},
		"pixels":        {whole, small(func(l *Limits) { l.Pixels = 64*64 - 1 }), TooLarge, "64×64"},
		"memory":        {whole, small(func(l *Limits) { l.Memory = 10_000 }), TooLarge, "10000 bytes to decode"},
		"ratio":         {pngOf(t, quarters(64, 2)), Default(), TooLarge, "20 to 1"},
		"bomb":          {bomb(50_000, 50_000), Default(), TooLarge, "50000×50000"},
		"largest":       {bomb(1<<31-1, 1<<31-1), Default(), "", "PNG"},
		"time":          {whole, small(func(l *Limits) { l.Time = 1 }), TooSlow, "1ns"},
		"SVG too large": {[]byte("<svg/>"), small(func(l *Limits) { l.Pixels = 1000 }), TooLarge, "512"},
	} {
		p, err := Bytes(t.Context(), c.file, c.l)
		kind := KindOf(err)
		if p.Image != nil || kind == "" || c.want != "" && kind != c.want || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %q, %v", name, kind, err)
		}
	}
	if _, err := Bytes(t.Context(), whole, small(func(l *Limits) { l.Pixels, l.Bytes = 64*64, int64(len(whole)) })); err != nil {
		t.Errorf("just within the limits: %v", err)
	}
}

// What the caller or the disk does is not the picture's fault.
func TestNotThePicture(t *testing.T) {
	whole := pngOf(t, quarters(8, 8))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Bytes(ctx, whole, Default()); !errors.Is(err, context.Canceled) || KindOf(err) != "" {
		t.Errorf("cancelled: %v", err)
	}
	broken := errors.New("disk on fire")
	if _, err := Read(t.Context(), iotest.ErrReader(broken), Default()); !errors.Is(err, broken) || KindOf(err) != "" {
		t.Errorf("broken: %v", err)
	}
	l := Default()
	l.Bytes = 1000
	if _, err := Read(t.Context(), io.MultiReader(bytes.NewReader(make([]byte, 1001)), iotest.ErrReader(broken)), l); KindOf(err) != TooLarge {
		t.Errorf("read beyond the limit: %v", err)
	}
}

// The clock stops a decoder at its next read, be the file ever so long.
func TestInterrupted(t *testing.T) {
	stop, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	r := &interruptible{ctx: stop, r: iotest.OneByteReader(neverEnding{})}
	begin := time.Now()
	if _, err := io.Copy(io.Discard, r); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) > 10*time.Second {
		t.Errorf("%v", err)
	}
}

type neverEnding struct{}

func (neverEnding) Read(p []byte) (int, error) { return len(p), nil }

func FuzzBytes(f *testing.F) {
	f.Add(pngOf(f, quarters(5, 4)))
	f.Add(losslessWebP(3, 2, color.NRGBA{1, 2, 3, 4}))
	f.Add(encoded(f, func(w io.Writer) error { return jpeg.Encode(w, quarters(16, 16), nil) }))
	f.Add(encoded(f, func(w io.Writer) error { return gif.Encode(w, quarters(6, 6), nil) }))
	f.Add([]byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 2"><path d="M0 0h9"/></svg>`))
	l := Limits{Bytes: 1 << 16, Pixels: 1 << 16, Ratio: 10, Memory: 1 << 22, Time: 10 * time.Second, Vector: 16}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := Bytes(context.Background(), b, l)
		if err != nil {
			if KindOf(err) == "" {
				t.Errorf("not typed: %v", err)
			}
			return
		}
		r := p.Image.Rect
		if r.Min != (image.Point{}) || r.Dx()*r.Dy() > 1<<16 || len(p.Image.Pix) != 4*r.Dx()*r.Dy() {
			t.Errorf("%v", r)
		}
	})
}
