package grid

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/font"

	"github.com/limner-ai/limner/engine/tensor"
)

func filled(v float32, dims ...int) *tensor.Tensor {
	t := tensor.New(dims...)
	for i := range t.Data {
		t.Data[i] = v
	}
	return t
}

// find returns the box around all pixels of colour c.
func find(img image.Image, c color.Color) image.Rectangle {
	want := color.RGBAModel.Convert(c)
	var box image.Rectangle
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if color.RGBAModel.Convert(img.At(x, y)) == want {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return box
}

func TestSheet(t *testing.T) {
	red := tensor.New(3, 10, 10, 3)
	for i := 0; i < len(red.Data); i += 3 {
		red.Data[i] = 1
	}
	var b bytes.Buffer
	err := EncodeSheet(&b, "title", []Row{
		{Title: "one", Note: "red", Pictures: red},
		{Title: "two", Note: strings.Repeat("many words ", 40), Pictures: filled(-1, 1, 20, 20, 1), Range: Signed},
	}, Options{Columns: 2, Scale: 3})
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	// Three pictures of 30 pixels in two columns, their left edge in line
	// with the text's.
	got := find(img, color.RGBA{255, 0, 0, 255})
	if got.Dx() != 62 || got.Dy() != 62 || got.Min.X != sheetEdge {
		t.Errorf("the red row is %v", got)
	}
	if again := find(img.(interface {
		SubImage(image.Rectangle) image.Image
	}).SubImage(image.Rect(got.Min.X+32, got.Min.Y+32, got.Max.X, got.Max.Y)), color.RGBA{255, 0, 0, 255}); !again.Empty() {
		t.Errorf("a fourth picture at %v", again)
	}
	black := find(img, color.Black)
	if black.Dx() != 60 || black.Dy() != 60 || black.Min.Y < got.Max.Y+titleSize+3*noteSize {
		t.Errorf("the gray row is %v", black)
	}
	if want := sheetMin + 2*sheetEdge; img.Bounds().Dx() != want {
		t.Errorf("width %d, want %d", img.Bounds().Dx(), want)
	}
	if !inked(img, image.Rect(0, 0, 200, sheetEdge+headSize)) {
		t.Error("no title")
	}
	for y := range img.Bounds().Dy() {
		if x := img.Bounds().Dx() - sheetEdge/2; grayAt(img, x, y) != paper {
			t.Fatalf("something runs over the right edge at line %d", y)
		}
	}
}

func TestSheetIsGrayIfAllIs(t *testing.T) {
	gray, rgb := filled(1, 40, 28, 28, 1), filled(1, 1, 28, 28, 3)
	img, err := Sheet("", []Row{{Pictures: gray}, {Pictures: gray}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := img.(*image.Gray); !ok {
		t.Errorf("%T", img)
	}
	if got := find(img, color.White); got.Dx() != 16*30-2 {
		t.Errorf("%v, want 16 pictures across", got)
	}
	if img, err = Sheet("", []Row{{Pictures: gray}, {Pictures: rgb}}, Options{}); err != nil {
		t.Fatal(err)
	}
	if _, ok := img.(*image.RGBA); !ok {
		t.Errorf("%T", img)
	}
}

func TestSheetRefuses(t *testing.T) {
	if _, err := Sheet("title", nil, Options{}); err == nil {
		t.Error("no rows")
	}
	_, err := Sheet("title", []Row{{Title: "ok", Pictures: filled(0, 1, 2, 2, 1)}, {Title: "bad", Pictures: filled(0, 2, 2)}}, Options{})
	if err == nil || !strings.Contains(err.Error(), `row 2 "bad"`) {
		t.Errorf("%v", err)
	}
}

func TestWrap(t *testing.T) {
	f := regular(12)
	const s = "the quick brown fox jumps over the incomprehensibilities of the lazy dog ÄÖÜ"
	for _, width := range []int{5, 30, 60, 100, 1000} {
		lines := wrap(f, s, width)
		for _, l := range lines {
			if w := font.MeasureString(f, l).Ceil(); w > width && len([]rune(l)) > 1 {
				t.Errorf("width %d: %q takes %d", width, l, w)
			}
			if l == "" || strings.TrimSpace(l) != l {
				t.Errorf("width %d: line %q", width, l)
			}
		}
		if letters := func(s string) string { return strings.ReplaceAll(s, " ", "") }; letters(strings.Join(lines, "")) != letters(s) {
			t.Errorf("width %d lost text: %q", width, lines)
		}
	}
	if got := wrap(f, s, 1000); !slices.Equal(got, []string{s}) {
		t.Errorf("%q", got)
	}
	if got := wrap(f, "  ", 100); len(got) != 0 {
		t.Errorf("%q", got)
	}
}
