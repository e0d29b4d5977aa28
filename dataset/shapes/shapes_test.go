package shapes

import (
	"context"
	"encoding/json"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/dataset/settest"
)

func open(t testing.TB, src picture.Source) *Set {
	t.Helper()
	s, err := Open(src)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func item(t testing.TB, s *Set, i int) ([]float32, picture.Label) {
	t.Helper()
	h, w, c := s.Shape()
	p := make([]float32, h*w*c)
	l, err := s.Item(i, p)
	if err != nil {
		t.Fatal(err)
	}
	return p, l
}

func TestContract(t *testing.T) {
	settest.Run(t, open(t, picture.Source{Count: 40, Seed: 3}))
	settest.Run(t, open(t, picture.Source{Count: 20, Size: 28, Channels: 1, Split: picture.Test}))
}

// A picture depends on the seed, the split and its counter alone.
func TestPure(t *testing.T) {
	few, many := open(t, picture.Source{Seed: 8, Count: 9}), open(t, picture.Source{Seed: 8})
	all := open(t, picture.Source{Seed: 8, Count: 10, Split: picture.All})
	test := open(t, picture.Source{Seed: 8, Split: picture.Test})
	other := open(t, picture.Source{Seed: 9})
	if few.Len() != 9 || many.Len() != 20_000 || test.Len() != 2_000 || all.Len() != 2_010 {
		t.Errorf("%d, %d, %d, %d pictures", few.Len(), many.Len(), test.Len(), all.Len())
	}
	for i := range 9 {
		a, l := item(t, few, i)
		b, m := item(t, many, i)
		c, _ := item(t, all, i)
		if !slices.Equal(a, b) || !slices.Equal(a, c) || l != m {
			t.Errorf("picture %d depends on the number of pictures", i)
		}
		d, _ := item(t, test, i)
		if e, _ := item(t, all, 10+i); !slices.Equal(d, e) {
			t.Errorf("test picture %d differs in all", i)
		}
		f, _ := item(t, other, i)
		if slices.Equal(a, d) || slices.Equal(a, f) {
			t.Errorf("picture %d is the same in another split or of another seed", i)
		}
	}
	if all.Name(9) != "train/9" || all.Name(10) != "test/0" {
		t.Errorf("names %s, %s", all.Name(9), all.Name(10))
	}
}

// What seed 1 draws, so that no change of it passes unnoticed: models name
// the set that they were trained on by such a root.
func TestRoot(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("the last level may differ where multiplications and additions are fused")
	}
	got, err := picture.Digest(context.Background(), open(t, picture.Source{Seed: 1, Count: 64}))
	const want = "sha256:3996b4d5cf842dd91ba18223b9bc5ab28c7e7507b18a07b346ef7b05bc28fdbc"
	if err != nil || got.String() != want {
		t.Errorf("root %v, want %s (%v)", got, want, err)
	}
}

func TestFactorsAreBalanced(t *testing.T) {
	const n = 20_000
	s := open(t, picture.Source{Seed: 2, Count: n})
	seen := map[string]map[string]int{}
	for i := range n {
		f := s.Factors(i)
		for factor, v := range map[string]string{
			"kind": f.Kind, "colour": f.Colour, "texture": f.Texture, "ground": f.Ground, "size": f.Size, "light": f.Light,
		} {
			if seen[factor] == nil {
				seen[factor] = map[string]int{}
			}
			seen[factor][v]++
		}
	}
	for factor, values := range map[string]int{"kind": 10, "colour": 10, "texture": 4, "ground": 5, "size": 3, "light": 8} {
		if len(seen[factor]) != values {
			t.Errorf("%s has %d values, want %d", factor, len(seen[factor]), values)
		}
		for v, k := range seen[factor] {
			if want := n / values; k < want*9/10 || k > want*11/10 {
				t.Errorf("%s %s: %d of %d, want about %d", factor, v, k, n, want)
			}
		}
	}
}

func TestCaption(t *testing.T) {
	s := open(t, picture.Source{Seed: 4, Count: 300})
	grey := open(t, picture.Source{Seed: 4, Count: 300, Channels: 1})
	for i := range s.Len() {
		f := s.Factors(i)
		want := "a " + f.Size + " " + f.Colour + " " + f.Texture + " " + f.Kind + ", light from " + f.Light
		want = strings.Replace(want, " plain", "", 1)
		l, err := s.Item(i, nil)
		if err != nil || l.Caption != want || s.Classes()[l.Class] != f.Kind {
			t.Errorf("%+v: %q of class %d", f, l.Caption, l.Class)
		}
		if g, _ := grey.Item(i, nil); g.Caption != strings.Replace(want, " "+f.Colour, "", 1) {
			t.Errorf("%+v in grey: %q", f, g.Caption)
		}
	}
}

