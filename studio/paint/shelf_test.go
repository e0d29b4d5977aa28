package paint

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/model/box"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/model/vae"
)

func names(models []Model) (out []string) {
	for _, m := range models {
		out = append(out, m.Name)
	}
	return out
}

func TestShelf(t *testing.T) {
	w, _ := studio(t)
	runs, ctx := w.shelf.folders[0], context.Background()
	if err := os.WriteFile(filepath.Join(runs, "junk.safetensors"), []byte("junk"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(runs, "empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	list, err := w.shelf.Models(ctx)
	if err != nil || !slices.Equal(names(list), []string{box.Name, "clothes", "forger", "plain"}) {
		t.Fatal(names(list), err)
	}
	if m := list[0]; !m.Boxed || m.Family != "flow" || m.Width != 64 || m.Channels != 4 || !m.Takes.Words || m.Sampling.Steps == 0 || len(m.Licences) == 0 || m.Root == "" {
		t.Errorf("%+v", m)
	}
	if m := list[1]; m.Boxed || !slices.Equal(m.Classes, []string{"Bag", "Ankle boot"}) || !slices.Contains(m.Offers, "inpainting") || len(m.Digest) < 64 {
		t.Errorf("%+v", m)
	}
	for _, name := range []string{"../runs/clothes", "/etc/passwd", runs + "/clothes", "clothes/", "plain.safetensors", ".", "CLOTHES", "empty"} {
		var unknown *UnknownError
		if _, err := w.shelf.Model(ctx, name); !errors.As(err, &unknown) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.shelf.Model(ctx, "junk"); err == nil || strings.Contains(err.Error(), runs) {
		t.Errorf("junk: %v", err)
	}
	if _, err := w.shelf.Model(ctx, "clothse"); err == nil || !strings.Contains(err.Error(), "clothes") {
		t.Errorf("no hint in %v", err)
	}
	// A file that changed is looked at again.
	before := list[3].Digest
	untrained(t, filepath.Join(runs, "plain.safetensors"), vae.Family{}, vaeConfig, 1, "a", "b")
	if m, err := w.shelf.Model(ctx, "plain"); err != nil || m.Digest == before || len(m.Classes) != 2 {
		t.Errorf("%+v, %v", m, err)
	}
	// A model may have the name of the one in the box, which is then "".
	untrained(t, filepath.Join(runs, box.Name, trained.FileName), vae.Family{}, vaeConfig, 1)
	if m, err := w.shelf.Model(ctx, box.Name); err != nil || m.Boxed {
		t.Errorf("%+v, %v", m, err)
	}
	if m, err := w.shelf.Model(ctx, ""); err != nil || !m.Boxed {
		t.Errorf("%+v, %v", m, err)
	}
}

// The models that were not wanted for longest are closed, those in use never.
func TestShelfClosesModels(t *testing.T) {
	w, _ := studio(t)
	s := w.shelf
	s.keep = 2
	open := func() (out []string) {
		for _, r := range s.opened {
			out = append(out, r.place.name)
		}
		return out
	}
	use := func(name string, f func()) {
		t.Helper()
		if err := s.Use(context.Background(), name, func(*generate.Generator) error { f(); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	nothing := func() {}
	use("plain", nothing)
	use("clothes", nothing)
	use("plain", nothing)
	use("forger", nothing)
	if got := open(); !slices.Equal(got, []string{"plain", "forger"}) {
		t.Error(got)
	}
	r, err := s.take("plain")
	if err != nil {
		t.Fatal(err)
	}
	use("forger", nothing)
	use("clothes", nothing)
	if got := open(); !slices.Equal(got, []string{"plain", "clothes"}) {
		t.Error(got)
	}
	s.Close()
	if got := open(); !slices.Equal(got, []string{"plain"}) {
		t.Error(got)
	}
	s.give(r)
	if got := open(); len(got) != 0 {
		t.Error(got)
	}
	if _, err := s.take("plain"); err == nil {
		t.Error("a closed shelf opens models")
	}
}
