package frozen

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/limner-ai/limner/curate"
	"github.com/limner-ai/limner/dataset/picture"
	"github.com/limner-ai/limner/dataset/proof"
	"github.com/limner-ai/limner/dataset/settest"
	"github.com/limner-ai/limner/dataset/shard"
	"github.com/limner-ai/limner/internal/digest"
	"github.com/limner-ai/limner/source"
)

const side = 8

// curated is a small curation: n pictures, each of one colour, half of them
// transparent.
type curated struct {
	dir      string
	pictures map[digest.SHA256][]byte
	entries  []curate.Entry
	denied   map[digest.SHA256]string
}

func colour(i int) color.NRGBA {
	return color.NRGBA{uint8(i * 7), uint8(255 - i*3), uint8(i * i), 255}
}

func fixture(t *testing.T, n int) *curated {
	t.Helper()
	c := &curated{dir: t.TempDir(), pictures: map[digest.SHA256][]byte{}, denied: map[digest.SHA256]string{}}
	for i := range n {
		m := image.NewNRGBA(image.Rect(0, 0, side, side))
		for p := range side * side / 2 {
			m.Set(p%side, p/side, colour(i))
		}
		var b bytes.Buffer
		if err := png.Encode(&b, m); err != nil {
			t.Fatal(err)
		}
		d := digest.SHA256(sha256.Sum256(b.Bytes()))
		c.pictures[d] = b.Bytes()
		split, style := "train", "flat"
		if i%5 == 0 {
			split = "test"
		}
		if i%2 == 0 {
			style = "3d"
		}
		c.entries = append(c.entries, curate.Entry{
			Content: sha256.Sum256(fmt.Appendf(nil, "file %d", i)), Picture: d, Source: "own", Path: fmt.Sprintf("%d.png", i), Split: split,
			Style: style, Captions: []source.Caption{{Lang: "en", Text: fmt.Sprintf("picture %d", i)}}, Creator: "Ada *Lovelace*",
		})
	}
	c.write(t)
	return c
}

func (c *curated) write(t *testing.T) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(c.dir, "entries"), 0o755); err != nil {
		t.Fatal(err)
	}
	half, all := len(c.entries)/2, sha256.New()
	for k, part := range [][]curate.Entry{c.entries[:half], c.entries[half:]} {
		var b bytes.Buffer
		for _, e := range part {
			line, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			b.Write(append(line, '\n'))
		}
		all.Write(b.Bytes())
		if err := os.WriteFile(filepath.Join(c.dir, "entries", fmt.Sprintf("%05d.jsonl", k)), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := json.Marshal(curate.Summary{Name: "colours", Entries: digest.SHA256(all.Sum(nil))})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.dir, "summary.json"), text, 0o644); err != nil {
		t.Fatal(err)
	}
}

func (c *curated) input() Input {
	in := Input{
		Name: "colours", Curated: c.dir, Code: "test",
		Picture: func(d digest.SHA256) ([]byte, error) {
			b, ok := c.pictures[d]
			if !ok {
				return nil, os.ErrNotExist
			}
			return b, nil
		},
		Decide: func(_ context.Context, e curate.Entry) (Verdict, error) {
			if why := c.denied[e.Content]; why != "" {
				return Verdict{Ruleset: "r1", Reason: why}, nil
			}
			return Verdict{Allowed: true, Ruleset: "r1", Licence: "MIT", Holders: []string{"Ada"}}, nil
		},
	}
	in.Shard.Pictures = 7
	return in
}

func freeze(t *testing.T, in Input) (string, Manifest) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "set")
	m, err := Run(t.Context(), in, dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir, m
}

