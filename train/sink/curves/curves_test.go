package curves

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/limner-ai/limner/train/sink"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func drawn(t *testing.T, h sink.History, o Options) image.Image {
	t.Helper()
	var b bytes.Buffer
	must(t, Draw(&b, h, o))
	img, err := png.Decode(&b)
	must(t, err)
	return img
}

func history(n int) sink.History {
	h := sink.History{}
	for i := range n {
		h["loss/rec"] = append(h["loss/rec"], sink.Point{Step: int64(i), Value: 80 + 400*math.Exp(-float64(i)/50) + float64(i*7%11)})
		h["loss/kl"] = append(h["loss/kl"], sink.Point{Step: int64(i), Value: 20})
		h["lr"] = append(h["lr"], sink.Point{Step: int64(i), Value: 1e-3})
	}
	return h
}

// count tells how many pixels within r have exactly colour c.
func count(img image.Image, c color.NRGBA, r image.Rectangle) (n int) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if color.NRGBAModel.Convert(img.At(x, y)) == c {
				n++
			}
		}
	}
	return n
}

func TestDraw(t *testing.T) {
	img := drawn(t, history(300), Options{Title: "vae", Units: map[string]string{"loss": "nats"}})
	b := img.Bounds()
	w, h := 749, 490 // of a panel in pixels: 5.2 and 3.4 inches at 144
	if b.Dx() != 1498 || b.Dy() != h+titleHeight*2 {
		t.Fatalf("size %v", b)
	}
	left, right := image.Rect(0, 0, w, b.Dy()), image.Rect(w, 0, b.Dx(), b.Dy())
	// Two lines in the losses' panel, one in the other; each crosses most of
	// its panel.
	if n := count(img, palette[0], left); n < 500 {
		t.Errorf("first line: %d pixels", n)
	}
	if n := count(img, palette[1], left); n < 500 {
		t.Errorf("second line: %d pixels", n)
	}
	if n := count(img, palette[0], right); n < 500 {
		t.Errorf("line on the right: %d pixels", n)
	}
	if n := count(img, palette[1], right); n > 0 {
		t.Errorf("a second line on the right: %d pixels", n)
	}
	if again := drawn(t, history(300), Options{Title: "vae", Units: map[string]string{"loss": "nats"}}); !bytes.Equal(again.(*image.RGBA).Pix, img.(*image.RGBA).Pix) {
		t.Error("the same history looks different")
	}
	if other := drawn(t, history(300), Options{Title: "vae"}); bytes.Equal(other.(*image.RGBA).Pix, img.(*image.RGBA).Pix) {
		t.Error("units are not shown")
	}
}

// Nothing a run may record must keep it from being drawn.
func TestDrawOddHistories(t *testing.T) {
	p := func(points ...sink.Point) []sink.Point { return points }
	for name, h := range map[string]sink.History{
		"nil":             nil,
		"no points":       {"a": nil},
		"one point":       {"a": p(sink.Point{Step: 3, Value: 2})},
		"step 0":          {"a": p(sink.Point{})},
		"only NaN":        {"a": p(sink.Point{Step: 1, Value: math.NaN()})},
		"one step":        {"a": p(sink.Point{Step: 3, Value: 2}, sink.Point{Step: 3, Value: 4})},
		"tiny and huge":   {"a": p(sink.Point{Step: 1, Value: 1e-300}, sink.Point{Step: 2, Value: 1e300})},
		"huge, both ways": {"a": p(sink.Point{Step: 1, Value: -math.MaxFloat64}, sink.Point{Step: 2, Value: math.MaxFloat64})},
		"one bit apart":   {"a": p(sink.Point{Step: 1, Value: 1e-3}, sink.Point{Step: 2, Value: math.Nextafter(1e-3, 1)})},
		"odd names":       {"": p(sink.Point{Step: 1}), "/": p(sink.Point{Step: 1}), "a//b": p(sink.Point{Step: 1}), "ü日\n": p(sink.Point{Step: 1})},
		"huge step":       {"a": p(sink.Point{Step: 1, Value: 1}, sink.Point{Step: math.MaxInt64, Value: 2})},
	} {
		if img := drawn(t, h, Options{}); img.Bounds().Dx() < 700 {
			t.Errorf("%s: %v", name, img.Bounds())
		}
	}
	many := sink.History{}
	for i := range 30 {
		many["loss/a metric with a long name "+string(rune('a'+i))] = p(sink.Point{Step: 1, Value: 1}, sink.Point{Step: 2, Value: float64(i)})
	}
	drawn(t, many, Options{})
}

