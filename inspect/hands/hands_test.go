package hands

import (
	"context"
	"image"
	"image/draw"
	"image/png"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/limner-ai/limner/inspect"
	"github.com/limner-ai/limner/inspect/hands/find"
	"github.com/limner-ai/limner/inspect/hands/judge"
	"github.com/limner-ai/limner/inspect/inspecttest"
)

func picture(t *testing.T, path string) *image.NRGBA {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	n := image.NewNRGBA(m.Bounds())
	draw.Draw(n, n.Rect, m, m.Bounds().Min, draw.Src)
	return n
}

func TestConformance(t *testing.T) {
	if testing.Short() {
		t.Skip("the networks look at some eighty pictures")
	}
	inspecttest.Run(t, Kind, picture(t, "find/testdata/hand.png"))
}

// A right hand is found and is right; one with a sixth finger is not.
func TestJudges(t *testing.T) {
	in, err := Kind.Open(inspect.Env{})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	for path, fault := range map[string]string{"find/testdata/hand.png": "", "testdata/six.png": Extra} {
		f, err := in.Inspect(context.Background(), picture(t, path))
		if err != nil || !f.Applies || f.Faulty != (fault != "") || f.Fault != fault {
			t.Errorf("%s: %+v, %v", path, f, err)
		}
		if fault != "" && (len(f.Regions) == 0 || !strings.Contains(f.Sentence, "finger too many") || f.Measures["fingers"] != 6) {
			t.Errorf("%s: %+v", path, f)
		}
	}
}

// Logits of a crop and of its mirror image count alike, and maps are turned back.
func TestRead(t *testing.T) {
	const n, cells = len(faults), judge.Cells
	logits := []float32{0, 2, 0, 0, 1, 0, 4, 0, 0, 1}
	maps := make([]float32, 2*cells*cells*n)
	for i := range maps {
		maps[i] = -30
	}
	at := func(mirror, y, x int) *float32 { return &maps[((mirror*cells+y)*cells+x)*n+1] }
	*at(0, 3, 2), *at(1, 3, cells-1-2) = 30, 30
	v := read(logits, maps)
	e := math.Exp
	if want := math.Log((e(3)+3)/e(1)) - 0; math.Abs(v.score-want) > 1e-9 || v.fault != 1 {
		t.Errorf("score %v, want %v; fault %d", v.score, want, v.fault)
	}
	for i, h := range v.heat {
		if want := float32(v.each[1]) * map[bool]float32{true: 1}[i == 3*cells+2]; math.Abs(float64(h-want)) > 1e-6 {
			t.Errorf("heat %v at %d, want %v", h, i, want)
		}
	}
	if h := v.at(2.5/cells, 3.5/cells); math.Abs(float64(h)-v.each[1]) > 1e-6 || v.at(-.1, .5) != 0 || v.at(.5, 1) != 0 {
		t.Errorf("heat %v in the middle of the hot cell", h)
	}
}

// A picture larger than the map has a coarser one, with hands where they are.
func TestHeat(t *testing.T) {
	j := judged{crop: find.Square{X: 150, Y: 50, Side: 60}}
	for i := range j.verdict.heat {
		j.verdict.heat[i] = 1
	}
	m := heat([]judged{j}, 200, 100)
	if m.W != 64 || m.H != 32 {
		t.Fatalf("%d×%d", m.W, m.H)
	}
	for i, v := range m.Value {
		x, y := (float64(i%64)+.5)*200/64, (float64(i/64)+.5)*100/32
		if want := math.Abs(x-150) < 30 && math.Abs(y-50) < 30; (v == 1) != want {
			t.Errorf("%v at %v, %v", v, x, y)
		}
	}
	if b := box(j.crop, image.Rect(10, 20, 210, 120)); b != image.Rect(130, 40, 191, 101) {
		t.Errorf("box %v", b)
	}
	if b := box(find.Square{X: -500, Y: 900, Side: 3}, image.Rect(0, 0, 5, 5)); b.Empty() || !b.In(image.Rect(0, 0, 5, 5)) {
		t.Errorf("box %v of what lies outside", b)
	}
}
