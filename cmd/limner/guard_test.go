package main

import (
	"image"
	"testing"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/internal/basis"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/trace"
)

// Whoever makes pictures with the model in the box can tell whether they are
// near to what it was trained on.
func TestGuardKnowsTheModelInTheBox(t *testing.T) {
	_, m, _, err := inTheBox()
	if err != nil {
		t.Fatal(err)
	}
	look := guard()
	blank := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	if near, known, err := look(t.Context(), m.Data.Basis.Root, blank); err != nil || !known || near.TooNear {
		t.Errorf("%+v %v %v: the index in the box is of another set than %s", near, known, err, m.Data.Basis.Root)
	}
	if _, known, err := look(t.Context(), "sha256:00", blank); err != nil || known {
		t.Error("a set that nobody has an index of is known", err)
	}
}

// evaluate asks the same guard: what is a training picture is too near, what is blank
// is not, and of a model whose set nobody knows it does not ask.
func TestEvaluateAsksTheGuard(t *testing.T) {
	_, m, _, err := inTheBox()
	if err != nil {
		t.Fatal(err)
	}
	g, err := guardFor(t.Context(), &m)
	if err != nil || g == nil || g.Others < 1 {
		t.Fatal(g, err)
	}
	x, err := trace.OpenIndexes(traceFolder()).Find(m.Data.Basis.Root)
	if err != nil {
		t.Fatal(err)
	}
	copies, pictures := 0, 0
	for i := 0; i < x.Len() && pictures < 10; i += 997 {
		if !x.Picture(i).Trained {
			continue
		}
		pictures++
		thumb, err := x.Image(i)
		if err != nil {
			t.Fatal(err)
		}
		p := tensor.New(32, 32, 4)
		for k, v := range thumb.Pix {
			p.Data[k] = float32(v) / 255
		}
		near, err := g.TooNear(p)
		if err != nil {
			t.Fatal(err)
		}
		if near {
			copies++
		}
	}
	if copies < 8 {
		t.Errorf("%d of %d training pictures are too near to themselves", copies, pictures)
	}
	if near, err := g.TooNear(tensor.New(64, 64, 4)); near || err != nil {
		t.Errorf("nothing is near to a training picture: %v, %v", near, err)
	}
	if g, err = guardFor(t.Context(), &trained.Manifest{Data: trained.Data{Basis: basis.Basis{Root: "sha256:00"}}}); g != nil || err != nil {
		t.Errorf("a set that nobody knows is guarded: %v", err)
	}
}
