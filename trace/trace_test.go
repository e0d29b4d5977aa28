package trace_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/draw"

	"github.com/limner-ai/limner/internal/basis"
	"github.com/limner-ai/limner/mark"
	"github.com/limner-ai/limner/model/box"
	"github.com/limner-ai/limner/model/family"
	"github.com/limner-ai/limner/model/trained"
	"github.com/limner-ai/limner/rights/claim"
	"github.com/limner-ai/limner/rights/ledger"
	"github.com/limner-ai/limner/trace"
	"github.com/limner-ai/limner/trace/index"
)

func boxedIndex(t *testing.T) *index.Index {
	t.Helper()
	x, err := index.Read(box.Trace())
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// numbered finds a picture by its path.
func numbered(t *testing.T, x *index.Index, path string) int {
	t.Helper()
	for i := range x.Len() {
		if x.Picture(i).Path == path {
			return i
		}
	}
	t.Fatalf("the index has no %s", path)
	return 0
}

// shown is a picture of the index, enlarged.
func shown(t *testing.T, x *index.Index, i int) *image.NRGBA {
	t.Helper()
	m, err := x.Image(i)
	if err != nil {
		t.Fatal(err)
	}
	out := image.NewNRGBA(image.Rect(0, 0, 90, 90))
	draw.CatmullRom.Scale(out, out.Rect, m, m.Rect, draw.Src, nil)
	return out
}

func encoded(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func open(t *testing.T, o trace.Options) *trace.Tracer {
	t.Helper()
	if o.Sets == nil {
		o.Sets = trace.OpenIndexes("")
	}
	tr, err := trace.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tr.Close() })
	return tr
}

// The index in the box is of the set that the model in the box says it was trained
// on, and counts the same licences.
func TestTheBoxIsOfOnePiece(t *testing.T) {
	m, err := box.Open(family.All(), nil)
	if err != nil {
		t.Fatal(err)
	}
	b, set := m.Manifest.Data.Basis, boxedIndex(t).Set()
	if b.Root != set.Root || b.Digests != set.Digests || m.Manifest.Data.Pictures != set.Trained {
		t.Errorf("the model's set is %s over %d digests, %d pictures; the index's is %+v", b.Root, b.Digests, m.Manifest.Data.Pictures, set)
	}
	licences := map[string]int{}
	for i := range boxedIndex(t).Len() {
		licences[boxedIndex(t).Picture(i).Licence]++
		if i > 2 {
			break
		}
	}
	for l := range licences {
		if b.Licences[l] == 0 {
			t.Errorf("the licence %q is not among the model's, %v", l, b.Licences)
		}
	}
}

