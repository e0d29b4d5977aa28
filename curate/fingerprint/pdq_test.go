package fingerprint

import (
	"encoding/json"
	"image"
	"image/color"
	"image/draw"
	_ "image/jpeg"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/limner-ai/limner/curate/decode/exif"
)

func TestReference(t *testing.T) {
	for _, v := range vectors {
		m := drawn(v.kind, v.w, v.h)
		all, quality := Dihedral(m)
		if quality != v.quality {
			t.Errorf("picture %d, %d×%d: quality %d, want %d", v.kind, v.w, v.h, quality, v.quality)
		}
		for i, want := range v.hashes {
			if all[i].String() != want {
				var h Hash
				h.UnmarshalText([]byte(want))
				t.Errorf("picture %d, %d×%d, turn %d: %d bits differ", v.kind, v.w, v.h, i, Distance(h, all[i]))
			}
		}
		if h, q := PDQ(m); h != all[0] || q != quality {
			t.Errorf("PDQ gives %v, %d", h, q)
		}
	}
}

// The specification's sample pictures, the bridge in its eight turns, if a
// folder that LIMNER_PDQ_SAMPLES names has them. JPEG decoders differ by a
// level here and there, and with them a bit.
func TestPublished(t *testing.T) {
	dir := os.Getenv("LIMNER_PDQ_SAMPLES")
	if dir == "" {
		t.Skip("LIMNER_PDQ_SAMPLES names no folder with the pictures of PDQ's reference implementation (data/reg-test-input/dih)")
	}
	for name, want := range map[string]string{
		"bridge-1-original":     "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22",
		"bridge-2-rotate-90":    "30a10efd71cc3d429013d48d0ffffc52e34e0e17ada952a9d29685211ea9e5af",
		"bridge-3-rotate-180":   "adad5a64b5a142e75b62a09857da895ae63b847fc23794b766b319361bc93188",
		"bridge-4-rotate-270":   "a5f0a457a48995e8c9065c275aaa5498b61ba4bdf8fcf80387c32f8b1bfc4f05",
		"bridge-5-flipx":        "f8f80f31e0f417b20e37f5cd028f980fb36ed02a9662c1e233e64c634e9c64dd",
		"bridge-6-flipy":        "0dad2599b1a1bd1a5362576742da32a5e63b7380c2374b4866b366c91bc9ce77",
		"bridge-7-flip-plus-1":  "f0a5e102f1ccc0bd945308720fff038de34ef1e8ada9a956d2967ade5ea91a50",
		"bridge-8-flip-minus-1": "a5f05aa8a4896a17c906a2d85aaaab07b61b5b42f8fc07fc87c3d0741bfcb0fa",
	} {
		f, err := os.Open(filepath.Join(dir, name+".jpg"))
		if err != nil {
			t.Fatal(err)
		}
		stored, _, err := image.Decode(f)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		m := image.NewNRGBA(stored.Bounds())
		draw.Draw(m, m.Rect, stored, image.Point{}, draw.Src)
		var h Hash
		if err := h.UnmarshalText([]byte(want)); err != nil {
			t.Fatal(err)
		}
		got, quality := PDQ(m)
		t.Logf("%s: %d bits differ", name, Distance(got, h))
		if Distance(got, h) > 4 || quality != 100 {
			t.Errorf("%s: %v, quality %d, want %v", name, got, quality, h)
		}
	}
}

// Each stage against its definition in float64, written without running sums
// or tables.
func TestStages(t *testing.T) {
	const w, h = 300, 170
	m := drawn(1, w, h)
	l := luma(m)
	for i, v := range l {
		p := m.Pix[4*i:]
		if want := 0.299*float64(p[0]) + 0.587*float64(p[1]) + 0.114*float64(p[2]); math.Abs(want-float64(v)) > 1e-4 {
			t.Fatalf("luma %d is %v, want %v", i, v, want)
		}
	}
	mean := func(in []float64, along, across int) []float64 { // windows of 3 columns and 2 rows
		out := make([]float64, len(in))
		for y := range h {
			for x := range w {
				var sum, n float64
				for d := -1; d <= 1; d++ {
					xx, yy := x+d*along, y
					if across == 1 {
						if d == -1 {
							continue
						}
						xx, yy = x, y+d
					}
					if xx >= 0 && xx < w && yy >= 0 && yy < h {
						sum += in[yy*w+xx]
						n++
					}
				}
				out[y*w+x] = sum / n
			}
		}
		return out
	}
	blurred := make([]float64, len(l))
	for i := range l {
		blurred[i] = float64(l[i])
	}
	for range 2 {
		blurred = mean(mean(blurred, 1, 0), 0, 1)
	}
	small := shrink(l, w, h)
	for i := range 64 {
		for j := range 64 {
			want := blurred[int((float64(i)+.5)*h/64)*w+int((float64(j)+.5)*w/64)]
			if got := float64(small[i][j]); math.Abs(got-want) > 2e-3 {
				t.Fatalf("small picture at %d, %d is %v, want %v", i, j, got, want)
			}
		}
	}
	c := small.dct()
	for u := 1; u <= 16; u++ {
		for v := 1; v <= 16; v++ {
			var want float64
			for i := range 64 {
				for j := range 64 {
					want += float64(small[i][j]) * math.Cos(math.Pi*float64(u)*(float64(i)+.5)/64) * math.Cos(math.Pi*float64(v)*(float64(j)+.5)/64) / 32
				}
			}
			if got := float64(c[u-1][v-1]); math.Abs(got-want) > 1e-2 {
				t.Fatalf("coefficient %d, %d is %v, want %v", u, v, got, want)
			}
		}
	}
}

