package canvas

import (
	"bytes"
	"context"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func filled(w, h int, at func(x, y int) color.NRGBA) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetNRGBA(x, y, at(x, y))
		}
	}
	return m
}

func noise(w, h int) *image.NRGBA {
	v := uint32(7)
	return filled(w, h, func(int, int) color.NRGBA {
		v = v*1664525 + 1013904223
		return color.NRGBA{uint8(v >> 8), uint8(v >> 16), uint8(v >> 24), 255}
	})
}

// written puts what encode writes into a file.
func written(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func asPNG(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// redCMYK is a JPEG of 8×8 red pixels in four inks (ITU-T T.81, annex B): one
// block each of which only the mean is coded, stored inverted as Adobe does.
func redCMYK() []byte {
	b := []byte("\xff\xd8\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00\xff\xdb\x00\x43\x00")
	b = append(b, bytes.Repeat([]byte{8}, 64)...)                         // a mean of 1 is a level of 1
	b = append(b, 0xff, 0xc0, 0, 20, 8, 0, 8, 0, 8, 4)                    // baseline, 8 bits, 8×8, 4 inks
	b = append(b, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0)         //
	b = append(b, 0xff, 0xc4, 0, 21, 0x00, 1, 1)                          // means: 0 is a number of 7 bits, 10 one of 8
	b = append(append(b, make([]byte, 14)...), 7, 8)                      //
	b = append(b, 0xff, 0xc4, 0, 20, 0x10, 1)                             // the rest: 0 is the end
	b = append(append(b, make([]byte, 15)...), 0)                         //
	b = append(b, 0xff, 0xda, 0, 14, 4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0) //
	// C and K +127, which is no ink; M and Y −128: all of it.
	bits := "0" + "1111111" + "0" + "10" + "01111111" + "0" + "10" + "01111111" + "0" + "0" + "1111111" + "0"
	for len(bits)%8 != 0 {
		bits += "1"
	}
	for i := 0; i < len(bits); i += 8 {
		v, _ := strconv.ParseUint(bits[i:i+8], 2, 8)
		if b = append(b, byte(v)); v == 0xff {
			b = append(b, 0)
		}
	}
	return append(b, 0xff, 0xd9)
}

func TestModes(t *testing.T) {
	want := color.NRGBA{200, 100, 50, 255}
	var jpg, anim bytes.Buffer
	if err := jpeg.Encode(&jpg, filled(16, 16, func(int, int) color.NRGBA { return want }), &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	frame := func(c color.Color) *image.Paletted {
		return image.NewPaletted(image.Rect(0, 0, 4, 4), color.Palette{c})
	}
	if err := gif.EncodeAll(&anim, &gif.GIF{Image: []*image.Paletted{frame(want), frame(color.Black)}, Delay: []int{1, 1}}); err != nil {
		t.Fatal(err)
	}
	deep := image.NewNRGBA64(image.Rect(0, 0, 4, 4))
	half := image.NewNRGBA(image.Rect(0, 0, 4, 4))
	grey := image.NewGray16(image.Rect(0, 0, 4, 4))
	for i := range 16 {
		deep.SetNRGBA64(i%4, i/4, color.NRGBA64{200 * 0x101, 100 * 0x101, 50 * 0x101, 0xffff})
		half.SetNRGBA(i%4, i/4, color.NRGBA{200, 100, 50, 128})
		grey.SetGray16(i%4, i/4, color.Gray16{100 * 0x101})
	}
	for name, c := range map[string]struct {
		file []byte
		want color.NRGBA
		by   int
	}{
		"16 bits":   {asPNG(t, deep), want, 0},
		"alpha":     {asPNG(t, half), color.NRGBA{200, 100, 50, 128}, 0},
		"grey 16":   {asPNG(t, grey), color.NRGBA{100, 100, 100, 255}, 0},
		"palette":   {asPNG(t, frame(want)), want, 0},
		"first GIF": {anim.Bytes(), want, 0},
		"YCbCr":     {jpg.Bytes(), want, 3},
		"CMYK":      {redCMYK(), color.NRGBA{255, 0, 0, 255}, 0},
	} {
		m, err := Read(context.Background(), written(t, "wrong.txt", c.file))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := m.NRGBAAt(1, 1)
		for _, d := range []int{int(got.R) - int(c.want.R), int(got.G) - int(c.want.G), int(got.B) - int(c.want.B), int(got.A) - int(c.want.A)} {
			if max(d, -d) > c.by {
				t.Errorf("%s: %v, want %v", name, got, c.want)
				break
			}
		}
	}
}

// turned puts an orientation into a JPEG.
func turned(b []byte, orientation uint16) []byte {
	tiff := []byte("II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00")
	tiff = binary.LittleEndian.AppendUint16(tiff, orientation)
	tiff = append(tiff, 0, 0)
	segment := append([]byte("Exif\x00\x00"), tiff...)
	out := append([]byte{0xff, 0xd8, 0xff, 0xe1, 0, byte(len(segment) + 2)}, segment...)
	return append(out, b[2:]...)
}

func TestOrientations(t *testing.T) {
	// Stored 32 wide and 16 high, quadrants 40 and 80 above 160 and 240.
	stored := image.NewGray(image.Rect(0, 0, 32, 16))
	for i := range stored.Pix {
		stored.Pix[i] = [4]uint8{40, 80, 160, 240}[i/32/8*2+i%32/16]
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, stored, &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	// Exif 2.32, table 5: where the first row and the first column of what
	// is stored are to be seen. Read off: the upright quadrants.
	for o, want := range map[uint16][4]uint8{
		1: {40, 80, 160, 240}, 2: {80, 40, 240, 160}, 3: {240, 160, 80, 40}, 4: {160, 240, 40, 80},
		5: {40, 160, 80, 240}, 6: {160, 40, 240, 80}, 7: {240, 80, 160, 40}, 8: {80, 240, 40, 160},
	} {
		m, err := Read(context.Background(), written(t, "x.jpg", turned(b.Bytes(), o)))
		if err != nil {
			t.Fatal(err)
		}
		extent := image.Pt(32, 16)
		if o > 4 {
			extent = image.Pt(16, 32)
		}
		if m.Rect.Size() != extent {
			t.Errorf("orientation %d is %v, want %v", o, m.Rect.Size(), extent)
			continue
		}
		p, err := Place(extent, image.Pt(8, 8), Stretch, nil)
		if err != nil {
			t.Fatal(err)
		}
		x, err := Tensor(p.Draw(m, nil), 1)
		if err != nil {
			t.Fatal(err)
		}
		for k, at := range []int{1*8 + 1, 1*8 + 6, 6*8 + 1, 6*8 + 6} {
			if got := x.Data[at] * 255; got < float32(want[k])-4 || got > float32(want[k])+4 {
				t.Errorf("orientation %d: quadrant %d is %v, want %d", o, k, got, want[k])
			}
		}
	}
}

func TestWhatIsRefused(t *testing.T) {
	dir := t.TempDir()
	good := asPNG(t, noise(9, 9))
	// A header that promises pixels that are not there.
	promised := func(w, h uint32) []byte {
		b := slices.Clone(good)
		binary.BigEndian.PutUint32(b[16:], w)
		binary.BigEndian.PutUint32(b[20:], h)
		binary.BigEndian.PutUint32(b[29:], crc(b[12:29]))
		return b
	}
	locked := written(t, "locked.png", good)
	if err := os.Chmod(locked, 0); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "none.png"): "no such file",
		dir:                            "it is a folder",
		written(t, "cut.png", good[:len(good)/2]):            "damaged PNG",
		written(t, "empty.png", nil):                         "empty",
		written(t, "text.png", []byte("hello, world")):       "neither PNG",
		written(t, "wide.png", promised(40000, 40000)):       "40000×40000 pixels are more than 67108864; make it smaller",
		written(t, "thin.png", promised(40000, 100)):         "more than 64 to 1",
		written(t, "vast.png", promised(1<<31-1, 1<<31-1)):   "",
		written(t, "none2.png", promised(0, 9)):              "",
		written(t, "long.png", promised(40000, 1200)):        "",
		written(t, "damaged.png", append(good[:60], 1, 2)):   "",
		written(t, "header.jpg", []byte("\xff\xd8\xff\xe0")): "cut off",
		locked: "permission denied",
	} {
		if path == locked && (os.Getuid() == 0 || runtime.GOOS == "windows") {
			continue // root reads everything, and Windows knows no such mode
		}
		_, err := Read(context.Background(), path)
		if err == nil {
			t.Errorf("%s was read", path)
			continue
		}
		if s := err.Error(); !strings.Contains(s, want) || !strings.HasPrefix(s, path+": ") || strings.Contains(s, "\n") || strings.Count(s, path) != 1 {
			t.Errorf("%q is not one line with %q", err, want)
		}
	}
}

func TestFits(t *testing.T) {
	all := func(w, h int) image.Rectangle { return image.Rect(0, 0, w, h) }
	margins := func(s string) *Margins {
		m, err := ParseMargins(s)
		if err != nil {
			t.Fatal(err)
		}
		return &m
	}
	for _, c := range []struct {
		w, h       int
		fit        Fit
		margins    *Margins
		cw, ch     int
		from, onto image.Rectangle
	}{
		{30, 10, Crop, nil, 8, 8, image.Rect(10, 0, 20, 10), all(8, 8)},
		{10, 30, Crop, nil, 8, 8, image.Rect(0, 10, 10, 20), all(8, 8)},
		{30, 10, Pad, nil, 9, 9, all(30, 10), image.Rect(0, 3, 9, 6)},
		{10, 30, Pad, nil, 9, 9, all(10, 30), image.Rect(3, 0, 6, 9)},
		{30, 10, Stretch, nil, 8, 8, all(30, 10), all(8, 8)},
		{8, 8, Crop, nil, 8, 8, all(8, 8), all(8, 8)},
		{1, 1, Pad, nil, 64, 64, all(1, 1), all(64, 64)},
		{40000, 1, Pad, nil, 64, 64, all(40000, 1), image.Rect(0, 32, 64, 33)},
		{40000, 1, Crop, nil, 64, 64, image.Rect(19999, 0, 20000, 1), all(64, 64)},
		{40, 20, Crop, nil, 16, 8, all(40, 20), all(16, 8)},
		{20, 20, Crop, nil, 16, 8, image.Rect(0, 5, 20, 15), all(16, 8)},
		{20, 20, Pad, nil, 16, 8, all(20, 20), image.Rect(4, 0, 12, 8)},
		{16, 16, Crop, margins("8,8,16,0"), 32, 32, all(16, 16), image.Rect(8, 16, 24, 32)},
		{16, 16, Crop, margins("50%"), 32, 32, all(16, 16), image.Rect(8, 8, 24, 24)},
		{16, 16, Stretch, margins("100%,0,0,0"), 32, 32, all(16, 16), image.Rect(16, 8, 32, 24)},
		{32, 16, Crop, margins("0"), 32, 32, all(32, 16), image.Rect(0, 8, 32, 24)},
		{16, 16, Crop, margins("65536,0,0,0"), 32, 32, all(16, 16), image.Rect(31, 16, 32, 17)},
	} {
		p, err := Place(image.Pt(c.w, c.h), image.Pt(c.cw, c.ch), c.fit, c.margins)
		if err != nil || p.From != c.from || p.Onto != c.onto {
			t.Errorf("%d×%d by %s %v on %d×%d: %v onto %v, %v; want %v onto %v", c.w, c.h, c.fit, c.margins, c.cw, c.ch, p.From, p.Onto, err, c.from, c.onto)
		}
	}
	if _, err := Place(image.Pt(3, 3), image.Pt(3, 3), "squeeze", nil); err == nil || !strings.Contains(err.Error(), "crop, pad or stretch") {
		t.Error(err)
	}
	for _, bad := range []string{"", "a", "1,2", "1,2,3", "1,2,3,4,5", "-1", "NaN", "1e9", "Inf%", "1700%", "1,,1,1"} {
		if _, err := ParseMargins(bad); err == nil {
			t.Errorf("the margins %q were taken", bad)
		}
	}
}

// Every fit of every extent stays inside picture and canvas.
func FuzzPlace(f *testing.F) {
	f.Add(uint16(1), uint16(40000), uint8(1), uint8(64), "1,2,3%,0", uint8(0))
	f.Fuzz(func(t *testing.T, w, h uint16, cw, ch uint8, margins string, fit uint8) {
		m, err := ParseMargins(margins)
		given := &m
		if err != nil {
			given = nil
		}
		p, err := Place(image.Pt(int(w), int(h)), image.Pt(int(cw), int(ch)), []Fit{Crop, Pad, Stretch}[fit%3], given)
		if err != nil {
			return
		}
		if p.From.Empty() || p.Onto.Empty() || !p.From.In(image.Rectangle{Max: p.Source}) || !p.Onto.In(image.Rectangle{Max: p.Canvas}) {
			t.Fatalf("%d×%d on %d×%d, %+v: %v onto %v", w, h, cw, ch, m, p.From, p.Onto)
		}
	})
}
