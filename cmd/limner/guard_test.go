package main

import (
	"image"
	"testing"
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
