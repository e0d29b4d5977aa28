package hands

import (
	"image"
	"math"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"testing"

	"gonum.org/v1/gonum/spatial/r3"

	"github.com/limner-ai/limner/inspect/hands/find"
	"github.com/limner-ai/limner/inspect/hands/judge"
)

// What is nearer hides what is farther, whichever was drawn first.
func TestRaster(t *testing.T) {
	tri := func(z float64) []r3.Vec { return []r3.Vec{{X: -.4, Y: .1, Z: z}, {X: .4, Y: .1, Z: z}, {Y: .9, Z: z}} }
	m := mesh{points: append(tri(.2), tri(-.2)...), faces: [][3]int{{0, 1, 2}, {3, 4, 5}}, part: []int{index, ring}, mark: []bool{true, false}}
	back := mesh{points: m.points, faces: [][3]int{{3, 4, 5}, {0, 1, 2}}, part: []int{ring, index}, mark: []bool{false, true}}
	v := view{turn: r3.NewRotation(0, r3.Vec{Z: 1}), scale: 40, x: 20, y: 20}
	for _, m := range []mesh{m, back} {
		r := newRaster(40, 40)
		r.draw(&m, v)
		k := 22*40 + 20
		if r.part[k] != index || !r.mark[k] || r.normal[k].Z <= 0 || r.seen(0) {
			t.Errorf("in the middle lies %d with normal %v; in the corner %d", r.part[k], r.normal[k], r.part[0])
		}
		area := 0
		for i := range r.part {
			if r.seen(i) {
				area++
			}
		}
		if want := 32 * 32 / 2; math.Abs(float64(area-want)) > 40 {
			t.Errorf("a triangle of %d pixels has %d", want, area)
		}
	}
}

func TestSheet(t *testing.T) {
	// Of the judge's own side, so that nothing is resampled; a cell is 4 pixels.
	const side = judge.Side
	m := image.NewNRGBA(image.Rect(0, 0, side, side))
	m.Pix[3] = 255 // one black pixel at the top left of a white picture
	mask := make([]float32, side*side)
	for y := 8; y < 12; y++ {
		for x := 4; x < 8; x++ {
			mask[y*side+x] = 1
		}
	}
	square := find.Square{X: side / 2, Y: side / 2, Side: side}
	for _, mirror := range []bool{false, true} {
		s := sheet(find.NewPicture(m), square, maskPicture(mask, side), fusedKind, mirror)
		left, cell := 0, 1
		if mirror {
			left, cell = judge.Side-1, judge.Cells-2
		}
		for y := range judge.Packed {
			for x := range judge.Packed {
				want := uint8(0)
				switch {
				case x < judge.Side && y < judge.Side && (x != left || y != 0), x == judge.Side+cell && y == fusedKind*judge.Cells+2:
					want = 255
				}
				if got := s.NRGBAAt(x, y).R; got != want {
					t.Fatalf("mirror %v: %d at %d, %d, want %d", mirror, got, x, y, want)
				}
			}
		}
	}
}

func TestIsHand(t *testing.T) {
	for caption, want := range map[string]bool{
		"raised hand: dark skin tone, noto emoji": true, "thumbs up, 3d emoji": true, "Victory hand, flat emoji": true, "backhand index pointing up, twemoji": true,
		"handbag, noto emoji": false, "person raising hand, noto emoji": false, "clock face, twemoji": false, "face with hand over mouth": false, "palm tree": false,
	} {
		if isHand(caption) != want {
			t.Errorf("%q: %v", caption, !want)
		}
	}
	if s := styleOf("raised hand: dark skin tone, noto emoji"); s != "noto emoji" {
		t.Errorf("style %q", s)
	}
}

// With the meshes at hand: each kind is drawn, the same numbers draw the same,
// right hands have no mask and others one.
func TestDraw(t *testing.T) {
	path := filepath.Join("..", "..", "..", meshes, "left.glb")
	r, err := readRig(path)
	if err != nil {
		t.Skip("the meshes are not here: ", err)
	}
	if tip := r.at[r.chain[middle][4]]; math.Abs(r3.Norm(tip)-1) > 1e-6 || tip.Y < .95 {
		t.Errorf("the middle finger ends at %v", tip)
	}
	for kind := range kinds {
		for _, unseen := range []bool{false, true} {
			draw := func(seed uint64) Scene {
				return r.Draw(Range{unseen, []int{kind}, [2]int{48, 49}}, rand.New(rand.NewPCG(seed, 7)))
			}
			a, b := draw(1), draw(1)
			if !reflect.DeepEqual(a, b) || reflect.DeepEqual(a.Image, draw(2).Image) {
				t.Errorf("kind %d: scenes are not drawn by their numbers", kind)
			}
			sum := float32(0)
			for _, v := range a.Mask {
				sum += v
			}
			if (sum == 0) != (kind == rightKind) || a.Kind != kind || a.Image.Rect.Dx() != 48 {
				t.Errorf("kind %d: a mask of %v pixels, kind %d, %v", kind, sum, a.Kind, a.Image.Rect)
			}
		}
	}
	if _, err := readRig("hands_test.go"); err == nil {
		t.Error("Go code was read as a mesh")
	}
}