// files reads all that must be the same wherever the set is frozen.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		if rel != FreezeFile && rel != CroissantFile {
			out[rel] = string(b)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestFreezeAndRead(t *testing.T) {
	c := fixture(t, 23)
	c.denied[c.entries[3].Content] = "RESERVED"
	dir, m := freeze(t, c.input())
	if m.Pictures != 22 || m.Splits["train"] != 17 || m.Splits["test"] != 5 || m.LeftOut["RESERVED"] != 1 || m.Licences["MIT"] != 22 || len(m.Shards) != 4 || m.Root.Size != 44 {
		t.Fatalf("the manifest is %+v", m)
	}
	if got, err := Verify(t.Context(), dir, nil); err != nil || got.Root != m.Root {
		t.Fatalf("verifying: %v", err)
	}
	seen := map[string]bool{}
	for _, split := range []picture.Split{picture.Train, picture.Test} {
		s, err := Open(picture.Source{Path: dir, Split: split, Background: "#0000ff", Labels: "style"})
		if err != nil {
			t.Fatal(err)
		}
		settest.Run(t, s)
		pixels := make([]float32, side*side*3)
		for i := range s.Len() {
			l, err := s.Item(i, pixels)
			if err != nil {
				t.Fatal(err)
			}
			var n int
			if _, err := fmt.Sscanf(l.Caption, "picture %d", &n); err != nil || seen[l.Caption] {
				t.Fatalf("caption %q", l.Caption)
			}
			seen[l.Caption] = true
			want := colour(n)
			if got := [3]uint8{uint8(pixels[0]*255 + .5), uint8(pixels[1]*255 + .5), uint8(pixels[2]*255 + .5)}; got != [3]uint8{want.R, want.G, want.B} {
				t.Errorf("picture %d begins with %v, want %v", n, got, want)
			}
			if end := pixels[len(pixels)-3:]; end[0] != 0 || end[1] != 0 || end[2] != 1 {
				t.Errorf("picture %d ends with %v, not the background", n, end)
			}
			if style := s.Classes()[l.Class]; (n%2 == 0) != (style == "3d") {
				t.Errorf("picture %d has the style %s", n, style)
			}
			if (n%5 == 0) != (split == picture.Test) {
				t.Errorf("picture %d is in the split %s", n, split)
			}
		}
		s.Close()
	}
	if len(seen) != 22 || seen["picture 3"] {
		t.Fatalf("read %d pictures", len(seen))
	}
}