// A picture can be drawn again from the factors that its JSON tells.
func TestFactorsAreComplete(t *testing.T) {
	for _, src := range []picture.Source{{Count: 30}, {Count: 30, Size: 40, Channels: 1}} {
		s := open(t, src)
		h, _, c := s.Shape()
		for i := range s.Len() {
			text, err := json.Marshal(s.Detail(i))
			if err != nil {
				t.Fatal(err)
			}
			var f Factors
			if err := json.Unmarshal(text, &f); err != nil {
				t.Fatal(err)
			}
			levels, again := make([]uint8, h*h*c), make([]float32, h*h*c)
			if err := Draw(levels, f, h, c); err != nil {
				t.Fatal(err)
			}
			picture.Unit(again, levels)
			if p, _ := item(t, s, i); !slices.Equal(p, again) {
				t.Errorf("%s draws another picture", text)
			}
		}
	}
}

func TestVary(t *testing.T) {
	full, none := open(t, picture.Source{Count: 200}), open(t, picture.Source{Count: 200, Vary: []string{"none"}})
	some := open(t, picture.Source{Count: 200, Vary: []string{"colour", "place"}})
	kinds := map[string]bool{}
	for i := range 200 {
		f, n, s := full.Factors(i), none.Factors(i), some.Factors(i)
		kinds[n.Kind] = true
		if n.Kind != f.Kind || s.Kind != f.Kind || s.Colour != f.Colour {
			t.Errorf("%+v, %+v and %+v differ in what varies", f, n, s)
		}
		s.Colour, s.X, s.Y = n.Colour, n.X, n.Y
		want := Factors{n.Kind, "red", "plain", "grey", "large", 0.3225, 0.5, 0.5, 0, "the upper left", 135, ""}
		if n != want || s != n {
			t.Errorf("%+v and %+v, want %+v", n, s, want)
		}
	}
	if len(kinds) != 10 {
		t.Errorf("%d kinds", len(kinds))
	}
}

func TestBadInput(t *testing.T) {
	for name, src := range map[string]picture.Source{
		"too small": {Size: 8}, "vary": {Vary: []string{"mood"}}, "vary none and": {Vary: []string{"none", "light"}},
		"channels": {Channels: 2}, "alpha": {Channels: 4}, "split": {Split: "dev"},
	} {
		if _, err := Open(src); err == nil || !strings.HasPrefix(err.Error(), "shapes: ") {
			t.Errorf("%s: error is %v", name, err)
		}
	}
	good := open(t, picture.Source{}).Factors(0)
	levels := make([]uint8, 32*32*3)
	for name, spoil := range map[string]func(*Factors){
		"kind": func(f *Factors) { f.Kind = "blob" }, "colour": func(f *Factors) { f.Colour = "" },
		"texture": func(f *Factors) { f.Texture = "furry" }, "ground": func(f *Factors) { f.Ground = "lava" },
		"radius": func(f *Factors) { f.Radius = 0 }, "place": func(f *Factors) { f.X = nan },
	} {
		f := good
		spoil(&f)
		if err := Draw(levels, f, 32, 3); err == nil {
			t.Errorf("%s: %+v was drawn", name, f)
		}
	}
	for _, c := range [][2]int{{31, 3}, {32, 1}, {0, 3}, {48, 2}} {
		if err := Draw(levels, good, c[0], c[1]); err == nil {
			t.Errorf("drawn into %d bytes: %v", len(levels), c)
		}
	}
}

func TestItemAllocatesNothing(t *testing.T) {
	s := open(t, picture.Source{})
	p := make([]float32, 32*32*3)
	i := 0
	if n := testing.AllocsPerRun(100, func() { s.Item(i, p); i++ }); n > 0 {
		t.Errorf("%v allocations a picture", n)
	}
}

func BenchmarkItem(b *testing.B) {
	for name, size := range map[string]int{"28": 28, "32": 32, "64": 64} {
		b.Run(name, func(b *testing.B) {
			s := open(b, picture.Source{Size: size})
			p := make([]float32, size*size*3)
			s.Item(0, p)
			i := 0
			for b.Loop() {
				s.Item(i%s.Len(), p)
				i++
			}
			b.ReportMetric(float64(i)/b.Elapsed().Seconds(), "pictures/s")
		})
	}
}

func BenchmarkReliefs(b *testing.B) {
	for b.Loop() {
		for _, o := range outlines() {
			newRelief(o.centred())
		}
	}
}
