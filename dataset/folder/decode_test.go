package folder

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"path/filepath"
	"strings"
	"testing"
)

func crc(b []byte) uint32 { return crc32.ChecksumIEEE(b) }

// pixels decodes a file of the given bytes.
func pixels(t *testing.T, b []byte, l look) []uint8 {
	t.Helper()
	dir := t.TempDir()
	put(t, dir, "x", b)
	dst := make([]uint8, l.length())
	if err := decode(dst, filepath.Join(dir, "x"), l); err != nil {
		t.Fatal(err)
	}
	return dst
}

func near(a, b uint8, by int) bool { return max(int(a)-int(b), int(b)-int(a)) <= by }

func TestCentreAndScale(t *testing.T) {
	// Red, green and blue thirds: the central square is green.
	m := image.NewNRGBA(image.Rect(0, 0, 30, 10))
	for y := range 10 {
		for x := range 30 {
			m.Set(x, y, []color.NRGBA{{255, 0, 0, 255}, {0, 200, 0, 255}, {0, 0, 255, 255}}[x/10])
		}
	}
	for _, size := range []int{4, 10, 23} {
		for k, v := range pixels(t, encode(m), look{size: size, channels: 3}) {
			if want := [3]uint8{0, 200, 0}[k%3]; !near(v, want, 1) {
				t.Fatalf("size %d: value %d is %d", size, k, v)
			}
		}
	}
	// A fine check shrinks to its mean instead of aliasing.
	fine := image.NewGray(image.Rect(0, 0, 120, 120))
	for i := range fine.Pix {
		fine.Pix[i] = uint8(255 * ((i%120 + i/120) % 2))
	}
	for _, v := range pixels(t, encode(fine), look{size: 11, channels: 1}) {
		if !near(v, 128, 12) {
			t.Fatalf("a fine check shrinks to %d", v)
		}
	}
}

func TestAlphaAndGrey(t *testing.T) {
	half := solid(4, 4, color.NRGBA{255, 0, 0, 128})
	l := look{size: 2, channels: 3, background: [3]uint8{0, 100, 255}}
	if p := pixels(t, half, l); !near(p[0], 128, 1) || !near(p[1], 50, 1) || !near(p[2], 127, 1) {
		t.Errorf("half red over the background is %v", p[:3])
	}
	clear := solid(4, 4, color.NRGBA{9, 9, 9, 0})
	if p := pixels(t, clear, l); [3]uint8(p[:3]) != l.background {
		t.Errorf("nothing over the background is %v", p[:3])
	}
	l.channels = 4
	if p := pixels(t, half, l); !near(p[0], 255, 1) || p[1] != 0 || p[2] != 0 || p[3] != 128 {
		t.Errorf("half red with its alpha is %v", p[:4])
	}
	if p := pixels(t, clear, l); [4]uint8(p[:4]) != [4]uint8{} {
		t.Errorf("nothing with its alpha is %v", p[:4])
	}
	l.channels = 1
	for c, want := range map[color.NRGBA]uint8{
		{255, 0, 0, 255}: 76, {0, 255, 0, 255}: 150, {0, 0, 255, 255}: 29, {255, 255, 255, 255}: 255, {77, 77, 77, 255}: 77,
	} {
		if p := pixels(t, solid(3, 3, c), l); p[0] != want {
			t.Errorf("%v in grey is %d, want %d", c, p[0], want)
		}
	}
}

// losslessWebP is a picture of one colour: five Huffman codes of one symbol
// each, so that the pixels take no bits (WebP lossless bitstream
// specification, 3 and 6).
func losslessWebP(w, h int, c color.NRGBA) []byte {
	var bits []byte
	var n uint
	put := func(v, width uint) {
		for i := range width {
			if n%8 == 0 {
				bits = append(bits, 0)
			}
			bits[n/8] |= byte(v>>i&1) << (n % 8)
			n++
		}
	}
	put(0x2f, 8)
	put(uint(w-1), 14)
	put(uint(h-1), 14)
	put(1, 1) // alpha is used
	put(0, 3) // version
	put(0, 3) // no transform, no colour cache, one group of codes
	for _, v := range []uint8{c.G, c.R, c.B, c.A} {
		put(0b101, 3) // simple code, one symbol, of eight bits
		put(uint(v), 8)
	}
	put(0b0001, 4) // distances: simple code, one symbol, of one bit, 0
	if len(bits)%2 == 1 {
		bits = append(bits, 0)
	}
	b := append([]byte("RIFF"), binary.LittleEndian.AppendUint32(nil, uint32(12+len(bits)))...)
	b = append(b, "WEBPVP8L"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(bits)))
	return append(b, bits...)
}

