// Package worktest is a small home for tests: a source of three pictures, a
// recipe of curation, and a way to freeze what it makes.
package worktest

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/limner-ai/limner/dataset/frozen"
	"github.com/limner-ai/limner/internal/home"
	"github.com/limner-ai/limner/studio/work/place"
)

// Places are those of a home whose catalogue has the source "art": three
// pictures, an apple, a pear and a fig, of which the fig is for non-commercial
// use alone. The recipe "fruit" makes a set of it. Nothing was taken in yet.
func Places(t testing.TB) place.Places {
	t.Helper()
	dir := t.TempDir()
	p := place.Places{
		Home: home.Home(filepath.Join(dir, "home")), Runs: filepath.Join(dir, "runs"), Curated: filepath.Join(dir, "curated"),
		Sets: []string{filepath.Join(dir, "sets")}, Recipes: []string{filepath.Join(dir, "recipes")},
	}
	write := func(name string, data []byte) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for i, name := range []string{"art/apple.png", "art/pear.png", "art/nc/fig.png"} {
		m := image.NewNRGBA(image.Rect(0, 0, 64, 64))
		for k := range 64 * 64 {
			x, y := k%64, k/64
			m.SetNRGBA(x, y, color.NRGBA{uint8(x * (3 + i) * 7), uint8(y * (5 - i) * 3), uint8(x * y * (i + 1) / 8), 255})
		}
		var b bytes.Buffer
		if err := png.Encode(&b, m); err != nil {
			t.Fatal(err)
		}
		write(name, b.Bytes())
	}
	write("art/rights.yaml", []byte("holder: Jane Doe\nlicence: MIT\nfiles:\n  - {match: \"nc/**\", licence: CC-BY-NC-4.0}\n"))
	write("recipes/fruit.yaml", []byte("name: fruit\nsources: [{id: art}]\nsize: 16\n"))
	write("recipes/run.yaml", []byte("name: a run file\ndata: {kind: shapes}\n"))
	e, err := home.NewEntry("art", "folder", dir, []byte("path: art\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Home.Save(e, false); err != nil {
		t.Fatal(err)
	}
	return p
}

// Freeze makes the data set "fruit" of the curated one of that name.
func Freeze(t testing.TB, p place.Places) frozen.Manifest {
	t.Helper()
	l, err := p.Home.WriteLedger()
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	desk, err := p.Home.Desk(t.Context(), l, "train", "")
	if err != nil {
		t.Fatal(err)
	}
	m, err := frozen.Run(t.Context(), frozen.Input{
		Name: "fruit", Curated: filepath.Join(p.Curated, "fruit"), Purpose: "train", Picture: p.Home.Objects().Get, Decide: desk.Decide, Record: desk.Record, Code: "test",
	}, filepath.Join(p.Sets[0], "fruit"))
	if err != nil {
		t.Fatal(err)
	}
	return m
}
