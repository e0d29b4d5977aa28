package carrier

import (
	"bytes"
	"compress/zlib"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"github.com/HugoSmits86/nativewebp"
	"golang.org/x/image/webp"
)

func files(t testing.TB) map[Format][]byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, 13, 7))
	for i := range 13 * 7 {
		m.Set(i%13, i/13, color.NRGBA{uint8(2 * i), 30, 40, uint8(255 - i)})
	}
	var p, j, w bytes.Buffer
	for _, err := range []error{png.Encode(&p, m), jpeg.Encode(&j, m, nil), nativewebp.Encode(&w, m, nil)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return map[Format][]byte{PNG: p.Bytes(), JPEG: j.Bytes(), WebP: w.Bytes()}
}

func pixels(t testing.TB, f Format, file []byte) image.Image {
	t.Helper()
	decode := map[Format]func([]byte) (image.Image, error){
		PNG:  func(b []byte) (image.Image, error) { return png.Decode(bytes.NewReader(b)) },
		JPEG: func(b []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(b)) },
		WebP: func(b []byte) (image.Image, error) { return webp.Decode(bytes.NewReader(b)) },
	}[f]
	m, err := decode(file)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func same(a, b image.Image) bool {
	if a.Bounds() != b.Bounds() {
		return false
	}
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			if color.NRGBAModel.Convert(a.At(x, y)) != color.NRGBAModel.Convert(b.At(x, y)) {
				return false
			}
		}
	}
	return true
}

func TestXMPIsPutAndReplaced(t *testing.T) {
	for f, file := range files(t) {
		if p, err := XMP(file); p != nil || err != nil {
			t.Fatal(f, err)
		}
		for _, packet := range []string{"first", "a longer second", "3"} {
			var err error
			before := file
			if file, err = SetXMP(file, []byte(packet)); err != nil {
				t.Fatal(f, err)
			}
			if got, err := XMP(file); err != nil || string(got) != packet {
				t.Errorf("%s: %q %v", f, got, err)
			}
			if !same(pixels(t, f, before), pixels(t, f, file)) {
				t.Errorf("%s: the picture changed", f)
			}
		}
		if bytes.Contains(file, []byte("first")) || bytes.Contains(file, []byte("second")) {
			t.Errorf("%s: earlier packets are still there", f)
		}
	}
}

func TestStoreIsFramedAndTakenOut(t *testing.T) {
	for _, size := range []int{30, 65_509, 65_510, 65_517, 65_518, 131_034, 131_035, 300_000} {
		store := append([]byte("\x00\x00\x00\x00jumb\x00\x00\x00\x00jumdc2pa"), bytes.Repeat([]byte{7}, size-20)...)
		for f, file := range files(t) {
			if f == WebP { // of the extended form, as it has to be
				var err error
				if file, err = SetXMP(file, nil); err != nil {
					t.Fatal(err)
				}
			}
			bare, at, err := Room(file)
			if err != nil || !bytes.Equal(bare, file) {
				t.Fatal(f, err)
			}
			frame := Frame(f, store)
			around := Around(f, bare, len(frame))
			full := bytes.Join([][]byte{around[:at], frame, around[at:]}, nil)
			got, r, err := Store(full)
			if err != nil || !bytes.Equal(got, store) || r != (Range{at, len(frame)}) {
				t.Errorf("%s, %d bytes: %v %v", f, size, r, err)
			}
			if !same(pixels(t, f, file), pixels(t, f, full)) {
				t.Errorf("%s: the picture changed", f)
			}
			if bare, _, err = Room(full); err != nil || !bytes.Equal(bare, file) {
				t.Errorf("%s: taking out leaves another file: %v", f, err)
			}
			more := Around(f, full, len(frame))
			twice := bytes.Join([][]byte{more[:at], frame, more[at:]}, nil)
			if _, _, err := Store(twice); err == nil {
				t.Errorf("%s: two stores are taken", f)
			}
		}
	}
}

// JFIF and Exif come first; XMP and the store after them.
func TestJPEGOrder(t *testing.T) {
	plain := files(t)[JPEG]
	jfif := segment("\xE0", []byte("JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"))
	exif := segment("\xE1", []byte("Exif\x00\x00II*\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00"))
	file := bytes.Join([][]byte{plain[:2], jfif, exif, plain[2:]}, nil)
	file, err := SetXMP(file, []byte("packet"))
	if err != nil {
		t.Fatal(err)
	}
	head := len(jfif) + len(exif) + 2
	if !bytes.HasPrefix(file[2:], append(jfif, exif...)) || !bytes.HasPrefix(file[head+4:], []byte("http://ns.adobe.com")) {
		t.Error("XMP is not after JFIF and Exif")
	}
	if _, at, err := Room(file); err != nil || at <= head {
		t.Errorf("the store goes to %d: %v", at, err)
	}
}

