package mark

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// textured is a picture with room for a watermark.
func textured() *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for y := range 64 {
		for x := range 64 {
			v := 128 + 60*math.Sin(float64(x)/5)*math.Cos(float64(y)/7) + 10*math.Sin(float64(x*y)/11)
			m.SetNRGBA(x, y, color.NRGBA{uint8(v), uint8(v / 2), uint8(255 - v), 255})
		}
	}
	return m
}

func TestWatermarksCarryTheID(t *testing.T) {
	dir := t.TempDir()
	keep(t, dir, watermarkFile, bytes.Repeat([]byte("4f"), 32)) // always the same, so that the test is
	m, err := Open(Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	id, plain := about().ID, textured()
	marked, err := m.Pixels(plain, id)
	if err != nil || bytes.Equal(marked.Pix, plain.Pix) || !bytes.Equal(plain.Pix, textured().Pix) {
		t.Fatal("the picture has no watermark, or the original was changed", err)
	}
	again, err := m.Pixels(plain, id)
	if err != nil || !bytes.Equal(again.Pix, marked.Pix) {
		t.Error("a second time gives other pixels", err)
	}
	r, err := FindWatermark(m.options.Dir, marked)
	if err != nil || !r.Found || !r.HasID || r.ID != id.Short() {
		t.Errorf("%+v %v", r, err)
	}
	if r, err := FindWatermark(m.options.Dir, plain); err != nil || r.Found {
		t.Errorf("found where there is none: %+v %v", r, err)
	}
	// Who has another key finds nothing, who has none is told, and a key that was
	// replaced still counts.
	other := open(t)
	if r, err := FindWatermark(other.options.Dir, marked); err != nil || r.Found {
		t.Errorf("%+v %v", r, err)
	}
	if _, err := FindWatermark(filepath.Join(t.TempDir(), "none"), marked); !errors.Is(err, ErrNoKey) {
		t.Error(err)
	}
	if err := ImportWatermarkKey(m.options.Dir, filepath.Join(other.options.Dir, watermarkFile)); err != nil {
		t.Fatal(err)
	}
	if r, err := FindWatermark(m.options.Dir, marked); err != nil || !r.HasID || r.ID != id.Short() {
		t.Errorf("after an import: %+v %v", r, err)
	}
	if err := os.WriteFile(filepath.Join(m.options.Dir, watermarkFile), []byte("cut"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := FindWatermark(m.options.Dir, marked); err == nil {
		t.Error("a broken key is taken")
	}
}

// A picture without room stays as it is, and is no error.
func TestPicturesWithoutRoom(t *testing.T) {
	m := open(t)
	for _, plain := range []*image.NRGBA{image.NewNRGBA(image.Rect(0, 0, 8, 8)), image.NewNRGBA(image.Rect(0, 0, 64, 64))} {
		if out, err := m.Pixels(plain, ID{1}); err != nil || !bytes.Equal(out.Pix, plain.Pix) {
			t.Error(err)
		}
	}
	if _, err := m.Pixels(image.NewNRGBA(image.Rectangle{}), ID{1}); err == nil {
		t.Error("an empty picture has a watermark")
	}
}

func BenchmarkSeal(b *testing.B) {
	m, file, a := open(b), files(b)["image/png"], about()
	for b.Loop() {
		seal(b, m, file, a)
	}
}

func BenchmarkRead(b *testing.B) {
	m := open(b)
	file := seal(b, m, files(b)["image/png"], about())
	for b.Loop() {
		readBack(b, file, m.Trust())
	}
}

func BenchmarkPixels(b *testing.B) {
	m, p := open(b), textured()
	for b.Loop() {
		if _, err := m.Pixels(p, ID{1}); err != nil {
			b.Fatal(err)
		}
	}
}