func TestPanels(t *testing.T) {
	list := panels(map[string]*series{"lr": {}, "loss/rec": {}, "eval/fid": {}, "loss/kl": {}, "lr/x": {}, "eval/a/b": {}})
	var got []string
	for _, p := range list {
		for _, n := range p.names {
			got = append(got, p.group+":"+n)
		}
	}
	want := "[loss:kl loss:rec eval:a/b eval:fid lr:lr lr:x]"
	if s := fmt.Sprint(got); s != want {
		t.Errorf("%s, want %s", s, want)
	}
}

func TestSweep(t *testing.T) {
	inf := math.Inf(1)
	fresh := func() []extent {
		return []extent{{inf, -inf}, {inf, -inf}, {inf, -inf}, {inf, -inf}}
	}
	for name, c := range map[string]struct {
		x0, y0, x1, y1 float64
		want           []extent
	}{
		"slope":    {0.5, 1, 2.5, 5, []extent{{1, 2}, {2, 4}, {4, 5}, {inf, -inf}}},
		"downward": {0, 4, 4, 0, []extent{{3, 4}, {2, 3}, {1, 2}, {0, 1}}},
		"vertical": {1.5, 9, 1.5, 2, []extent{{inf, -inf}, {2, 9}, {inf, -inf}, {inf, -inf}}},
		"outside":  {-2, 0, 6, 8, []extent{{2, 3}, {3, 4}, {4, 5}, {5, 6}}},
		"beyond":   {7, 0, 9, 1, fresh()},
	} {
		got := fresh()
		sweep(got, c.x0, c.y0, c.x1, c.y1)
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: column %d covers %v, want %v", name, i, got[i], c.want[i])
			}
		}
	}
}

func TestColumnBlends(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 1, 4))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	band{img: img, tint: color.NRGBA{0, 0, 255, 51}}.column(img.Rect, 0, 0.5, 9)
	for y, want := range []uint8{230, 204, 204, 204} { // 51/255 of the way to 0, the first by half
		if got := img.RGBAAt(0, y); got != (color.RGBA{want, want, 255, 255}) {
			t.Errorf("line %d: %v, want %d", y, got, want)
		}
	}
}

func TestWriter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "curves.png")
	w := New(path, nil, Options{})
	must(t, w.Scalar(1, "loss", 2))
	must(t, w.Image(1, "samples", nil))
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Error("drawn before Flush")
	}
	must(t, w.Flush())
	read := func() []byte {
		b, err := os.ReadFile(path)
		must(t, err)
		return b
	}
	first := read()

	must(t, w.Scalar(2, "loss", 1))
	w.drawn, w.cost = time.Now(), time.Hour // drawing is far too slow
	must(t, w.Flush())
	if !bytes.Equal(read(), first) {
		t.Error("drawn although that would slow the run down")
	}
	w.cost = 0
	must(t, w.Flush())
	second := read()
	if bytes.Equal(second, first) {
		t.Error("the new value is not drawn")
	}

	must(t, os.Remove(path))
	must(t, w.Flush())
	if _, err := os.Stat(path); err == nil {
		t.Error("drawn although nothing was new")
	}
	must(t, w.Scalar(3, "loss", 4))
	w.drawn, w.cost = time.Now(), time.Hour
	must(t, w.Close())
	last := read()

	// A resumed run's drawing is the whole run's.
	must(t, New(path, sink.History{"loss": {{Step: 1, Value: 2}, {Step: 2, Value: 1}, {Step: 3, Value: 4}}}, Options{}).Close())
	if !bytes.Equal(read(), last) {
		t.Error("resuming changed the curves")
	}
}

func TestWriterErrors(t *testing.T) {
	w := New(filepath.Join(t.TempDir(), "no", "curves.png"), nil, Options{})
	must(t, w.Scalar(1, "loss", 1))
	if err := w.Flush(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
	w.drawn = time.Time{}
	if err := w.Close(); err == nil {
		t.Error("what was not drawn is forgotten")
	}
}
