package clearance

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/limner-ai/limner/curate"
	"github.com/limner-ai/limner/dataset/frozen"
	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/rights"
	"github.com/limner-ai/limner/rights/ledger"
)

// world is a ledger with three copies of one source, two under MIT and one for
// non-commercial use alone, and the curation of all three.
type world struct {
	ledger   *ledger.Ledger
	curated  string
	contents []digest.SHA256
	pictures map[digest.SHA256][]byte
}

func newWorld(t *testing.T) *world {
	t.Helper()
	l, err := ledger.Create(filepath.Join(t.TempDir(), "ledger"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	w := &world{ledger: l, curated: t.TempDir(), pictures: map[digest.SHA256][]byte{}}
	b := &ledger.Batch{Actor: "test"}
	proof := b.Keep([]byte(`{"license":"MIT"}`))
	b.Add(ledger.Source{ID: "icons", Type: "open", Name: "Icons", Works: 1000})
	b.Add(ledger.Extraction{Source: "icons", Basis: "npm package", Copies: 3, Bytes: 30})
	b.Add(ledger.Licence{Of: "source:icons", Source: "icons", Form: "notice", Written: "Icons  Ltd", Where: "package.json author"}, proof)
	var lines bytes.Buffer
	for i, licence := range []string{"MIT", "MIT", "CC-BY-NC-4.0"} {
		content := sha256.Sum256(fmt.Appendf(nil, "file %d", i))
		path := fmt.Sprintf("%d.svg", i)
		b.Add(ledger.Copy{Content: content, State: "kept", Source: "icons", Path: path, Creator: "Ada"}, proof)
		b.Add(ledger.Licence{Of: ledger.CopyRef(content), Source: "icons", Path: path, Form: "expression", Written: licence, Expression: licence, Where: "package.json"}, proof)
		m := image.NewNRGBA(image.Rect(0, 0, 4, 4))
		m.Set(i, 0, color.White)
		var p bytes.Buffer
		if err := png.Encode(&p, m); err != nil {
			t.Fatal(err)
		}
		e := curate.Entry{Content: content, Picture: sha256.Sum256(p.Bytes()), Source: "icons", Path: path, Split: "train"}
		if i == 0 {
			e.Creator = "Ada"
		}
		w.pictures[e.Picture] = p.Bytes()
		w.contents = append(w.contents, content)
		line, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		lines.Write(append(line, '\n'))
	}
	if _, err := l.Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	summary, err := json.Marshal(curate.Summary{Entries: sha256.Sum256(lines.Bytes())})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(w.curated, "entries"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"summary.json": summary, "entries/00000.jsonl": lines.Bytes()} {
		if err := os.WriteFile(filepath.Join(w.curated, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

func (w *world) desk(t *testing.T) *Desk {
	t.Helper()
	d, err := Open(t.Context(), w.ledger, rights.DefaultPolicy(), rights.Request{Purpose: "train", At: time.Now()}, "test")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (w *world) freeze(t *testing.T, in frozen.Input) (string, frozen.Manifest, error) {
	t.Helper()
	d := w.desk(t)
	dir := filepath.Join(t.TempDir(), "set")
	in.Name, in.Curated, in.Purpose, in.Decide, in.Record = "icons", w.curated, "train", d.Decide, d.Record
	in.Picture = func(x digest.SHA256) ([]byte, error) { return w.pictures[x], nil }
	m, err := frozen.Run(t.Context(), in, dir)
	return dir, m, err
}

func (w *world) claim(t *testing.T, state string, content digest.SHA256) {
	t.Helper()
	b := &ledger.Batch{Actor: "test"}
	b.Add(ledger.Claim{ID: "C-1", State: state, Matches: []string{ledger.CopyRef(ledger.Digest(content))}, Reasons: []string{"mine"}})
	if _, err := w.ledger.Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

func events(t *testing.T, l *ledger.Ledger, q ledger.Query) (out []ledger.Event) {
	t.Helper()
	for e, err := range l.Events(t.Context(), q) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

func TestFreezeDecidesAndRecords(t *testing.T) {
	w := newWorld(t)
	dir, m, err := w.freeze(t, frozen.Input{})
	if err != nil {
		t.Fatal(err)
	}
	if m.Pictures != 2 || m.Licences["MIT"] != 2 || m.LeftOut[string(rights.NonCommercial)] != 1 {
		t.Fatalf("the manifest is %+v", m)
	}
	for i, content := range w.contents {
		got := events(t, w.ledger, ledger.Query{Subject: ledger.CopyRef(ledger.Digest(content)), Kinds: []ledger.Kind{ledger.KindDecision}})
		if len(got) != 1 || len(got[0].Evidence) == 0 {
			t.Fatalf("copy %d has %d decisions, %v", i, len(got), got)
		}
		if outcome := got[0].Fact.(ledger.Decision).Outcome; (outcome == "allow") != (i < 2) {
			t.Errorf("copy %d: %s", i, outcome)
		}
	}
	sets := events(t, w.ledger, ledger.Query{Kinds: []ledger.Kind{ledger.KindDataset}})
	if len(sets) != 1 || sets[0].Fact.(ledger.Dataset).Root != m.Root.String() || sets[0].Fact.(ledger.Dataset).ID != ID(m) {
		t.Fatalf("sets: %v", sets)
	}
	credits, err := os.ReadFile(filepath.Join(dir, frozen.AttributionFile))
	if err != nil || !strings.Contains(string(credits), "- Ada: 1\n- Icons Ltd: 1\n") {
		t.Errorf("the attribution is %v\n%s", err, credits)
	}
	// The manifest and the contents are in the ledger, so a claim finds the set
	// without its folder.
	text, err := os.ReadFile(filepath.Join(dir, frozen.ManifestFile))
	if err != nil {
		t.Fatal(err)
	}
	if kept, err := w.ledger.Evidence(t.Context(), sets[0].Fact.(ledger.Dataset).Manifest); err != nil || !bytes.Equal(kept, text) {
		t.Errorf("the manifest kept: %v", err)
	}
	if kept, err := w.ledger.Evidence(t.Context(), ledger.Digest(m.Contents.SHA256)); err != nil || len(kept) != 4*32 {
		t.Errorf("the contents kept: %d bytes, %v", len(kept), err)
	}
	f, err := frozen.ReadFreeze(dir)
	if err != nil {
		t.Fatal(err)
	}
	c, err := ledger.ParseCheckpoint([]byte(f.Checkpoint), f.Key)
	if err != nil || c.Size <= sets[0].Seq {
		t.Errorf("the checkpoint covers %d events, the set is %d: %v", c.Size, sets[0].Seq, err)
	}
	if _, err := w.ledger.Verify(t.Context(), ledger.Trust{}); err != nil {
		t.Error(err)
	}
}

func TestTrainingAsksAgain(t *testing.T) {
	w := newWorld(t)
	dir, before, err := w.freeze(t, frozen.Input{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.desk(t).Recheck(t.Context(), dir, func(int) {}); err != nil {
		t.Fatalf("nothing has happened, and yet: %v", err)
	}
	w.claim(t, "held", w.contents[1])
	if err := w.desk(t).Recheck(t.Context(), dir, func(int) {}); err == nil || !strings.Contains(err.Error(), "1 pictures") || !strings.Contains(err.Error(), string(rights.ClaimHeld)) {
		t.Errorf("a claim is open: %v", err)
	}
	w.claim(t, "upheld", w.contents[1])
	if err := w.desk(t).Recheck(t.Context(), dir, func(int) {}); err == nil || !strings.Contains(err.Error(), string(rights.ClaimUpheld)) {
		t.Errorf("a claim is upheld: %v", err)
	}
	after, m, err := w.freeze(t, frozen.Input{Replaces: before.Root})
	if err != nil {
		t.Fatal(err)
	}
	if m.Pictures != 1 || m.Root == before.Root || m.LeftOut[string(rights.ClaimUpheld)] != 1 {
		t.Errorf("the new set is %+v", m)
	}
	if err := w.desk(t).Recheck(t.Context(), after, func(int) {}); err != nil {
		t.Error(err)
	}
	sets := events(t, w.ledger, ledger.Query{Subject: ledger.Ref(ledger.KindDataset, ID(m)), Kinds: []ledger.Kind{ledger.KindDataset}})
	if len(sets) != 1 || sets[0].Fact.(ledger.Dataset).Replaces != ID(before) {
		t.Errorf("the new set does not say what it replaces: %v", sets)
	}
}

func TestReplacesMustBeKnown(t *testing.T) {
	w := newWorld(t)
	in := frozen.Input{}
	in.Replaces.Size = 7
	if _, _, err := w.freeze(t, in); err == nil || !strings.Contains(err.Error(), "knows no set") {
		t.Errorf("the error is %v", err)
	}
}

func TestModelsAreFoundByTheirSet(t *testing.T) {
	w := newWorld(t)
	_, m, err := w.freeze(t, frozen.Input{})
	if err != nil {
		t.Fatal(err)
	}
	trained := Trained{Name: "icons-vae", Weights: sha256.Sum256([]byte("weights")), Code: "test", Sets: []string{ID(m)}}
	for range 2 {
		if err := RecordModel(t.Context(), w.ledger, trained, "test"); err != nil {
			t.Fatal(err)
		}
	}
	got := events(t, w.ledger, ledger.Query{Mentions: ledger.Ref(ledger.KindDataset, ID(m)), Kinds: []ledger.Kind{ledger.KindModel}})
	if len(got) != 1 || got[0].Fact.(ledger.Model).Weights != ledger.Digest(trained.Weights) {
		t.Errorf("models of the set: %v", got)
	}
}
