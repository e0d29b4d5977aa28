package grid

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/limner-ai/limner/engine/tensor"
)

func grayAt(img image.Image, x, y int) uint8 {
	return color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y
}

func TestLevel(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, c := range []struct {
		v            float32
		unit, signed uint8
	}{
		{0, 0, 128}, {1, 255, 255}, {0.5, 128, 191}, {-1, 0, 0}, {-0.5, 0, 64}, {2, 255, 255}, {-2, 0, 0},
		{inf, 255, 255}, {-inf, 0, 0}, {nan, 0, 0}, {1.0 / 255, 1, 128}, {254.4 / 255, 254, 255},
	} {
		if got := level(c.v, Unit); got != c.unit {
			t.Errorf("unit %v: %d, want %d", c.v, got, c.unit)
		}
		if got := level(c.v, Signed); got != c.signed {
			t.Errorf("signed %v: %d, want %d", c.v, got, c.signed)
		}
	}
}

// Three gray pictures of 2×1 pixels, enlarged twice, in two columns: every
// pixel is compared with the layout written out.
func TestGrayLayout(t *testing.T) {
	pics := tensor.From([]float32{0, 0.2, 0.4, 0.6, 0.8, float32(math.NaN())}, 3, 1, 2, 1)
	var b bytes.Buffer
	if err := Encode(&b, pics, Options{Columns: 2, Scale: 2, Margin: 1}); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	g, ok := img.(*image.Gray)
	if !ok {
		t.Fatalf("a %T, want a gray PNG", img)
	}
	const p = paper
	want := [][]uint8{
		{p, p, p, p, p, p, p, p, p, p, p},
		{p, 0, 0, 51, 51, p, 102, 102, 153, 153, p},
		{p, 0, 0, 51, 51, p, 102, 102, 153, 153, p},
		{p, p, p, p, p, p, p, p, p, p, p},
		{p, 204, 204, 0, 0, p, p, p, p, p, p},
		{p, 204, 204, 0, 0, p, p, p, p, p, p},
		{p, p, p, p, p, p, p, p, p, p, p},
	}
	if g.Rect != image.Rect(0, 0, 11, 7) {
		t.Fatalf("size %v", g.Rect)
	}
	for y, row := range want {
		if got := g.Pix[y*g.Stride:][:11]; !bytes.Equal(got, row) {
			t.Errorf("row %d: %v, want %v", y, got, row)
		}
	}
}

func TestColour(t *testing.T) {
	pics := tensor.From([]float32{1, -1, 0, -1, 0, 1}, 1, 1, 2, 3)
	var b bytes.Buffer
	if err := Encode(&b, pics, Options{Range: Signed, Margin: -1}); err != nil {
		t.Fatal(err)
	}
	if kind := b.Bytes()[25]; kind != 2 { // colour type of the header chunk
		t.Errorf("PNG colour type %d, want 2: RGB without alpha", kind)
	}
	img, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	if img.Bounds() != image.Rect(0, 0, 2, 1) {
		t.Fatalf("size %v", img.Bounds())
	}
	if img.At(0, 0) != (color.RGBA{255, 0, 128, 255}) || img.At(1, 0) != (color.RGBA{0, 128, 255, 255}) {
		t.Errorf("%v %v", img.At(0, 0), img.At(1, 0))
	}
}

// Straight alpha lies over a chessboard whose squares are 8 pixels wide.
func TestTransparent(t *testing.T) {
	pics := tensor.New(1, 1, 10, 4)
	copy(pics.Data, []float32{1, 0, 0, 1, 1, 0, 0, .5, 1, 0, 0, 0})
	pics.Data[9*4+3], pics.Data[9*4] = .5, 1
	img, err := Draw(pics, Options{Margin: -1})
	if err != nil {
		t.Fatal(err)
	}
	for x, want := range map[int]color.RGBA{
		0: {255, 0, 0, 255}, 1: {255, 127, 127, 255}, 2: {255, 255, 255, 255}, 8: {216, 216, 216, 255}, 9: {236, 108, 108, 255},
	} {
		if got := img.At(x, 0).(color.RGBA); got != want {
			t.Errorf("pixel %d is %v, want %v", x, got, want)
		}
	}
	if _, ok := img.(*image.RGBA); !ok {
		t.Errorf("%T", img)
	}
}

