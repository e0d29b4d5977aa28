package repair

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"slices"
	"testing"

	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/inspect"
	"github.com/limner-ai/limner/model/box"
	"github.com/limner-ai/limner/model/family"
	"github.com/limner-ai/limner/model/trained"
)

var magenta = color.NRGBA{R: 255, B: 255, A: 255}

// spots finds magenta.
type spots struct{}

func (spots) Close() error { return nil }

func (spots) Inspect(_ context.Context, m *image.NRGBA) (inspect.Finding, error) {
	size := m.Rect.Size()
	h := &inspect.Heat{W: size.X, H: size.Y, Value: make([]float32, size.X*size.Y)}
	n := 0
	for i := range h.Value {
		if m.NRGBAAt(i%size.X, i/size.X) == magenta {
			h.Value[i] = 1
			n++
		}
	}
	f := inspect.Finding{Inspector: "spots", Applies: true, Heat: h, Sentence: "looked for magenta"}
	f.Score = float64(n)
	f.Probability = min(.9, float64(n)/100)
	if f.Faulty = n > 0; f.Faulty {
		f.Fault = "magenta"
	}
	return f, nil
}

func panel(t *testing.T) *Panel {
	t.Helper()
	kinds := []inspect.Kind{{Name: "spots", Faults: []string{"magenta"}, Open: func(inspect.Env) (inspect.Inspector, error) { return spots{}, nil }}}
	p, err := NewPanel(kinds, nil, inspect.Env{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewPanel(kinds, []string{"spot"}, inspect.Env{}); !errors.Is(err, inspect.ErrUnknown) {
		t.Error(err)
	}
	return p
}

func boxed(t *testing.T) *generate.Generator {
	t.Helper()
	cpu := trained.NewCPU(1)
	m, err := box.Open(family.All(), cpu)
	if err != nil {
		t.Fatal(err)
	}
	g, err := generate.New(m, cpu)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	return g
}

// spotted is a picture in which a part is magenta.
func spotted(w, h int, spot image.Rectangle) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetNRGBA(x, y, color.NRGBA{uint8(x * 255 / w), uint8(y * 255 / h), 90, 255})
			if image.Pt(x, y).In(spot) {
				m.SetNRGBA(x, y, magenta)
			}
		}
	}
	return m
}

// larger writes a picture with squares of n pixels.
func larger(m *image.NRGBA, n int) *image.NRGBA {
	size := m.Rect.Size()
	out := image.NewNRGBA(image.Rectangle{Max: size.Mul(n)})
	for y := range size.Y * n {
		for x := range size.X * n {
			out.SetNRGBA(x, y, m.NRGBAAt(x/n, y/n))
		}
	}
	return out
}

func TestPictureIsRepaired(t *testing.T) {
	g, p := boxed(t), panel(t)
	spot := image.Rect(20, 24, 36, 32)
	for name, m := range map[string]*image.NRGBA{
		"of the model's extent":  spotted(64, 64, spot),
		"written larger":         larger(spotted(64, 64, spot), 3),
		"of another extent":      spotted(200, 150, image.Rect(120, 20, 150, 60)),
		"smaller than the model": spotted(40, 30, image.Rect(10, 10, 20, 20)),
	} {
		was := slices.Clone(m.Pix)
		r, err := Picture(t.Context(), g, m, p, Options{Prompt: "a red apple, 3d", Tries: 2, Rounds: 1, Steps: 2, Seed: 5})
		if err != nil {
			t.Fatal(name, err)
		}
		if !bytes.Equal(m.Pix, was) {
			t.Error(name, "the picture that was given changed")
		}
		if !r.Before.Faulty() || r.After.Fault >= r.Before.Fault || len(r.Seeds) != 1 || r.Tries != 2 {
			t.Errorf("%s: %v → %v, seeds %v, %d tries", name, r.Before.Fault, r.After.Fault, r.Seeds, r.Tries)
		}
		changed := 0
		for i := range r.Mask.Pix {
			x, y := i%m.Rect.Dx(), i/m.Rect.Dx()
			if m.NRGBAAt(x, y) != r.Picture.NRGBAAt(x, y) {
				if changed++; r.Mask.Pix[i] == 0 {
					t.Fatalf("%s: (%d, %d) lies outside of the mask and changed", name, x, y)
				}
			}
		}
		if changed == 0 {
			t.Error(name, "nothing changed")
		}
		if name == "written larger" && !squared(r.Picture, 3) {
			t.Error(name, "the pixels are no squares any more")
		}
		again, err := Picture(t.Context(), g, m, p, Options{Prompt: "a red apple, 3d", Tries: 2, Rounds: 1, Steps: 2, Seed: 5})
		if err != nil || !bytes.Equal(again.Picture.Pix, r.Picture.Pix) {
			t.Error(name, "a second time gave another picture", err)
		}
	}
}

