package generate

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/limner-ai/limner/model/vae"
)

// chunks reads the chunks of a PNG and checks their sums.
func chunks(t *testing.T, path string) map[string]string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := png.Decode(bytes.NewReader(b)); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for b = b[8:]; len(b) > 0; {
		n := binary.BigEndian.Uint32(b)
		if crc32.ChecksumIEEE(b[4:8+n]) != binary.BigEndian.Uint32(b[8+n:]) {
			t.Fatal("a chunk has a wrong sum")
		}
		out[string(b[4:8])] = string(b[8 : 8+n])
		b = b[12+n:]
	}
	return out
}

func TestPNGsSayHowTheyWereMade(t *testing.T) {
	g := opened(t, untrained(t, vae.Family{}, vaeConfig, "Straße", "Ankle boot"))
	p, err := g.Sample(Request{Seed: 7, First: 2, N: 3, Class: "ankle boot", Truncation: .5})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "new", "grid.png")
	if err := g.WriteGrid(path, p, 0); err != nil {
		t.Fatal(err)
	}
	text := chunks(t, path)["tEXt"]
	for _, want := range []string{"parameters\x00Ankle boot\n", "Seed: 7, ", "Model hash: " + g.Digest, "Truncation: 0.5", "Pictures: 3", "Version: Limner "} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %q", want, text)
		}
	}
	paths, err := g.WriteSingle(filepath.Join(dir, "single"), p, 0)
	if err != nil || len(paths) != 3 || filepath.Base(paths[1]) != "7-0003-ankle-boot.png" {
		t.Fatal(paths, err)
	}
	if text := chunks(t, paths[1])["tEXt"]; !strings.Contains(text, "Picture: 3") || strings.Contains(text, "Pictures: ") {
		t.Error(text)
	}
	p, err = g.Sample(Request{Seed: 1, N: 1, Class: "straße", Truncation: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := g.WriteGrid(path, p, 1); err != nil {
		t.Fatal(err)
	}
	if text := chunks(t, path)["iTXt"]; !strings.HasPrefix(text, "parameters\x00\x00\x00\x00\x00Straße\n") {
		t.Errorf("%q", text)
	}
	all, err := g.Sample(Request{Seed: 1, N: 1, Truncation: 1})
	if err != nil {
		t.Fatal(err)
	}
	if got := g.parameters(all.Items); !strings.HasPrefix(got, "all classes\n") {
		t.Errorf("%q", got)
	}
	g.Manifest.Name = `a, "b"`
	if got := g.parameters(all.Items); !strings.Contains(got, `Model: "a, \"b\"", `) {
		t.Errorf("%q", got)
	}
	if err := g.WriteGrid(dir, p, 1); err == nil {
		t.Error("a folder was overwritten")
	}
}