// A simple WebP file with a store is an extended one of the same picture.
func TestSimpleWebPIsExtended(t *testing.T) {
	file := files(t)[WebP]
	bare, at, err := Room(file)
	if err != nil || at != len(bare) || string(bare[12:16]) != "VP8X" || bare[20] != flagAlpha {
		t.Fatalf("%q, %d of %d: %v", bare[:21], at, len(bare), err)
	}
	if !same(pixels(t, WebP, file), pixels(t, WebP, bare)) {
		t.Error("the picture changed")
	}
	// What lies behind the end of the file is no part of it.
	if more, _, err := Room(append(bytes.Clone(file), "junk"...)); err != nil || !bytes.Equal(more, bare) {
		t.Errorf("with bytes behind its end: %v", err)
	}
	frame := Frame(WebP, []byte("store"))
	full := append(append(Around(WebP, bare, len(frame)), frame...), "junk"...)
	if less, _, err := Room(full); err != nil || !bytes.Equal(less, bare) {
		t.Errorf("with a store and bytes behind its end: %v", err)
	}
}

func TestSegmentsOfAStoreMustBeWhole(t *testing.T) {
	store := append([]byte("\x00\x00\x00\x00jumb\x00\x00\x00\x00jumdc2pa"), make([]byte, 200_000)...)
	file := files(t)[JPEG]
	frame := jpegSegments(store)
	const whole = 2 + 0xFFFF
	for name, broken := range map[string][]byte{
		"a gap":      bytes.Join([][]byte{frame[:whole], frame[2*whole:]}, nil),
		"order":      bytes.Join([][]byte{frame[:whole], frame[2*whole : 3*whole], frame[whole : 2*whole], frame[3*whole:]}, nil),
		"apart":      bytes.Join([][]byte{frame[:whole], segment("\xFE", []byte("comment")), frame[whole:]}, nil),
		"no store":   segment(app11, []byte("JP\x00\x01\x00\x00\x00\x01"), []byte("\x00\x00\x00\x10jumbother content of length")),
		"not JUMBF":  segment(app11, []byte("something else that is long enough")),
		"too little": segment(app11, []byte("JP")),
	} {
		got, _, err := Store(bytes.Join([][]byte{file[:2], broken, file[2:]}, nil))
		if foreign := strings.Contains("no store not JUMBF too little", name); got != nil || (err == nil) != foreign {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
}

func TestPackedXMP(t *testing.T) {
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	w.Write([]byte("packed text"))
	w.Close()
	file := files(t)[PNG]
	put := func(data string) []byte {
		return bytes.Join([][]byte{file[:33], pngChunk("iTXt", []byte(xmpKeyword+data)), file[33:]}, nil)
	}
	if got, err := XMP(put("\x01\x00\x00\x00" + z.String())); err != nil || string(got) != "packed text" {
		t.Errorf("%q %v", got, err)
	}
	z.Reset()
	w.Reset(&z)
	w.Write(make([]byte, MaxXMP+1))
	w.Close()
	for name, data := range map[string]string{"bomb": "\x01\x00\x00\x00" + z.String(), "garbage": "\x01\x00\x00\x00garbage", "cut": "\x00", "no end": "\x00\x00en"} {
		if _, err := XMP(put(data)); err == nil {
			t.Error(name, "is read")
		}
	}
	two, err := SetXMP(file, []byte("one"))
	if err != nil {
		t.Fatal(err)
	}
	two = bytes.Join([][]byte{two[:33], pngXMPChunk([]byte("two")), two[33:]}, nil)
	if _, err := XMP(two); err == nil {
		t.Error("two packets are read")
	}
	if _, err := SetXMP(files(t)[JPEG], make([]byte, 70_000)); err == nil {
		t.Error("a packet that no segment holds is put")
	}
}

func TestCutFiles(t *testing.T) {
	for f, file := range files(t) {
		end := len(file)
		if f == JPEG { // walked up to the scan only
			end = bytes.Index(file, []byte{0xFF, 0xDA}) + 1
		}
		for n := range end {
			if out, err := SetXMP(file[:n], []byte("x")); err == nil {
				t.Fatalf("%s: %d of %d bytes give %d", f, n, len(file), len(out))
			}
		}
	}
}

func FuzzParts(f *testing.F) {
	for format, file := range files(f) {
		f.Add(file)
		marked, err := SetXMP(file, []byte("packet"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(marked)
		if format != WebP {
			f.Add(append(append(file[:2:2], Frame(format, []byte("\x00\x00\x00\x14jumb\x00\x00\x00\x0cjumdc2pa"))...), file[2:]...))
		}
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		XMP(file)
		out, err := SetXMP(file, []byte("mine"))
		if err == nil {
			if got, err := XMP(out); err != nil || string(got) != "mine" {
				t.Errorf("%q %v", got, err)
			}
		}
		store, r, err := Store(file)
		if err == nil && store != nil && (r.Start < 0 || r.End() > len(file)) {
			t.Errorf("the store lies at %v of %d", r, len(file))
		}
		if bare, at, err := Room(file); err == nil && at > len(bare) {
			t.Errorf("room at %d of %d", at, len(bare))
		}
	})
}