func TestColumns(t *testing.T) {
	for _, c := range []struct {
		n      int
		o      Options
		across int
		down   int
	}{
		{1, Options{}, 1, 1},
		{5, Options{}, 3, 2},
		{64, Options{}, 8, 8},
		{5, Options{Columns: 100}, 5, 1},
		{6, Options{Columns: 1}, 1, 6},
	} {
		img, err := Draw(tensor.New(c.n, 4, 3, 1), c.o)
		if err != nil {
			t.Fatal(err)
		}
		if want := image.Rect(0, 0, c.across*5+2, c.down*6+2); img.Bounds() != want {
			t.Errorf("%d pictures, %+v: %v, want %v", c.n, c.o, img.Bounds(), want)
		}
	}
}

// inked reports whether anything dark lies in the rectangle.
func inked(img image.Image, r image.Rectangle) bool {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if grayAt(img, x, y) < paper/2 {
				return true
			}
		}
	}
	return false
}

func TestLabels(t *testing.T) {
	white := func(c int) *tensor.Tensor {
		pics := tensor.New(6, 24, 24, c)
		for i := range pics.Data {
			pics.Data[i] = 1
		}
		return pics
	}
	for _, channels := range []int{1, 3} {
		img, err := Draw(white(channels), Options{Labels: []string{"ankle boot", "", "bag"}})
		if err != nil {
			t.Fatal(err)
		}
		pics := 2*26 + 2 // two columns, as there are three labels
		left := img.Bounds().Dx() - pics
		if img.Bounds().Dy() != 3*26+2 || left < 40 {
			t.Fatalf("size %v", img.Bounds())
		}
		for line, want := range []bool{true, false, true} {
			if got := inked(img, image.Rect(0, 26*line, left, 26*(line+1))); got != want {
				t.Errorf("text beside line %d: %v", line, got)
			}
		}
		if inked(img, image.Rect(left, 0, left+pics, img.Bounds().Dy())) {
			t.Error("a label runs into the pictures")
		}
		if channels == 1 {
			if _, ok := img.(*image.Gray); !ok {
				t.Errorf("labels made it %T", img)
			}
		}
	}
	// Lines of tiny pictures keep the texts apart.
	img, err := Draw(tensor.New(2, 2, 2, 1), Options{Labels: []string{"a", "b"}})
	if err != nil || img.Bounds().Dy() < 2*12 {
		t.Errorf("%v %v", img.Bounds(), err)
	}
}

func TestRefuses(t *testing.T) {
	ok := tensor.New(2, 3, 3, 1)
	for says, c := range map[string]struct {
		pics *tensor.Tensor
		o    Options
	}{
		"not []":                 {nil, Options{}},
		"not [0 3 3 1]":          {tensor.New(0, 3, 3, 1), Options{}},
		"not [3 3 1]":            {tensor.New(3, 3, 1), Options{}},
		"have 2 channels":        {tensor.New(1, 3, 3, 2), Options{}},
		"3 labels for 2 lines":   {ok, Options{Columns: 1, Labels: []string{"a", "b", "c"}}},
		"is too large":           {tensor.New(100, 64, 64, 1), Options{Scale: 1000}},
		"scale 1000000 or":       {ok, Options{Scale: 1e6}},
		"or margin 1000000 is a": {ok, Options{Margin: 1e6}},
	} {
		var b bytes.Buffer
		err := Encode(&b, c.pics, c.o)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v; want %q", err, says)
		}
		if b.Len() > 0 {
			t.Errorf("%q: something was written", says)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestWriteErrors(t *testing.T) {
	pics := tensor.New(1, 2, 2, 3)
	if err := Encode(full{}, pics, Options{}); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("%v", err)
	}
	if err := EncodeSheet(full{}, "", []Row{{Pictures: pics}}, Options{}); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("%v", err)
	}
}