// A picture that is really turned has, but for few bits, the hash that
// Dihedral computes; the smaller the picture, the more it matters that the
// middle of a cell lies half a pixel off.
func TestTurns(t *testing.T) {
	m := drawn(0, 1000, 640)
	all, _ := Dihedral(m)
	w, h := m.Rect.Dx(), m.Rect.Dy()
	// The EXIF value under which the stored m would show each turn.
	for turn, orientation := range map[Turn]int{Upright: 1, Rotate90: 8, Rotate180: 3, Rotate270: 6, MirrorX: 4, MirrorY: 2, Transpose: 5, AntiTranspose: 7} {
		out := image.NewNRGBA(m.Rect)
		if exif.Swaps(orientation) {
			out = image.NewNRGBA(image.Rect(0, 0, h, w))
		}
		for y := range out.Rect.Dy() {
			for x := range out.Rect.Dx() {
				sx, sy := exif.Stored(orientation, x, y, w, h)
				out.SetNRGBA(x, y, m.NRGBAAt(sx, sy))
			}
		}
		got, _ := PDQ(out)
		if d := Distance(got, all[turn]); d > 24 {
			t.Errorf("turn %d differs by %d bits", turn, d)
		}
	}
}

func TestQuality(t *testing.T) {
	flat := image.NewNRGBA(image.Rect(0, 0, 100, 100))
	for name, c := range map[string]color.NRGBA{"empty": {}, "grey": {128, 128, 128, 255}, "half": {0, 0, 0, 128}} {
		draw.Draw(flat, flat.Rect, image.NewUniform(c), image.Point{}, draw.Src)
		if _, q := PDQ(flat); q != 0 {
			t.Errorf("%s: quality %d", name, q)
		}
	}
	// One edge of full range: 64 gradients of 100 hundredths, over 90.
	edge := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	draw.Draw(edge, edge.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(edge, image.Rect(0, 0, 32, 64), image.Black, image.Point{}, draw.Src)
	if _, q := PDQ(edge); q != 64*100/90 {
		t.Errorf("an edge: quality %d", q)
	}
	// What is transparent is white, whatever colour lies below.
	a, b := image.NewNRGBA(edge.Rect), image.NewNRGBA(edge.Rect)
	for i := range a.Pix {
		a.Pix[i], b.Pix[i] = edge.Pix[i], edge.Pix[i]
		if edge.Pix[i&^3] == 255 {
			b.Pix[i] = [4]uint8{9, 200, 30, 0}[i%4]
		}
	}
	ha, _ := PDQ(a)
	if hb, _ := PDQ(b); ha != hb {
		t.Error("transparent is not white")
	}
	// A view of a larger picture is hashed as the picture it shows.
	big := drawn(0, 300, 200)
	r := image.Rect(20, 30, 220, 190)
	cut := image.NewNRGBA(image.Rect(0, 0, r.Dx(), r.Dy()))
	draw.Draw(cut, cut.Rect, big, r.Min, draw.Src)
	want, _ := PDQ(cut)
	if got, _ := PDQ(big.SubImage(r).(*image.NRGBA)); got != want {
		t.Error("a view has another hash")
	}
}

func TestHashText(t *testing.T) {
	h, _ := PDQ(drawn(0, 70, 70))
	text, err := json.Marshal(h)
	var back Hash
	if err != nil || json.Unmarshal(text, &back) != nil || back != h || len(text) != 66 {
		t.Errorf("%s, %v", text, err)
	}
	for _, bad := range []string{"", "00", h.String() + "0", "g" + h.String()[1:]} {
		if back.UnmarshalText([]byte(bad)) == nil {
			t.Errorf("%q passed", bad)
		}
	}
	var zero Hash
	ones := Hash(slices.Repeat([]byte{255}, 32))
	if Distance(zero, ones) != 256 || Distance(h, h) != 0 {
		t.Error("distance")
	}
}
