package generate

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/limner-ai/limner/engine/tensor"
	"github.com/limner-ai/limner/model/vae"
)

// chunks reads the texts of a PNG by keyword and checks the sums of all chunks.
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
		if key, text, ok := strings.Cut(string(b[8:8+n]), "\x00"); ok && strings.HasSuffix(string(b[4:8]), "Xt") {
			out[key] = text
		}
		b = b[12+n:]
	}
	return out
}

func TestPNGsSayHowTheyWereMade(t *testing.T) {
	g := opened(t, untrained(t, vae.Family{}, vaeConfig, "Straße", "Ankle boot"))
	dir := t.TempDir()
	p := make1(t, g, Request{Seed: 7, First: 2, N: 3, Class: "ankle boot", Truncation: .5})
	path := filepath.Join(dir, "new", "grid.png")
	if err := g.Write(path, p, Look{}); err != nil {
		t.Fatal(err)
	}
	text := chunks(t, path)["parameters"]
	for _, want := range []string{"Ankle boot\n", "Seed: 7, ", "Model hash: " + g.Digest, "Truncation: 0.5", "Pictures: 3", "Version: Limner "} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %q", want, text)
		}
	}
	paths, err := g.WriteSingle(filepath.Join(dir, "single"), p, Look{})
	if err != nil || len(paths) != 3 || filepath.Base(paths[1]) != "7-0003-ankle-boot.png" {
		t.Fatal(paths, err)
	}
	if text := chunks(t, paths[1])["parameters"]; !strings.Contains(text, "Picture: 3") || strings.Contains(text, "Pictures: ") {
		t.Error(text)
	}
	p = make1(t, g, Request{Seed: 1, N: 1, Class: "straße"})
	if err := g.Write(path, p, Look{}); err != nil {
		t.Fatal(err)
	}
	if text := chunks(t, path)["parameters"]; !strings.HasPrefix(text, "\x00\x00\x00\x00Straße\n") {
		t.Errorf("%q", text)
	}
	g.Manifest.Name = `a, "b"`
	all := make1(t, g, Request{Seed: 1, N: 1})
	if got := g.Origin(all.Request, all.Items).Parameters(); !strings.HasPrefix(got, "all classes\n") || !strings.Contains(got, `Model: "a, \"b\"", `) {
		t.Errorf("%q", got)
	}
	if err := g.Write(dir, p, Look{}); err == nil {
		t.Error("a folder was overwritten")
	}
}

func TestWhatWasAskedForIsWritten(t *testing.T) {
	g := opened(t, untrained(t, vae.Family{}, vaeConfig))
	image := one(noise(1, 1), 0)
	q := Request{
		Prompt: "a red\napple\x1b[2J\xff, 3d", Negative: "blur", Seed: 3, N: 1,
		Steps: 4, Sampler: "heun", Guidance: 2.5, Image: image, Strength: .25,
	}
	o := g.Origin(q, []Item{{Seed: 3, How: "variation", Truncation: 1, Class: -1}})
	lines := strings.Split(o.Parameters(), "\n")
	if len(lines) != 3 || lines[0] != "a red apple[2J, 3d" || lines[1] != "Negative prompt: blur" ||
		!strings.HasPrefix(lines[2], "Steps: 4, Sampler: heun, CFG scale: 2.5, Seed: 3, ") || !strings.Contains(lines[2], ", Denoising strength: 0.25, ") {
		t.Errorf("%q", lines)
	}
	path := filepath.Join(t.TempDir(), "x.png")
	if err := g.Write(path, &Pictures{Images: image, Items: []Item{{Seed: 3}}, Request: q}, Look{}); err != nil {
		t.Fatal(err)
	}
	var back Origin
	if err := json.Unmarshal([]byte(chunks(t, path)["limner"]), &back); err != nil || back.Prompt != o.Prompt || back.Digest != g.Digest || *back.Strength != .25 || back.Width != 8 {
		t.Errorf("%+v, %v", back, err)
	}
	ends := g.Origin(Request{From: &End{Seed: 8}, To: &End{Image: image}}, []Item{{}, {How: "interpolation"}})
	if !strings.Contains(ends.Parameters(), "Between: 8 and picture, Pictures: 2, How: interpolation") {
		t.Error(ends.Parameters())
	}
}

// A picture of its own keeps its bytes, alpha and all.
func TestTransparency(t *testing.T) {
	g := opened(t, untrained(t, vae.Family{}, vaeConfig))
	g.Manifest.Pictures.Channels = 4
	images := tensor.New(2, 8, 8, 4)
	for i := range images.Data {
		images.Data[i] = float32(i%256) / 255
	}
	p := &Pictures{Images: images, Items: []Item{{}, {Index: 1}}}
	paths, err := g.WriteSingle(t.TempDir(), p, Look{Scale: 2})
	if err != nil {
		t.Fatal(err)
	}
	m := decoded(t, paths[0]).(*image.NRGBA)
	for i := range 64 {
		at := m.NRGBAAt(2*(i%8)+1, 2*(i/8)+1)
		if want := (color.NRGBA{uint8(4 * i), uint8(4*i + 1), uint8(4*i + 2), uint8(4*i + 3)}); at != want {
			t.Fatalf("pixel %d is %v, want %v", i, at, want)
		}
	}
	paths, err = g.WriteSingle(t.TempDir(), p, Look{Background: &color.NRGBA{0, 255, 0, 255}})
	if err != nil {
		t.Fatal(err)
	}
	if c := color.NRGBAModel.Convert(decoded(t, paths[0]).At(0, 0)).(color.NRGBA); c.A != 255 || c.G != 252 || c.R != 0 {
		t.Errorf("over green: %v", c)
	}
}

func decoded(t *testing.T, path string) image.Image {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestIDsFollowFromWhatWasAskedFor(t *testing.T) {
	id := func(o Origin, ground ...[]byte) string {
		o.Identify(ground...)
		return o.ID
	}
	o := Origin{Prompt: "a red apple", Seed: 3, Pictures: 1, Digest: "sha256:00", Version: "Limner v1", Rights: "recorded"}
	first := id(o)
	if o.Identify(); len(first) != 16 || o.ID != first || id(o) != first {
		t.Fatal(first, o.ID)
	}
	later := o
	later.Version, later.Rights, later.Near = "Limner v2", "recorded: more", "near"
	if id(later) != first {
		t.Error("the pixels are the same, the ID is not")
	}
	for _, other := range []string{
		id(Origin{Prompt: "a red apple", Seed: 4, Pictures: 1, Digest: "sha256:00"}),
		id(Origin{Prompt: "a red apple", Seed: 3, Pictures: 1, Digest: "sha256:01"}),
		id(o, []byte("picture")), id(o, []byte("other")), id(o, []byte("pict"), []byte("ure")),
	} {
		if other == first {
			t.Error("two requests have one ID")
		}
	}
}