func TestWebP(t *testing.T) {
	p := pixels(t, losslessWebP(9, 7, color.NRGBA{10, 120, 250, 255}), look{size: 3, channels: 3})
	if [3]uint8(p[:3]) != [3]uint8{10, 120, 250} {
		t.Errorf("WebP is %v", p[:3])
	}
}

// turned puts an orientation into a JPEG.
func turned(b []byte, order binary.AppendByteOrder, orientation uint16) []byte {
	tiff := []byte("II*\x00")
	if order == binary.BigEndian {
		tiff = []byte("MM\x00*")
	}
	tiff = order.AppendUint32(tiff, 8)
	tiff = order.AppendUint16(tiff, 2)
	for _, e := range [][2]uint16{{0x010f, 7}, {0x0112, orientation}} {
		tiff = order.AppendUint16(tiff, e[0])
		tiff = order.AppendUint16(tiff, 3) // SHORT
		tiff = order.AppendUint32(tiff, 1)
		tiff = order.AppendUint16(tiff, e[1])
		tiff = append(tiff, 0, 0)
	}
	segment := append([]byte("Exif\x00\x00"), tiff...)
	out := append([]byte{0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xe1}, 0, byte(len(segment)+2))
	return append(append(out, segment...), b[2:]...)
}

func TestOrientation(t *testing.T) {
	// Stored: four quadrants of grey, 40 and 80 above 160 and 240.
	stored := image.NewGray(image.Rect(0, 0, 32, 32))
	for i := range stored.Pix {
		stored.Pix[i] = [4]uint8{40, 80, 160, 240}[i/32/16*2+i%32/16]
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, stored, &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	// Exif 2.32, table 5: where the first row and the first column of what
	// is stored are to be seen. Read off: the upright quadrants.
	upright := map[uint16][4]uint8{
		1: {40, 80, 160, 240}, // top, left
		2: {80, 40, 240, 160}, // top, right
		3: {240, 160, 80, 40}, // bottom, right
		4: {160, 240, 40, 80}, // bottom, left
		5: {40, 160, 80, 240}, // left, top
		6: {160, 40, 240, 80}, // right, top
		7: {240, 80, 160, 40}, // right, bottom
		8: {80, 240, 40, 160}, // left, bottom
		9: {40, 80, 160, 240}, // no such value
	}
	for o, want := range upright {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			p := pixels(t, turned(b.Bytes(), order, o), look{size: 8, channels: 1})
			got := [4]uint8{p[1*8+1], p[1*8+6], p[6*8+1], p[6*8+6]}
			for k := range got {
				if !near(got[k], want[k], 4) {
					t.Errorf("orientation %d, %v: %v, want %v", o, order, got, want)
					break
				}
			}
		}
	}
	if p := pixels(t, b.Bytes(), look{size: 8, channels: 1}); !near(p[0], 40, 4) {
		t.Errorf("without EXIF: %d", p[0])
	}
}

func TestDecode(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "x.png", solid(9, 5, color.NRGBA{255, 51, 0, 255}))
	put(t, dir, "y.png", []byte("text"))
	p, err := Decode(filepath.Join(dir, "x.png"), 2, 3)
	if err != nil || len(p) != 12 || p[0] != 1 || p[1] != 0.2 || p[2] != 0 {
		t.Errorf("%v, %v", p, err)
	}
	for name, size := range map[string]int{"x.png": 0, "y.png": 2, "z.png": 2} {
		if _, err := Decode(filepath.Join(dir, name), size, 1); err == nil || !strings.Contains(err.Error(), name+": ") {
			t.Errorf("%s at size %d: %v", name, size, err)
		}
	}
}
