// Package settest checks that a picture set keeps the contract of package
// picture. Every kind of set runs it.
package settest

import (
	"context"
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/limner-ai/limner/dataset/picture"
)

// Run checks a set that is small enough to be read a few times.
func Run(t *testing.T, s picture.Set) {
	t.Helper()
	t.Run("extent", func(t *testing.T) { extent(t, s) })
	t.Run("items", func(t *testing.T) { items(t, s) })
	t.Run("bounds", func(t *testing.T) { bounds(t, s) })
	t.Run("together", func(t *testing.T) { together(t, s) })
	t.Run("digest", func(t *testing.T) { digest(t, s) })
}

func extent(t *testing.T, s picture.Set) {
	h, w, c := s.Shape()
	if s.Len() < 1 || h < 1 || w < 1 || c != 1 && c != 3 && c != 4 {
		t.Fatalf("%d pictures of %d×%d×%d", s.Len(), h, w, c)
	}
	names := map[string]bool{}
	for i := range s.Len() {
		if n := s.Name(i); n == "" || names[n] {
			t.Fatalf("picture %d: the name %q is empty or taken", i, n)
		} else {
			names[n] = true
		}
	}
	seen := map[string]bool{}
	for _, n := range s.Classes() {
		if n == "" || seen[n] {
			t.Errorf("class name %q is empty or taken", n)
		}
		seen[n] = true
	}
}

// read returns picture i in a buffer that was dirty before.
func read(t *testing.T, s picture.Set, i int) ([]float32, picture.Label) {
	t.Helper()
	h, w, c := s.Shape()
	p := make([]float32, h*w*c)
	for k := range p {
		p[k] = float32(math.NaN())
	}
	l, err := s.Item(i, p)
	if err != nil {
		t.Fatalf("picture %d: %v", i, err)
	}
	return p, l
}

func items(t *testing.T, s picture.Set) {
	for i := range s.Len() {
		p, l := read(t, s, i)
		for k, v := range p {
			level := float32(math.Round(float64(v) * 255))
			if !(v >= 0 && v <= 1) || v != level/255 {
				t.Fatalf("picture %d, value %d: %v is not a level of 0..255, over 255", i, k, v)
			}
		}
		if l.Class < -1 || l.Class >= len(s.Classes()) || (l.Class < 0) != (s.Classes() == nil) {
			t.Fatalf("picture %d has class %d of %d", i, l.Class, len(s.Classes()))
		}
		if again, m := read(t, s, i); !slices.Equal(p, again) || l != m {
			t.Fatalf("picture %d differs when read again", i)
		}
		if m, err := s.Item(i, nil); err != nil || m != l {
			t.Fatalf("picture %d: label alone is %v, %v; with pixels %v", i, m, err, l)
		}
	}
}

func bounds(t *testing.T, s picture.Set) {
	h, w, c := s.Shape()
	p := make([]float32, h*w*c)
	for _, i := range []int{-1, s.Len()} {
		if _, err := s.Item(i, p); err == nil || picture.IsSkip(err) {
			t.Errorf("picture %d of %d: error is %v", i, s.Len(), err)
		}
	}
	for _, n := range []int{0, len(p) - 1, len(p) + 1} {
		if _, err := s.Item(0, make([]float32, n)); err == nil || picture.IsSkip(err) {
			t.Errorf("buffer of %d values for %d: error is %v", n, len(p), err)
		}
	}
}

// together reads from several goroutines, for the race detector's sake.
func together(t *testing.T, s picture.Set) {
	n := min(s.Len(), 16)
	want := make([][]float32, n)
	for i := range want {
		want[i], _ = read(t, s, i)
	}
	h, w, c := s.Shape()
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			p := make([]float32, h*w*c)
			for i := range n {
				k := (i + g) % n
				if _, err := s.Item(k, p); err != nil || !slices.Equal(p, want[k]) {
					t.Errorf("picture %d differs when read beside others (%v)", k, err)
				}
			}
		})
	}
	wg.Wait()
}

func digest(t *testing.T, s picture.Set) {
	ctx := context.Background()
	a, err := picture.Digest(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := picture.Digest(ctx, reversed{s}); err != nil || a != b {
		t.Errorf("digest %v depends on the order: reversed it is %v, %v", a, b, err)
	}
	if s.Len() > 1 {
		if b, err := picture.Digest(ctx, first{s}); err != nil || a == b {
			t.Errorf("digest %v does not change when a picture is left out (%v)", a, err)
		}
	}
}

// reversed is a set from its end.
type reversed struct{ picture.Set }

func (r reversed) Item(i int, p []float32) (picture.Label, error) {
	return r.Set.Item(r.Len()-1-i, p)
}

// first is a set without its last picture.
type first struct{ picture.Set }

func (f first) Len() int { return f.Set.Len() - 1 }