func TestLessMemoryReadsTheSame(t *testing.T) {
	c := fixture(t, 9)
	dir, _ := freeze(t, c.input())
	kept, err := Open(picture.Source{Path: dir, Split: picture.All, Size: 4, Channels: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	lazy, err := open(picture.Source{Path: dir, Split: picture.All, Size: 4, Channels: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer lazy.Close()
	a, b := make([]float32, 16), make([]float32, 16)
	for i := range kept.Len() {
		if _, err := kept.Item(i, a); err != nil {
			t.Fatal(err)
		}
		if _, err := lazy.Item(i, b); err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(a) != fmt.Sprint(b) {
			t.Fatalf("picture %d: %v and %v", i, a, b)
		}
	}
}

// The same pictures and decisions give the same bytes, in whatever order the
// entries lie; and what was reserved is not in them.
func TestSameSetFromOtherOrder(t *testing.T) {
	c := fixture(t, 23)
	dir, m := freeze(t, c.input())
	for i := range len(c.entries) / 2 {
		j := len(c.entries) - 1 - i
		c.entries[i], c.entries[j] = c.entries[j], c.entries[i]
	}
	c.write(t)
	again, n := freeze(t, c.input())
	if m.Root != n.Root {
		t.Fatalf("roots %v and %v", m.Root, n.Root)
	}
	a, b := files(t, dir), files(t, again)
	if len(a) != len(b) {
		t.Fatalf("%d and %d files", len(a), len(b))
	}
	for name := range a {
		if a[name] != b[name] {
			t.Errorf("%s differs", name)
		}
	}
}

// A run that ends in the middle writes nothing at its place, and the next one
// goes on where it ended.
func TestGoesOnAfterAStop(t *testing.T) {
	c := fixture(t, 30)
	want, _ := freeze(t, c.input())
	dir := filepath.Join(t.TempDir(), "set")
	for stop := 1; ; stop++ {
		in, reads := c.input(), 0
		inner := in.Picture
		in.Picture = func(d digest.SHA256) ([]byte, error) {
			if reads++; reads > 8 {
				return nil, errors.New("the power went out")
			}
			return inner(d)
		}
		_, err := Run(t.Context(), in, dir)
		if err == nil {
			if stop < 4 {
				t.Fatalf("whole after %d runs of 8 pictures", stop)
			}
			break
		}
		if _, err := os.Stat(dir); err == nil {
			t.Fatal("the folder appeared before it was whole")
		}
		// A kill leaves what was being written.
		if err := os.WriteFile(filepath.Join(dir+".partial", "shards", ".train-000001.tar.1.tmp"), []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
		if stop > 10 {
			t.Fatalf("no progress: %v", err)
		}
	}
	a, b := files(t, want), files(t, dir)
	for name := range a {
		if a[name] != b[name] {
			t.Errorf("%s differs", name)
		}
	}
	if len(a) != len(b) {
		t.Errorf("%d files, and %d after the stops", len(a), len(b))
	}
	if _, err := Run(t.Context(), c.input(), dir); err == nil || !strings.Contains(err.Error(), "do not change") {
		t.Errorf("a frozen set was frozen over: %v", err)
	}
}

func TestProofs(t *testing.T) {
	c := fixture(t, 12)
	dir, m := freeze(t, c.input())
	gone := c.entries[4]
	c.denied[gone.Content] = "CLAIM"
	after, n := freeze(t, c.input())
	if m.Root == n.Root {
		t.Fatal("the root did not change")
	}
	for _, x := range []struct {
		dir  string
		m    Manifest
		d    digest.SHA256
		want bool
	}{
		{dir, m, gone.Content, true}, {dir, m, gone.Picture, true},
		{after, n, gone.Content, false}, {after, n, gone.Picture, false}, {after, n, c.entries[5].Content, true},
	} {
		tree, err := Tree(x.dir, x.m)
		if err != nil {
			t.Fatal(err)
		}
		p, err := tree.Prove(x.d)
		if err != nil {
			t.Fatal(err)
		}
		if in, err := proof.Check(x.m.Root, p); err != nil || in != x.want {
			t.Errorf("proof of %v: %v, %v; want %v", x.d, in, err, x.want)
		}
	}
}

func TestAlteredSetsAreRefused(t *testing.T) {
	c := fixture(t, 12)
	flip := func(path string, at int64) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			name := filepath.Join(dir, path)
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if at < 0 {
				at += int64(len(b))
			}
			b[at] ^= 1
			if err := os.WriteFile(name, b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	cut := func(path string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			if err := os.Truncate(filepath.Join(dir, path), 100); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, change := range map[string]func(t *testing.T, dir string){
		"a shard":             flip("shards/train-000000.tar", 3000),
		"the index":           flip(IndexFile, 60),
		"a cut index":         cut(IndexFile),
		"a cut shard":         cut("shards/test-000000.tar"),
		"the contents":        flip(ContentsFile, 5),
		"cut contents":        cut(ContentsFile),
		"the attribution":     flip(AttributionFile, 20),
		"the manifest":        flip(ManifestFile, -30),
		"no manifest":         func(t *testing.T, dir string) { os.Remove(filepath.Join(dir, ManifestFile)) },
		"no shard":            func(t *testing.T, dir string) { os.Remove(filepath.Join(dir, "shards/train-000000.tar")) },
		"no record of freeze": func(t *testing.T, dir string) { os.Remove(filepath.Join(dir, FreezeFile)) },
	} {
		t.Run(name, func(t *testing.T) {
			dir, _ := freeze(t, c.input())
			change(t, dir)
			if _, err := Verify(t.Context(), dir, nil); err == nil {
				t.Error("it verifies")
			} else if strings.Contains(err.Error(), "\n") {
				t.Errorf("not one line: %v", err)
			}
		})
	}
	t.Run("training sees a changed picture", func(t *testing.T) {
		dir, m := freeze(t, c.input())
		s, err := open(picture.Source{Path: dir})
		if err != nil {
			t.Fatal(err)
		}
		at := s.rows[0].offset
		s.Close()
		flip(m.Shards[0].Path, at+20)(t, dir)
		if _, err := Open(picture.Source{Path: dir}); err == nil || !strings.Contains(err.Error(), "altered") {
			t.Errorf("opening gave %v", err)
		}
	})
}

func TestBadInput(t *testing.T) {
	c := fixture(t, 6)
	for name, change := range map[string]func(in *Input){
		"no entries": func(in *Input) { in.Curated = t.TempDir() },
		"an entry cut off": func(in *Input) {
			os.WriteFile(filepath.Join(c.dir, "entries", "00001.jsonl"), []byte(`{"content":`), 0o644)
		},
		"a picture gone":    func(in *Input) { in.Picture = func(digest.SHA256) ([]byte, error) { return nil, os.ErrNotExist } },
		"a picture altered": func(in *Input) { in.Picture = func(digest.SHA256) ([]byte, error) { return []byte("x"), nil } },
		"nothing allowed": func(in *Input) {
			in.Decide = func(context.Context, curate.Entry) (Verdict, error) { return Verdict{Reason: "NO_PROOF"}, nil }
		},
		"decision fails": func(in *Input) {
			in.Decide = func(context.Context, curate.Entry) (Verdict, error) { return Verdict{}, errors.New("no ledger") }
		},
		"ledger cannot hold": func(in *Input) {
			in.Record = func(context.Context, string, Manifest, []byte) (string, string, error) {
				return "", "", errors.New("disk full")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.write(t)
			in := c.input()
			change(&in)
			dir := filepath.Join(t.TempDir(), "set")
			if _, err := Run(t.Context(), in, dir); err == nil || strings.Contains(err.Error(), "\n") {
				t.Errorf("the error is %v", err)
			}
			if _, err := os.Stat(dir); err == nil {
				t.Error("the set appeared")
			}
		})
	}
}

// Offsets are computed, not searched: they must be where a reader of tar finds
// the picture.
func TestShardsAreWebDataset(t *testing.T) {
	c := fixture(t, 12)
	dir, m := freeze(t, c.input())
	rows := map[string]Row{}
	for r, err := range readIndex(filepath.Join(dir, IndexFile)) {
		if err != nil {
			t.Fatal(err)
		}
		rows[r.Key] = r
	}
	n := 0
	for _, f := range m.Shards {
		raw, err := os.ReadFile(filepath.Join(dir, f.Path))
		if err != nil {
			t.Fatal(err)
		}
		for s, err := range shard.Read(bytes.NewReader(raw), shard.DefaultLimits()) {
			if err != nil {
				t.Fatal(err)
			}
			n++
			r := rows[s.Key]
			if len(s.Files) != 3 || s.Files[1].Ext != "png" || !bytes.Equal(raw[r.Offset:r.Offset+r.Bytes], s.Files[1].Data) || string(s.Files[2].Data) != r.Caption {
				t.Fatalf("sample %s is not what the index says: %+v", s.Key, r)
			}
			var e curate.Entry
			if err := json.Unmarshal(s.Files[0].Data, &e); err != nil || e.Licence != "MIT" || e.Content.String() != r.Content {
				t.Fatalf("record of %s: %+v, %v", s.Key, e, err)
			}
		}
	}
	if n != m.Pictures {
		t.Fatalf("%d samples", n)
	}
}

func TestAttribution(t *testing.T) {
	c := fixture(t, 6)
	dir, _ := freeze(t, c.input())
	text, err := os.ReadFile(filepath.Join(dir, AttributionFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"## MIT", "### From own", "- Ada: 6"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}
