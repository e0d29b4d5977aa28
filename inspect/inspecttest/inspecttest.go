// Package inspecttest holds what every inspector must keep to, as one suite.
package inspecttest

import (
	"bytes"
	"context"
	"errors"
	"image"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/limner-ai/limner/inspect"
)

// Run runs the suite on a kind of inspector, on made pictures and on those given.
func Run(t *testing.T, kind inspect.Kind, given ...*image.NRGBA) {
	if kind.Name == "" || kind.Summary == "" || len(kind.Faults) == 0 || kind.Open == nil {
		t.Fatalf("the kind %+v lacks something", kind)
	}
	in := open(t, kind, 0)
	pictures := Pictures()
	for _, m := range given {
		pictures = append(pictures, Picture{"given", m})
	}
	findings := make([]inspect.Finding, len(pictures))
	for i, p := range pictures {
		t.Run(strings.ReplaceAll(p.Name, " ", "-"), func(t *testing.T) {
			findings[i] = look(t, in, p.Image)
			Check(t, kind, p.Image, findings[i])
		})
	}
	t.Run("again", func(t *testing.T) { again(t, kind, in, pictures, findings) })
	t.Run("moved", func(t *testing.T) { moved(t, in) })
	t.Run("cancelled", func(t *testing.T) { cancelled(t, in, pictures) })
}

// Check holds a finding against the contract.
func Check(t testing.TB, kind inspect.Kind, m *image.NRGBA, f inspect.Finding) {
	t.Helper()
	if f.Inspector != kind.Name {
		t.Errorf("the inspector calls itself %q, its kind %q", f.Inspector, kind.Name)
	}
	if s := strings.TrimSpace(f.Sentence); s == "" || s != f.Sentence || strings.ContainsAny(s, "\n\t") || !strings.HasSuffix(s, ".") {
		t.Errorf("%q is no sentence", f.Sentence)
	}
	if !f.Applies {
		if !reflect.DeepEqual(f, inspect.Finding{Inspector: f.Inspector, Sentence: f.Sentence}) {
			t.Errorf("what does not apply says more than why: %+v", f)
		}
		return
	}
	if math.IsNaN(f.Score) || math.IsInf(f.Score, 0) || !(f.Probability >= 0 && f.Probability <= 1) {
		t.Errorf("score %v, probability %v", f.Score, f.Probability)
	}
	if f.Faulty != (f.Fault != "") || f.Fault != "" && !slices.Contains(kind.Faults, f.Fault) {
		t.Errorf("faulty: %v, fault %q; there are %q", f.Faulty, f.Fault, kind.Faults)
	}
	if h := f.Heat; h != nil {
		if h.W < 1 || h.H < 1 || len(h.Value) != h.W*h.H || h.W > m.Rect.Dx() || h.H > m.Rect.Dy() {
			t.Errorf("heat of %d×%d with %d values for a picture of %v", h.W, h.H, len(h.Value), m.Rect.Size())
		}
		for i, v := range h.Value {
			if !(v >= 0 && v <= 1) {
				t.Errorf("heat %v at %d", v, i)
				break
			}
		}
	}
	for i, r := range f.Regions {
		if r.Box.Empty() || !r.Box.In(m.Rect) || !(r.Score >= 0 && r.Score <= 1) {
			t.Errorf("region %d: %v with %v in %v", i, r.Box, r.Score, m.Rect)
		}
		if i > 0 && r.Score > f.Regions[i-1].Score {
			t.Errorf("region %d is worse than the one before", i)
		}
	}
	for name, v := range f.Measures {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			t.Errorf("measure %s is %v", name, v)
		}
	}
}

func open(t *testing.T, kind inspect.Kind, threads int) inspect.Inspector {
	t.Helper()
	in, err := kind.Open(inspect.Env{Threads: threads})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := in.Close(); err != nil {
			t.Error(err)
		}
	})
	return in
}

// look inspects a picture and holds that it stays as it was.
func look(t testing.TB, in inspect.Inspector, m *image.NRGBA) inspect.Finding {
	t.Helper()
	before, bounds := slices.Clone(m.Pix), m.Rect
	f, err := in.Inspect(context.Background(), m)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, m.Pix) || bounds != m.Rect {
		t.Fatal("the picture was changed")
	}
	return f
}

// again inspects all pictures at once, with another inspector and another number
// of threads, in another order.
func again(t *testing.T, kind inspect.Kind, in inspect.Inspector, pictures []Picture, want []inspect.Finding) {
	other := open(t, kind, 1)
	var wait sync.WaitGroup
	for i := len(pictures) - 1; i >= 0; i-- {
		if p := pictures[i]; p.Image.Rect.Dx()*p.Image.Rect.Dy() <= 256*256 {
			for _, in := range []inspect.Inspector{other, in} {
				wait.Go(func() {
					f, err := in.Inspect(context.Background(), p.Image)
					if err != nil || !reflect.DeepEqual(f, want[i]) {
						t.Errorf("%s: another time the finding is\n%+v, %v, before\n%+v", p.Name, f, err, want[i])
					}
				})
			}
		}
	}
	wait.Wait()
}

// moved inspects a part of a larger picture, which must be seen as by itself.
func moved(t *testing.T, in inspect.Inspector) {
	whole := face(96)
	part := whole.SubImage(image.Rect(11, 7, 75, 71)).(*image.NRGBA)
	alone := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for y := range 64 {
		copy(alone.Pix[y*alone.Stride:][:4*64], part.Pix[y*part.Stride:])
	}
	got, want := look(t, in, part), look(t, in, alone)
	for i := range want.Regions {
		want.Regions[i].Box = want.Regions[i].Box.Add(part.Rect.Min)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("a part of a picture gives\n%+v, the same by itself\n%+v", got, want)
	}
}

func cancelled(t *testing.T, in inspect.Inspector, pictures []Picture) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, p := range pictures {
		if _, err := in.Inspect(ctx, p.Image); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: when the context had ended the error is %v", p.Name, err)
		}
	}
}