func TestNearestOfAStrippedPicture(t *testing.T) {
	x := boxedIndex(t)
	i := numbered(t, x, "assets/1f6a2.webp")
	var b bytes.Buffer
	if err := jpeg.Encode(&b, shown(t, x, i), &jpeg.Options{Quality: 60}); err != nil {
		t.Fatal(err)
	}
	tr := open(t, trace.Options{Nearest: 3})
	r, err := tr.Trace(t.Context(), b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	n := r.Nearest
	if n == nil || len(n.Nearest) != 3 || n.Nearest[0].Index != i || n.Nearest[0].Picture.Holders == "" || n.Nearest[0].Picture.Licence != "MIT" || !n.Thumbs {
		t.Fatalf("%+v", n)
	}
	if n.Copy.Extent != index.Whole || r.Data == nil || r.Data.By != trace.Looks || r.Model != nil || r.Watermark != nil {
		t.Errorf("%+v, data %+v", n.Copy, r.Data)
	}
	var sheet bytes.Buffer
	if err := tr.Sheet(&sheet, shown(t, x, i), r); err != nil {
		t.Fatal(err)
	}
	if m, err := png.Decode(&sheet); err != nil || m.Bounds().Dy() < 3*192 {
		t.Errorf("the sheet: %v", err)
	}
}

func TestMarksAreRead(t *testing.T) {
	dir := t.TempDir()
	k, err := mark.Open(mark.Options{Dir: dir, Version: "v1"})
	if err != nil {
		t.Fatal(err)
	}
	x := boxedIndex(t)
	id := mark.ID{1, 2, 3, 4, 5, 6, 7, 8}
	marked, err := k.Pixels(shown(t, x, numbered(t, x, "assets/1f6a2.webp")), id)
	if err != nil {
		t.Fatal(err)
	}
	root := "sha256:" + strings.Repeat("ab", 32)
	about := mark.About{ID: id, Title: "a ship", Watermarked: true, Model: mark.Model{Name: "boats", Digest: "sha256:22", SetRoot: root, Licences: map[string]int{"MIT": 7}}}
	file, err := k.Seal(encoded(t, marked), about)
	if err != nil {
		t.Fatal(err)
	}
	known := trace.Known{Path: "runs/boats", Digest: "sha256:22", Manifest: trained.Manifest{Name: "boats-2", Family: "vae",
		Data: trained.Data{Root: "folder:1", Pictures: 9, Basis: basis.Basis{Status: basis.Recorded, Set: "harbour", Root: root, Licences: map[string]int{"MIT": 7}}}}}
	tr := open(t, trace.Options{Marks: dir, Models: func() []trace.Known { return []trace.Known{known} }})
	r, err := tr.Trace(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	if r.Model == nil || r.Model.By != trace.Signed || r.Model.Path != "runs/boats" || r.Model.Name != "boats-2" || r.Data.Name != "harbour" {
		t.Errorf("model %+v, data %+v", r.Model, r.Data)
	}
	if r.Watermark == nil || !r.Watermark.Found || r.Watermark.ID != "01020304" {
		t.Errorf("watermark %+v", r.Watermark)
	}
	if r.Nearest != nil || !slices.ContainsFunc(r.Problems, func(p string) bool { return strings.Contains(p, "no index") }) {
		t.Errorf("a set without an index was searched: %v", r.Problems)
	}

	// A model that was trained on from the boxed one is searched for there, too.
	known.Manifest.From = &trained.Origin{Data: trained.Data{Basis: basis.Basis{Status: basis.Recorded, Set: x.Set().Name, Root: x.Set().Root}}}
	tuned := open(t, trace.Options{Marks: dir, Sets: trace.OpenIndexes(t.TempDir()), Models: func() []trace.Known { return []trace.Known{known} }})
	if r, err = tuned.Trace(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	if r.Data.Name != "harbour" || r.Nearest == nil || r.Nearest.Set.Root != x.Set().Root || r.Nearest.Found.Nearest[0].Picture.Path != "assets/1f6a2.webp" || len(r.Problems) > 0 {
		t.Errorf("data %+v, nearest %+v, problems %q", r.Data, r.Nearest, r.Problems)
	}

	// Elsewhere the signer is not known, and the key of the watermark not there.
	r, err = open(t, trace.Options{Marks: t.TempDir()}).Trace(t.Context(), file)
	if err != nil || r.Model == nil || r.Model.By != trace.Unknown || r.Model.Path != "" || r.Watermark != nil {
		t.Errorf("%v, model %+v, watermark %+v", err, r.Model, r.Watermark)
	}
	// One byte of the pixels altered: nothing in the credentials counts.
	at := bytes.Index(file, []byte("IDAT")) + 40
	bad := slices.Clone(file)
	bad[at] ^= 1
	if r, err = tr.Trace(t.Context(), bad); err == nil && r.Model != nil && r.Model.By != trace.Text {
		t.Errorf("an altered picture's credentials were believed: %+v", r.Model)
	}
}

func TestClaimsAndOutputs(t *testing.T) {
	ctx := t.Context()
	l, err := ledger.Create(filepath.Join(t.TempDir(), "ledger"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	x := boxedIndex(t)
	i := numbered(t, x, "assets/1f6a2.webp")
	content := ledger.Digest(x.Picture(i).Content)
	file := encoded(t, shown(t, x, i))
	b := &ledger.Batch{Actor: "test"}
	b.Add(ledger.Source{ID: "fluent-3d", Type: "open"})
	b.Add(ledger.Copy{Content: content, State: "kept", Source: "fluent-3d", Path: "assets/1f6a2.webp"})
	b.Add(ledger.Output{ID: "0102030405060708", Model: "emoji@57ca", Content: ledger.DigestOf(file)})
	if _, err := l.Append(ctx, b); err != nil {
		t.Fatal(err)
	}
	tr := open(t, trace.Options{Ledger: l})
	look := func() trace.Report {
		t.Helper()
		r, err := tr.Trace(ctx, file)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := look(); len(r.Claims) > 0 || r.Output == nil || r.Output.ID != "0102030405060708" || r.Model.By != trace.Recorded {
		t.Errorf("claims %+v, output %+v", r.Claims, r.Output)
	}
	if _, err := claim.Open(ctx, l, "test", claim.Submission{ID: "c-1", Holder: "Ann Artist", Names: claim.Names{Contents: []ledger.Digest{content}}}); err != nil {
		t.Fatal(err)
	}
	r := look()
	if len(r.Claims) != 1 || r.Claims[0].Standing != "held" || r.Claims[0].Holder != "Ann Artist" || !strings.Contains(r.Claims[0].Touches[0], "number 1") {
		t.Errorf("%+v", r.Claims)
	}
}

func TestBadFiles(t *testing.T) {
	tr := open(t, trace.Options{Marks: t.TempDir()})
	good := encoded(t, image.NewNRGBA(image.Rect(0, 0, 40, 40)))
	for name, file := range map[string][]byte{
		"empty": nil, "text": []byte("hello"), "cut off": good[:len(good)-30], "header": good[:20],
		"huge": slices.Concat(good[:16], []byte{0, 1, 0, 0, 0, 1, 0, 0}, good[24:]),
	} {
		if _, err := tr.Trace(t.Context(), file); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
	r, err := tr.Trace(t.Context(), encoded(t, image.NewNRGBA(image.Rect(0, 0, 3, 3))))
	if err != nil || r.Nearest != nil || !slices.ContainsFunc(r.Problems, func(p string) bool { return strings.Contains(p, "too small") }) {
		t.Errorf("a tiny picture: %v %v", err, r.Problems)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := tr.Trace(ctx, good); err == nil {
		t.Error("a trace that was stopped went on")
	}
}

func TestGuard(t *testing.T) {
	x := boxedIndex(t)
	sets := trace.OpenIndexes(t.TempDir())
	g := trace.NewGuard(sets.Find)
	i := numbered(t, x, "assets/1f6a2.webp")
	near, known, err := g.Near(t.Context(), x.Set().Root, shown(t, x, i))
	if err != nil || !known || !near.TooNear || !strings.HasPrefix(near.Whose, "fluent-3d/assets/1f6a2.webp (") {
		t.Errorf("%v %v %+v", err, known, near)
	}
	other := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	for p := range 64 * 64 {
		if p%64/8%2 == p/64/8%2 {
			other.SetNRGBA(p%64, p/64, color.NRGBA{0, 200, 90, 255})
		}
	}
	if near, known, err = g.Near(t.Context(), x.Set().Root, other); err != nil || !known || near.TooNear {
		t.Errorf("%v %v %+v", err, known, near)
	}
	for _, root := range []string{"", "sha256:", "folder:12", "sha256:" + strings.Repeat("0", 64), "sha256:" + strings.Repeat("../", 21) + "x"} {
		if _, known, err := g.Near(t.Context(), root, other); known || err != nil {
			t.Errorf("root %q: %v %v", root, known, err)
		}
	}
	if _, known, err := g.Near(t.Context(), x.Set().Root, image.NewNRGBA(image.Rect(0, 0, 2, 2))); known || err != nil {
		t.Errorf("a tiny picture: %v %v", known, err)
	}
}

func TestAnIndexUnderAnothersName(t *testing.T) {
	dir := t.TempDir()
	root := "sha256:" + strings.Repeat("12", 32)
	if err := os.WriteFile(filepath.Join(dir, root[7:]+".trace"), box.Trace(), 0o644); err != nil {
		t.Fatal(err)
	}
	if x, err := trace.OpenIndexes(dir).Find(root); err == nil || x != nil || !strings.Contains(err.Error(), "another set") {
		t.Errorf("%v %v", x, err)
	}
}
