package watermark

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"testing"

	xdraw "golang.org/x/image/draw"
)

// scene draws a picture with smooth shading, edges and some texture; round
// ones are transparent outside a disc.
func scene(w, h int, round bool) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	r := rand.New(rand.NewPCG(3, uint64(w)))
	for y := range h {
		for x := range w {
			u, v := float64(x)/float64(w)-0.5, float64(y)/float64(h)-0.5
			c := color.NRGBA{uint8(150 + 80*u), uint8(120 - 70*v), uint8(90 + 40*u*v), 255}
			if math.Hypot(u+0.15, v+0.1) < 0.12 || u > 0.2 && v > 0.1 {
				c.R, c.G, c.B = 40, 60, 160
			}
			c.G += uint8(r.IntN(5))
			if d := (0.47 - math.Hypot(u, v)) * float64(w); round && d < 1 {
				c.A = uint8(255 * max(0, d))
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

func embedded(t *testing.T, m *image.NRGBA, k Key, id uint32) *image.NRGBA {
	t.Helper()
	out, err := Embed(m, k, id)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func found(t *testing.T, m *image.NRGBA, k Key) Reading {
	t.Helper()
	r, err := Detect(m, k)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func straight(m image.Image) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, m.Bounds().Dx(), m.Bounds().Dy()))
	draw.Draw(out, out.Rect, m, m.Bounds().Min, draw.Src)
	return out
}

func over(m *image.NRGBA, c color.Color) *image.NRGBA {
	out := image.NewNRGBA(m.Rect)
	draw.Draw(out, out.Rect, image.NewUniform(c), image.Point{}, draw.Src)
	draw.Draw(out, out.Rect, m, image.Point{}, draw.Over)
	return out
}

func jpegged(t *testing.T, m *image.NRGBA, quality int) *image.NRGBA {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, over(m, color.White), &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	out, err := jpeg.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	return straight(out)
}

func resized(m *image.NRGBA, w, h int) *image.NRGBA {
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	xdraw.CatmullRom.Scale(out, out.Rect, m, m.Rect, draw.Src, nil)
	return straight(out)
}

func TestTheMarkIsFoundAndRead(t *testing.T) {
	k := Key{1, 2, 3}
	const id = 0xdeadbeef
	for _, c := range []struct {
		name  string
		m     *image.NRGBA
		wrong bool // whether the id may be lost
		do    func(m *image.NRGBA) *image.NRGBA
	}{
		{"small", scene(64, 64, false), false, nil},
		{"small and round", scene(64, 64, true), false, nil},
		{"over black", scene(64, 64, true), true, func(m *image.NRGBA) *image.NRGBA { return over(m, color.Black) }},
		{"JPEG", scene(64, 64, false), true, func(m *image.NRGBA) *image.NRGBA { return jpegged(t, m, 50) }},
		{"half", scene(64, 64, false), true, func(m *image.NRGBA) *image.NRGBA { return resized(m, 32, 32) }},
		{"part", scene(64, 64, false), true, func(m *image.NRGBA) *image.NRGBA {
			return straight(m.SubImage(image.Rect(9, 5, 60, 57)))
		}},
		{"darker", scene(64, 64, false), true, func(m *image.NRGBA) *image.NRGBA {
			for i, v := range m.Pix {
				if i%4 != 3 {
					m.Pix[i] = uint8(int(v) * 7 / 10)
				}
			}
			return m
		}},
		{"oblong", scene(96, 60, false), false, nil},
		{"larger, mirrored", scene(300, 200, false), false, func(m *image.NRGBA) *image.NRGBA {
			out := image.NewNRGBA(m.Rect)
			for y := range 200 {
				for x := range 300 {
					out.SetNRGBA(299-x, y, m.NRGBAAt(x, y))
				}
			}
			return out
		}},
		{"larger, JPEG, smaller", scene(300, 200, false), false, func(m *image.NRGBA) *image.NRGBA {
			return jpegged(t, resized(m, 211, 141), 50)
		}},
		{"larger, part, smaller", scene(600, 500, false), false, func(m *image.NRGBA) *image.NRGBA {
			return resized(straight(m.SubImage(image.Rect(70, 33, 533, 417))), 350, 290)
		}},
	} {
		m := embedded(t, c.m, k, id)
		if c.do != nil {
			m = c.do(m)
		}
		r := found(t, m, k)
		if !r.Found || r.P > Certain {
			t.Errorf("%s: not found: %+v", c.name, r)
		}
		if r.HasID && (r.ID != id || r.IDError > Certain) || !r.HasID && !c.wrong {
			t.Errorf("%s: read as %+v", c.name, r)
		}
		if r := found(t, m, Key{9}); r.Found {
			t.Errorf("%s: found with another key: %+v", c.name, r)
		}
	}
}

func TestWhatTheMarkLeavesAsItIs(t *testing.T) {
	m := scene(64, 64, true)
	m.SetNRGBA(0, 0, color.NRGBA{7, 8, 9, 0}) // a colour under no alpha
	before := bytes.Clone(m.Pix)
	a, b := embedded(t, m, Key{1}, 5), embedded(t, m, Key{1}, 5)
	if !bytes.Equal(a.Pix, b.Pix) {
		t.Error("the same picture, key and id gave two results")
	}
	if !bytes.Equal(m.Pix, before) {
		t.Error("the picture given was changed")
	}
	sum, n := 0.0, 0.0
	for i := 0; i < len(a.Pix); i += 4 {
		if a.Pix[i+3] != before[i+3] {
			t.Fatalf("alpha changed at %d", i/4)
		}
		for c := range 3 {
			d := float64(a.Pix[i+c]) - float64(before[i+c])
			if before[i+3] == 0 && d != 0 {
				t.Fatalf("what is transparent changed at %d", i/4)
			}
			sum += d * d * float64(before[i+3])
			n += float64(before[i+3])
		}
	}
	if psnr := 10 * math.Log10(255*255*n/sum); psnr < 37 {
		t.Errorf("PSNR %.1f dB", psnr)
	}
}

// What a mark changes depends on what it marks: it is no mark elsewhere.
func TestTheDifferenceIsNoMark(t *testing.T) {
	k := Key{8}
	from := scene(64, 64, false)
	marked := embedded(t, from, k, 6)
	to := scene(64, 64, false)
	for i := range to.Pix {
		if i%4 == 3 {
			continue
		}
		x, y := i/4%64, i/4/64
		own := 70 + x + y/2 + int(to.Pix[i])/8
		to.Pix[i] = uint8(own + int(marked.Pix[i]) - int(from.Pix[i]))
	}
	if r := found(t, to, k); r.Found {
		t.Errorf("a copied difference was found: %+v", r)
	}
	if r := found(t, marked, k); !r.Found {
		t.Error("nor would the mark have been")
	}
}

func TestSquarePixelsStaySquare(t *testing.T) {
	small := scene(64, 48, false)
	m := embedded(t, grown(small, 5), Key{4}, 77)
	if !square(m, 5) {
		t.Error("square pixels were broken")
	}
	if !bytes.Equal(shrunk(m, 5).Pix, embedded(t, small, Key{4}, 77).Pix) {
		t.Error("not marked as the small picture is")
	}
	if r := found(t, m, Key{4}); !r.HasID || r.ID != 77 {
		t.Errorf("%+v", r)
	}
}

func TestNoRoom(t *testing.T) {
	flat := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	draw.Draw(flat, flat.Rect, image.White, image.Point{}, draw.Src)
	for name, m := range map[string]*image.NRGBA{
		"tiny": scene(8, 8, false), "flat": flat, "a line": scene(900, 2, false),
		"transparent": image.NewNRGBA(image.Rect(0, 0, 64, 64)),
	} {
		out, err := Embed(m, Key{1}, 1)
		if !errors.Is(err, ErrNoRoom) || out == nil || !bytes.Equal(out.Pix, m.Pix) {
			t.Errorf("%s: %v, or it changed", name, err)
		}
		if r, err := Detect(m, Key{1}); err != nil || r.Found {
			t.Errorf("%s: %+v %v", name, r, err)
		}
	}
	for _, m := range []*image.NRGBA{nil, image.NewNRGBA(image.Rectangle{})} {
		if _, err := Embed(m, Key{}, 1); err == nil || errors.Is(err, ErrNoRoom) {
			t.Errorf("an empty picture: %v", err)
		}
		if _, err := Detect(m, Key{}); err == nil {
			t.Error("an empty picture was read")
		}
	}
}

func FuzzPictures(f *testing.F) {
	f.Add(uint16(20), uint16(17), []byte{1, 2, 3, 4})
	f.Add(uint16(1), uint16(300), []byte{255})
	f.Fuzz(func(t *testing.T, w, h uint16, b []byte) {
		m := image.NewNRGBA(image.Rect(0, 0, int(w%200)+1, int(h%200)+1))
		for i := range m.Pix {
			if len(b) > 0 {
				m.Pix[i] = b[i%len(b)] + byte(i/len(b))
			}
		}
		out, err := Embed(m, Key{}, 1)
		if err != nil && !errors.Is(err, ErrNoRoom) {
			t.Fatal(err)
		}
		r, detectErr := Detect(out, Key{})
		if detectErr != nil || err == nil && !r.Found || r.P < 0 || r.P > 1 {
			t.Fatalf("%+v %v %v", r, err, detectErr)
		}
	})
}