// spotOf is the spot of picture i: only the first has one.
func spotOf(i int) (r image.Rectangle) {
	if i == 0 {
		r = image.Rect(20, 24, 36, 32)
	}
	return r
}

func TestSoundPicturesStay(t *testing.T) {
	g, p := boxed(t), panel(t)
	m := spotted(64, 64, image.Rectangle{})
	r, err := Picture(t.Context(), g, m, p, Options{Tries: 1, Steps: 1})
	if !errors.Is(err, ErrSound) || r.Picture != m || r.Mask != nil || r.Tries != 0 {
		t.Error(err, r.Tries)
	}
	if _, err := Picture(t.Context(), g, image.NewNRGBA(image.Rectangle{}), p, Options{}); err == nil {
		t.Error("an empty picture was repaired")
	}
	if _, err := Picture(t.Context(), g, m, p, Options{Mask: image.NewAlpha(image.Rect(0, 0, 8, 8))}); err == nil {
		t.Error("a mask of another size was taken")
	}
}

func TestMaskOfAPerson(t *testing.T) {
	g, p := boxed(t), panel(t)
	// One spot lies inside of the mask, the other outside.
	m := spotted(64, 64, image.Rect(8, 8, 16, 16))
	for i := range 64 {
		m.SetNRGBA(40+i%8, 40+i/8, magenta)
	}
	mask := image.NewAlpha(m.Rect)
	for y := 4; y < 20; y++ {
		for x := 4; x < 20; x++ {
			mask.SetAlpha(x, y, color.Alpha{255})
		}
	}
	r, err := Picture(t.Context(), g, m, p, Options{Mask: mask, Tries: 1, Rounds: 1, Steps: 2})
	if err != nil {
		t.Fatal(err)
	}
	if r.After.Findings[0].Score != 64 {
		t.Errorf("%v pixels are faulty", r.After.Findings[0].Score)
	}
	for y := range 64 {
		for x := range 64 {
			if !image.Pt(x, y).In(image.Rect(4, 4, 20, 20)) && r.Picture.NRGBAAt(x, y) != m.NRGBAAt(x, y) {
				t.Fatalf("(%d, %d) changed", x, y)
			}
		}
	}
}

// dark finds that dark pictures are faulty.
type dark struct{ spots }

func (dark) Inspect(_ context.Context, m *image.NRGBA) (inspect.Finding, error) {
	sum := 0
	for _, b := range m.Pix {
		sum += int(b)
	}
	return inspect.Finding{Inspector: "dark", Applies: true, Probability: 1 - float64(sum)/float64(255*len(m.Pix))}, nil
}

func dimmer(t *testing.T) *Panel {
	t.Helper()
	p, err := NewPanel([]inspect.Kind{{Name: "dark", Open: func(inspect.Env) (inspect.Inspector, error) { return dark{}, nil }}}, nil, inspect.Env{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestBestIsTheBestOfAll(t *testing.T) {
	g := boxed(t)
	p := dimmer(t)
	q := generate.Request{Prompt: "a dog, flat", N: 2, Seed: 3, Steps: 1}
	best, verdicts, err := Best(t.Context(), g, q, 3, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	for k, item := range best.Items {
		one := q
		one.Seed, one.First, one.N = item.Seed, item.Index, 1
		made, err := g.Make(t.Context(), one)
		if err != nil || !slices.Equal(made.Images.Row(0), best.Images.Row(k)) {
			t.Fatal("the seed that is stated makes another picture", err)
		}
		for i := range 3 {
			one.Seed = q.Seed + uint64(i)*stride
			made, err := g.Make(t.Context(), one)
			if err != nil {
				t.Fatal(err)
			}
			m, err := picture(made.Images, 0)
			if err != nil {
				t.Fatal(err)
			}
			if v, _ := p.Judge(t.Context(), m); v.Fault < verdicts[k].Fault {
				t.Errorf("picture %d: try %d has less fault", k, i)
			}
		}
	}
	if _, _, err := Best(t.Context(), g, q, 0, p, nil); err == nil {
		t.Error("the best of none")
	}
}
