package mark

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/HugoSmits86/nativewebp"
	_ "golang.org/x/image/webp" // decoding

	"github.com/limner-ai/limner/mark/c2pa"
	"github.com/limner-ai/limner/mark/carrier"
)

func picture() *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for i := range 64 * 64 {
		m.Set(i%64, i/64, color.NRGBA{uint8(4 * i), uint8(i / 16), 40, uint8(255 - i/64)})
	}
	return m
}

// files are a picture in the three formats.
func files(t testing.TB) map[carrier.Format][]byte {
	t.Helper()
	var p, j, w bytes.Buffer
	m := picture()
	for _, err := range []error{png.Encode(&p, m), jpeg.Encode(&j, m, nil), nativewebp.Encode(&w, m, nil)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return map[carrier.Format][]byte{carrier.PNG: p.Bytes(), carrier.JPEG: j.Bytes(), carrier.WebP: w.Bytes()}
}

func about() About {
	return About{
		ID: Identify([]byte("model"), []byte("a cat & a <dog>"), []byte{7}), When: time.Now(), Watermarked: true,
		Title: "cat.png", Prompt: "a cat & a <dog>, é",
		Model: Model{Name: "emoji", Family: "flow", Digest: "sha256:0011", Version: "1", SetRoot: "sha256:abcd/12",
			Licences: map[string]int{"MIT": 3, "Apache-2.0": 2}, Rights: "recorded: 5 pictures", Checkpoint: "note"},
	}
}

func open(t testing.TB) *Marker {
	t.Helper()
	m, err := Open(Options{Dir: t.TempDir(), Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func seal(t testing.TB, m *Marker, file []byte, a About) []byte {
	t.Helper()
	out, err := m.Seal(file, a)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func readBack(t testing.TB, file []byte, trust Trust) Report {
	t.Helper()
	r, err := Read(file, trust)
	if err != nil || len(r.Problems) > 0 {
		t.Fatal(err, r.Problems)
	}
	return r
}

func TestSealedFilesSayWhereTheyCameFrom(t *testing.T) {
	m, a := open(t), about()
	for format, file := range files(t) {
		t.Run(string(format), func(t *testing.T) {
			sealed := seal(t, m, file, a)
			r := readBack(t, sealed, m.Trust())
			x := r.XMP
			if r.Format != format || x == nil || x.SourceType != c2pa.Generated || x.Description != a.Prompt ||
				x.CreatorTool != "Limner test" || x.Model != "emoji" || x.Digest != a.Model.Digest ||
				x.SetRoot != a.Model.SetRoot || x.ID != a.ID.String() || x.Watermark != a.ID.String()[:8] {
				t.Errorf("XMP: %+v", x)
			}
			if before, after := decode(t, file), decode(t, sealed); !bytes.Equal(before.Pix, after.Pix) {
				t.Error("the pixels changed")
			}
			o := r.Origin
			if r.Credentials.State != c2pa.Trusted || o == nil || o.ID != a.ID.String() || o.Prompt != a.Prompt ||
				o.Data.Licences["MIT"] != 3 || o.Data.Checkpoint != "note" || o.Watermark.ID != a.ID.String()[:8] {
				t.Errorf("%s %+v\n%+v", r.Credentials.State, r.Credentials.Failures(), o)
			}
			if r := readBack(t, sealed, Trust{}); r.Credentials.State != c2pa.Valid {
				t.Errorf("without trust: %s", r.Credentials.State)
			}
		})
	}
}

func decode(t testing.TB, file []byte) *image.NRGBA {
	t.Helper()
	m, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	out := image.NewNRGBA(m.Bounds())
	for y := range m.Bounds().Dy() {
		for x := range m.Bounds().Dx() {
			out.Set(x, y, m.At(x, y))
		}
	}
	return out
}

// An edit of a sealed picture, and an edit of that, carry the whole history.
func TestHistoryIsCarried(t *testing.T) {
	m, f := open(t), files(t)
	first := seal(t, m, f[carrier.PNG], about())
	edit := about()
	edit.Edited, edit.Ingredients = true, []Ingredient{{Title: "first.png", File: first}, {Title: "mask.png", File: f[carrier.PNG]}}
	second := seal(t, m, f[carrier.JPEG], edit)
	// A file that has credentials already counts as edited.
	third := seal(t, m, second, about())
	for name, c := range map[string]struct {
		file      []byte
		manifests int
		parent    string
	}{"second": {second, 2, "first.png"}, "third": {third, 3, "cat.png"}} {
		r := readBack(t, c.file, m.Trust()).Credentials
		if r.State != c2pa.Trusted || len(r.Manifests) != c.manifests {
			t.Fatalf("%s: %s, %d manifests, %+v", name, r.State, len(r.Manifests), r.Failures())
		}
		a := r.Active()
		if a.Actions[0].Name != c2pa.Opened || a.Actions[1].Source != c2pa.Composite {
			t.Errorf("%s: %+v", name, a.Actions)
		}
		if in := a.Ingredients[0]; in.Relation != c2pa.ParentOf || in.Title != c.parent || in.Manifest != r.Manifests[1].Label {
			t.Errorf("%s: %+v", name, in)
		}
		for _, below := range r.Manifests {
			if below.State != c2pa.Trusted {
				t.Errorf("%s: %s is %s: %+v", name, below.Label, below.State, below.Failures())
			}
		}
	}
	if r := readBack(t, third, m.Trust()); r.XMP.SourceType != c2pa.Composite {
		t.Errorf("XMP says %s", r.XMP.SourceType)
	}
}

func TestIdentify(t *testing.T) {
	a, b := Identify([]byte("ab"), []byte("c")), Identify([]byte("a"), []byte("bc"))
	if a == b || a != Identify([]byte("ab"), []byte("c")) {
		t.Error("the parts run into each other, or the ID is not theirs alone")
	}
	if a.String()[:8] != strings.ToLower(a.String()[:8]) || len(a.String()) != 16 {
		t.Error(a)
	}
}

func TestMarksThatAreOff(t *testing.T) {
	file := files(t)[carrier.PNG]
	m, err := Open(Options{NoWatermark: true, NoXMP: true, NoCredentials: true}) // needs no folder
	if err != nil {
		t.Fatal(err)
	}
	if out := seal(t, m, file, about()); !bytes.Equal(out, file) {
		t.Error("the file changed")
	}
	if img, err := m.Pixels(picture(), ID{1}); err != nil || !bytes.Equal(img.Pix, picture().Pix) {
		t.Error("the pixels changed", err)
	}
}

func TestFilesThatCannotBeSealed(t *testing.T) {
	m := open(t)
	whole := files(t)[carrier.PNG]
	for name, file := range map[string][]byte{"empty": nil, "text": []byte("hello"), "cut": whole[:len(whole)/2], "head": whole[:8]} {
		if out, err := m.Seal(file, about()); err == nil || out != nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// However long a prompt is, the picture is marked, by several at once too.
func TestLongPrompts(t *testing.T) {
	m, f := open(t), files(t)
	var group sync.WaitGroup
	for _, prompt := range []string{strings.Repeat("<&\"é", 50_000), "\xff\xfe\x00", strings.Repeat("猫", 3000)} {
		group.Go(func() {
			a := about()
			a.Prompt, a.Title, a.Model.Rights, a.Model.Name = prompt, prompt, prompt, prompt
			for format, file := range f {
				out, err := m.Seal(file, a)
				if err != nil {
					t.Errorf("%s: %v", format, err)
					continue
				}
				r, err := Read(out, m.Trust())
				if err != nil || r.XMP == nil || r.Credentials.State != c2pa.Trusted {
					t.Errorf("%s: %v %+v", format, err, r.Problems)
				}
			}
		})
	}
	group.Wait()
}

func TestProcessesThatBeginAtOnceShareKeys(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "keys")
	var all [8]*Marker
	var group sync.WaitGroup
	for i := range all {
		group.Go(func() {
			m, err := Open(Options{Dir: dir})
			if err != nil {
				t.Error(err)
				return
			}
			all[i] = m
		})
	}
	group.Wait()
	if t.Failed() {
		t.FailNow()
	}
	for _, m := range all {
		if !m.chain[0].Equal(all[0].chain[0]) || m.key != all[0].key || m.key == [32]byte{} {
			t.Error("the keys differ")
		}
	}
	if runtime.GOOS == "windows" {
		return
	}
	for _, name := range []string{signingName, watermarkFile} {
		if st, err := os.Stat(filepath.Join(dir, name)); err != nil || st.Mode().Perm() != 0o600 {
			t.Error(name, st, err)
		}
	}
}
