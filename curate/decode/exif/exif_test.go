package exif

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// jpegWith is the beginning of a JPEG with an APP0 segment and then EXIF of two
// entries, the second the orientation.
func jpegWith(order binary.AppendByteOrder, orientation uint16) []byte {
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
	return append(append(out, segment...), 0xff, 0xda)
}

func TestOrientation(t *testing.T) {
	for o := range uint16(12) {
		want := int(o)
		if o < 1 || o > 8 {
			want = 1
		}
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			whole := jpegWith(order, o)
			if got := Orientation(bytes.NewReader(whole)); got != want {
				t.Errorf("%v, %d: %d", order, o, got)
			}
			for n := range len(whole) - 6 { // before the value ends
				if got := Orientation(bytes.NewReader(whole[:n])); got != 1 {
					t.Errorf("%v, %d, first %d bytes: %d", order, o, n, got)
				}
			}
		}
	}
}

// A stored picture of three columns and two rows,
//
//	a b c
//	d e f
//
// and what Exif 2.32, 4.6.4 says is to be seen: for each value, where the
// stored row 0 and column 0 lie.
func TestStored(t *testing.T) {
	const stored = "abcdef"
	for o, want := range map[int]string{
		1: "abc def",  // top, left
		2: "cba fed",  // top, right
		3: "fed cba",  // bottom, right
		4: "def abc",  // bottom, left
		5: "ad be cf", // left, top
		6: "da eb fc", // right, top
		7: "fc eb da", // right, bottom
		8: "cf be ad", // left, bottom
	} {
		w, h := 3, 2
		if Swaps(o) {
			w, h = h, w
		}
		got := ""
		for y := range h {
			if y > 0 {
				got += " "
			}
			for x := range w {
				sx, sy := Stored(o, x, y, 3, 2)
				got += stored[sy*3+sx:][:1]
			}
		}
		if got != want {
			t.Errorf("orientation %d shows %q, want %q", o, got, want)
		}
	}
}

func FuzzOrientation(f *testing.F) {
	f.Add(jpegWith(binary.LittleEndian, 6))
	f.Add(jpegWith(binary.BigEndian, 3)[:30])
	f.Add([]byte{0xff, 0xd8, 0xff, 0xe1, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		if o := Orientation(bytes.NewReader(b)); o < 1 || o > 8 {
			t.Errorf("orientation %d", o)
		}
	})
}
