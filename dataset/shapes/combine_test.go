package shapes

import (
	"context"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/dataset/settest"
)

func combined(split picture.Split, count int) picture.Source {
	return picture.Source{Seed: 6, Count: count, Split: split, Combinations: true, Vary: []string{"colour", "place", "size", "angle", "ground", "light"}}
}

type combination struct{ kind, colour, place string }

func TestCombinationsAreHeldOut(t *testing.T) {
	count := func(split picture.Split) map[combination]int {
		seen := map[combination]int{}
		s := open(t, combined(split, 20_000))
		for i := range s.Len() {
			f := s.Factors(i)
			seen[combination{f.Kind, f.Colour, f.Place}]++
		}
		return seen
	}
	train, test := count(picture.Train), count(picture.Test)
	if len(train)+len(test) != 900 || len(test) < 120 || len(test) > 135 {
		t.Errorf("%d combinations are trained, %d held out", len(train), len(test))
	}
	pairs := map[combination]int{}
	for c := range train {
		if test[c] > 0 {
			t.Errorf("%v is in both splits", c)
		}
		pairs[combination{c.kind, c.colour, ""}]++
		pairs[combination{c.kind, "", c.place}]++
		pairs[combination{"", c.colour, c.place}]++
	}
	if len(pairs) != 100+90+90 {
		t.Errorf("%d pairs are trained", len(pairs))
	}
	for p, n := range pairs {
		if n < 7 {
			t.Errorf("%v is trained with %d others only", p, n)
		}
	}
	for c, n := range train {
		if n < 8 || n > 60 { // 26 expected
			t.Errorf("%v is drawn %d times", c, n)
		}
	}
}

// What the words say of size and place holds of the pictures.
func TestPlaces(t *testing.T) {
	const size = 64
	s := open(t, combined(picture.Train, 200))
	all := map[string]bool{}
	for i := range s.Len() {
		f := s.Factors(i)
		all[f.Place] = true
		_, x, y := moments(coverage(t, f, size), size)
		if math.Hypot(x-f.X, y-f.Y) > 0.012 {
			t.Errorf("%+v: centre of mass at (%.3f, %.3f)", f, x, y)
		}
		words := []string{}
		for _, w := range []struct {
			v         float64
			low, high string
		}{{y, "top", "bottom"}, {x, "left", "right"}} {
			if w.v < 0.42 {
				words = append(words, w.low)
			} else if w.v > 0.58 {
				words = append(words, w.high)
			}
		}
		want := strings.Join(words, " ")
		if want == "" {
			want = "middle"
		}
		if f.Place != want {
			t.Errorf("%+v: lies at the %s", f, want)
		}
		if edge := f.Radius * 1.35; min(f.X, f.Y, 1-f.X, 1-f.Y) < edge*0.7 {
			t.Errorf("%+v reaches over the edge", f)
		}
	}
	if len(all) != 9 {
		t.Errorf("places %v", all)
	}
}

func TestWordings(t *testing.T) {
	c := choice{kind: 6, colour: 1, texture: 1, size: 2, placed: true, place: 5}
	vary := varied{colour: true, place: true, size: true, texture: true}
	for i, want := range []string{
		"a large orange striped crescent on the right",
		"orange striped crescent, right",
		"on the right, an orange striped crescent",
		"a large striped crescent in orange on the right",
		"an orange striped crescent on the right of the picture",
		"eine große orangefarbene gestreifte Mondsichel rechts",
		"rechts eine große orangefarbene gestreifte Mondsichel",
	} {
		c.wording = i
		if got := c.worded(vary); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	plain := choice{kind: 0, colour: 0, size: 1, placed: true, place: 0}
	if got := plain.worded(varied{}); got != "a red circle at the top left" {
		t.Error(got)
	}
	if n := []int{len(germanKinds), len(germanColours), len(germanSizes), len(germanTexture)}; !slices.Equal(n, []int{len(Kinds()), len(Colours()), len(sizes), len(Textures())}) {
		t.Errorf("German words %v", n)
	}
}

func TestLabels(t *testing.T) {
	of := func(label string) *Set {
		src := combined(picture.Test, 50)
		src.Labels = label
		return open(t, src)
	}
	kind, colour, place := of(""), of("colour"), of("place")
	for i := range kind.Len() {
		f := kind.Factors(i)
		for s, want := range map[*Set]string{kind: f.Kind, colour: f.Colour, place: f.Place} {
			if l, err := s.Item(i, nil); err != nil || s.Classes()[l.Class] != want || l.Caption == "" {
				t.Errorf("%+v is of class %v, want %s", f, l, want)
			}
		}
	}
}

func TestCombinationsKeepTheContract(t *testing.T) {
	src := combined(picture.All, 30)
	src.Labels = "place"
	settest.Run(t, open(t, combined(picture.Train, 40)))
	s := open(t, src)
	test := open(t, combined(picture.Test, 5))
	if a, b := s.Factors(30), test.Factors(0); a != b || s.Len() != 2030 {
		t.Errorf("%+v and %+v", a, b)
	}
	for name, spoil := range map[string]func(*picture.Source){
		"no place":  func(s *picture.Source) { s.Vary = []string{"colour"} },
		"no colour": func(s *picture.Source) { s.Vary = []string{"place"} },
		"grey":      func(s *picture.Source) { s.Channels = 1 },
		"labels":    func(s *picture.Source) { s.Labels = "mood" },
		"place":     func(s *picture.Source) { s.Labels, s.Combinations = "place", false },
	} {
		src := combined(picture.Train, 1)
		spoil(&src)
		if _, err := Open(src); err == nil || !strings.HasPrefix(err.Error(), "shapes: ") {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

// What seed 1 draws, as in TestRoot.
func TestCombinedRoot(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("the last level may differ where multiplications and additions are fused")
	}
	src := combined(picture.Train, 64)
	src.Seed = 1
	got, err := picture.Digest(context.Background(), open(t, src))
	const want = "sha256:67ac8f179465580c1c04046ff0ec8c152ef8c5f569cac33e788170ec646477d6"
	if err != nil || got.String() != want {
		t.Errorf("root %v, want %s (%v)", got, want, err)
	}
}
