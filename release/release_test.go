package release

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"github.com/limner-ai/limner/generate"
	"github.com/limner-ai/limner/internal/basis"
	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/mark"
	"github.com/limner-ai/limner/mark/c2pa"
	"github.com/limner-ai/limner/model/trained"
)

// drawn is a picture that can bear a watermark.
func drawn() *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for i := range 64 * 64 {
		x, y := i%64, i/64
		m.SetNRGBA(x, y, color.NRGBA{uint8(90 + x), uint8(80 + (x*y)%90), uint8(200 - y), 255})
	}
	return m
}

func manifest() *trained.Manifest {
	return &trained.Manifest{Name: "emoji", Family: "flow", Data: trained.Data{Root: "folder:00",
		Basis: basis.Basis{Status: basis.Recorded, Root: "sha256:11", Licences: map[string]int{"MIT": 7}}}}
}

func origin() generate.Origin {
	return generate.Origin{Prompt: "a red apple", Seed: 3, Pictures: 1, Width: 64, Height: 64, Model: "emoji", Digest: "sha256:22", Version: "Limner v1"}
}

func marker(t *testing.T, o mark.Options) *mark.Marker {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	m, err := mark.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func pixels(t *testing.T, file []byte) *image.NRGBA {
	t.Helper()
	m, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return straight(m)
}

func TestMarksAreTrueAndTheSamePictureStaysTheSame(t *testing.T) {
	k := marker(t, mark.Options{})
	p := &Press{Marker: k}
	issue := func(pic Picture) []byte {
		t.Helper()
		file, err := p.Issue(t.Context(), manifest(), pic)
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	file := issue(Picture{Image: drawn(), Origin: origin()})
	r, err := mark.Read(file, k.Trust())
	if err != nil || r.Credentials == nil || r.Credentials.State != c2pa.Trusted || r.XMP == nil {
		t.Fatalf("%v %+v", err, r)
	}
	o, err := generate.ReadOrigin(file)
	if err != nil || o.ID == "" || r.Origin == nil || r.Origin.ID != o.ID || r.Origin.Data.Root != "sha256:11" || r.Origin.Data.Licences["MIT"] != 7 {
		t.Errorf("%v %+v %+v", err, o, r.Origin)
	}
	again := issue(Picture{Image: drawn(), Origin: origin()})
	if !bytes.Equal(pixels(t, file).Pix, pixels(t, again).Pix) {
		t.Error("the same request gave other pixels")
	}
	if same := bytes.Equal(pixels(t, file).Pix, drawn().Pix); same == (k.WatermarkKey() != "" && r.Origin.Watermark.ID != "") {
		t.Errorf("watermark %q, pixels untouched: %v", r.Origin.Watermark.ID, same)
	}
	// What must stay to the bit has no watermark, and says so.
	still := issue(Picture{Image: drawn(), Origin: origin(), Still: true, Edited: true, Given: []mark.Ingredient{{Title: "before.png", File: file}}})
	if r, err = mark.Read(still, k.Trust()); err != nil || r.Origin.Watermark.ID != "" || !bytes.Equal(pixels(t, still).Pix, drawn().Pix) {
		t.Errorf("%v %+v", err, r.Origin)
	}
	if len(r.Credentials.Manifests) < 2 {
		t.Error("the credentials of the picture that was edited are lost")
	}
	if edited, _ := generate.ReadOrigin(still); edited.ID == o.ID {
		t.Error("a picture that was made from another has its ID")
	}
}

func TestWithoutMarks(t *testing.T) {
	file, err := (&Press{}).Issue(t.Context(), manifest(), Picture{Image: drawn(), Origin: origin()})
	if err != nil || !bytes.Equal(pixels(t, file).Pix, drawn().Pix) {
		t.Fatal(err)
	}
	if r, err := mark.Read(file, mark.Trust{}); err != nil || r.Credentials != nil || r.XMP != nil {
		t.Errorf("%v %+v", err, r)
	}
}

// copies finds that pictures whose first pixel is red are copies.
func copies(_ context.Context, root string, m *image.NRGBA) (Near, bool, error) {
	switch {
	case root == "broken":
		return Near{}, false, errors.New("no index")
	case root != "sha256:11":
		return Near{}, false, nil
	}
	return Near{TooNear: m.NRGBAAt(0, 0).R == 255, Whose: "apple.svg (MIT, Microsoft)", Content: digest.SHA256{7}}, true, nil
}

func TestCopiesAreFlaggedOrHeldBack(t *testing.T) {
	red := drawn()
	red.SetNRGBA(0, 0, color.NRGBA{255, 0, 0, 255})
	near := func(p Policy, data string, made ...*image.NRGBA) (string, error) {
		t.Helper()
		m := manifest()
		m.Data.Basis.Root = data
		file, err := (&Press{Guard: copies, Policy: p}).Issue(t.Context(), m, Picture{Image: red, Made: made, Origin: origin()})
		if err != nil {
			return "", err
		}
		o, err := generate.ReadOrigin(file)
		return o.Near, err
	}
	for _, p := range []Policy{"", Flag} {
		if s, err := near(p, "sha256:11"); err != nil || s != "apple.svg (MIT, Microsoft)" {
			t.Errorf("%q: %q %v", p, s, err)
		}
	}
	if s, err := near(Flag, "sha256:11", drawn(), red, red); err != nil || !strings.HasPrefix(s, "2 of 3 pictures ") {
		t.Errorf("%q %v", s, err)
	}
	if s, err := near(Allow, "sha256:11"); err != nil || s != "" {
		t.Errorf("%q %v", s, err)
	}
	if s, err := near(Withhold, "sha256:12"); err != nil || s != "" {
		t.Errorf("%q %v", s, err)
	}
	if _, err := near(Withhold, "sha256:11"); !errors.Is(err, ErrWithheld) || !strings.Contains(err.Error(), "Microsoft") {
		t.Error(err)
	}
	if s, err := near(Withhold, "sha256:11", drawn()); err != nil || s != "" {
		t.Errorf("%q %v", s, err)
	}
	if _, err := near(Flag, "broken"); err == nil {
		t.Error("a guard that fails lets pictures go")
	}
}

// Who keeps the ledger learns of each file that goes, what watermark is in it, and
// which training pictures it is too near to; not of one that is held back.
func TestWhatGoesIsEntered(t *testing.T) {
	red := drawn()
	red.SetNRGBA(0, 0, color.NRGBA{255, 0, 0, 255})
	var all []Issued
	p := Press{Marker: marker(t, mark.Options{}), Guard: copies, Enter: func(_ context.Context, i Issued) { all = append(all, i) }}
	var files [][]byte
	for _, pic := range []Picture{{Image: drawn()}, {Image: drawn(), Made: []*image.NRGBA{red, drawn(), red}}, {Image: drawn(), Still: true}} {
		pic.Origin = origin()
		file, err := p.Issue(t.Context(), manifest(), pic)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	p.Policy = Withhold
	if _, err := p.Issue(t.Context(), manifest(), Picture{Image: red, Origin: origin()}); !errors.Is(err, ErrWithheld) {
		t.Fatal(err)
	}
	if len(all) != 3 {
		t.Fatalf("%d entered", len(all))
	}
	for i, x := range all {
		if x.ID == "" || x.ModelDigest != origin().Digest || x.Model.Name != "emoji" || !bytes.Equal(x.File, files[i]) {
			t.Errorf("%d: %+v", i, x)
		}
		if marked := x.Watermark != ""; marked != (i < 2) || marked && x.Watermark != x.ID[:8] {
			t.Errorf("%d: watermark %q of %q", i, x.Watermark, x.ID)
		}
		if near := len(x.Nearest) == 1 && x.Nearest[0] == (digest.SHA256{7}); near != (i == 1) || !near && len(x.Nearest) > 0 {
			t.Errorf("%d: near %v", i, x.Nearest)
		}
	}
}
