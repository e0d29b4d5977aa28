package curate

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/png"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/internal/objects"
	"github.com/limner-ai/limner/source"
)

// emojibase writes a package of two emoji.
func emojibase(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"package.json":     `{"name": "emojibase-data", "version": "17.0.0"}`,
		"meta/groups.json": `{"groups": {"4": "food-drink"}, "subgroups": {"42": "food-fruit"}}`,
		"en/data.json":     `[{"label": "red apple", "hexcode": "1F34E", "tags": ["fruit"], "group": 4, "subgroup": 42}]`,
		"de/data.json":     `[{"label": "roter Apfel", "hexcode": "1F34E"}]`,
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Everything that can become of a copy, once.
func TestRun(t *testing.T) {
	s := newShelf()
	c := s.put("noto/1f34e.svg", []byte(apple))
	c.Codepoints, c.Style, c.Creator, c.Holders, c.Keywords = "1f34e", "noto", "Ada", []string{"Ada"}, []string{"pomme"}
	s.put("other/red-apple.svg", []byte(strings.Replace(apple, "#d22", "#c33", 1))).Style = "other"
	photo := s.put("photos/a_boat_2.png", asPNG(blobs(5, 90)))
	photo.Title, photo.Captions = "A boat", []source.Caption{{Lang: "de", Text: "Ein Boot"}, {Lang: "xx", Text: "?"}}
	s.put("photos/copy.png", s.files[photo.Content])
	s.put("photos/boat, smaller.jpg", asJPEG(blobs(5, 90), 85))
	s.put("photos/denied.png", asPNG(blobs(6, 50))).Decision = Deny
	q := s.put("photos/unclear.png", asPNG(blobs(7, 50)))
	q.Decision, q.Reason = Quarantine, "two licences"
	s.put("photos/cut.png", asPNG(blobs(8, 50))[:400])
	s.put("photos/bomb.png", bomb())
	s.put("photos/text.png", []byte("hello"))
	s.put("photos/small.png", asPNG(blobs(9, 15)))
	s.put("photos/empty.png", asPNG(image.NewNRGBA(image.Rect(0, 0, 40, 40))))
	s.put("photos/wide.png", asPNG(drawn(500, 20, func(x, y int) color.NRGBA { return color.NRGBA{uint8(x), 0, 0, 255} })))
	s.put("photos/ .png", asPNG(blobs(10, 50)))
	s.put("photos/lost.png", asPNG(blobs(11, 50)))
	delete(s.files, s.copies[len(s.copies)-1].Content)
	s.put("photos/1fae9.png", asPNG(blobs(12, 50))).Codepoints = "1fae9"
	s.put("drafts/x.png", asPNG(blobs(13, 50)))
	s.put("photos/hidden/x.png", asPNG(blobs(14, 50)))
	s.put("photos/never.png", asPNG(blobs(15, 50))).Source = "elsewhere"

	r := small(func(r *Recipe) {
		r.Sources = []From{{ID: "shelf", Include: []string{"noto/*", "other/*", "photos/**"}, Exclude: []string{"**/hidden/*"}, EmojiNames: true}}
		r.Quality = Quality{MinSide: 16, MinCoverage: 0.02}
		r.Captions = Captions{Languages: []string{"en", "de"}, Emojibase: emojibase(t), Styles: map[string]string{"noto": "noto emoji"}}
	})
	dir, store, sum := curated(t, r, s, Options{part: 5})

	want := map[Why]int{Duplicate: 1, Denied: 1, Quarantined: 1, "damaged": 1, "too large": 2, "unsupported": 1,
		Small: 1, Empty: 1, Nameless: 1, Missing: 1}
	if !maps.Equal(sum.Rejected, want) {
		t.Errorf("rejected %v, want %v", sum.Rejected, want)
	}
	if sum.Copies != 16 || sum.Pictures != 5 || sum.Train+sum.Test != 5 || sum.Sources["shelf"] != 5 || sum.Concepts != 4 || sum.Clusters != 2 || sum.InThem != 4 {
		t.Errorf("%+v", sum)
	}
	if sum.Unknown != 3 { // the boats and 1fae9: all files are said to be named as emoji are
		t.Errorf("%d unknown emoji", sum.Unknown)
	}
	rejected := lines(t, filepath.Join(dir, "rejected.jsonl"))
	if len(rejected) != 11 || !strings.Contains(rejected[2], `"path":"photos/unclear.png"`) || !strings.Contains(rejected[2], `"why":"quarantined","detail":"two licences"`) {
		t.Errorf("%d rejections; the third is %s", len(rejected), rejected[2])
	}

	all := entries(t, dir)
	a := all[0]
	if a.Concept != "emoji:1f34e" || a.Emoji.Subgroup != "food-fruit" || a.Colour != "red" || a.Licence != "MIT" || a.Creator != "Ada" || a.Holders[0] != "Ada" || a.Style != "noto" || a.Path != "noto/1f34e.svg" {
		t.Errorf("%+v", a)
	}
	if !slices.Equal(a.Captions, []source.Caption{{Lang: "en", Text: "red apple, noto emoji"}, {Lang: "de", Text: "roter Apfel, noto emoji"}}) || !slices.Equal(a.Keywords, []string{"fruit", "pomme"}) {
		t.Errorf("%v %v", a.Captions, a.Keywords)
	}
	if all[1].Concept != a.Concept || all[1].Split != a.Split {
		t.Errorf("the other apple is %s in %s", all[1].Concept, all[1].Split)
	}
	if b := all[2]; b.Concept != "name:a boat" || b.Captions[1].Text != "Ein Boot" || len(b.Captions) != 2 || b.Measures.Width != 90 {
		t.Errorf("%+v", b)
	}
	if all[3].Cluster != all[2].Cluster || all[3].Split != all[2].Split {
		t.Errorf("two boats that look the same lie in %s and %s", all[2].Split, all[3].Split)
	}
	if all[4].Concept != "emoji:1fae9" {
		t.Errorf("%s", all[4].Concept)
	}
	file, err := store.Get(a.Picture)
	if err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(bytes.NewReader(file))
	if err != nil || m.Bounds() != image.Rect(0, 0, 16, 16) {
		t.Fatalf("%v, %v", m.Bounds(), err)
	}
	n := m.(*image.NRGBA)
	if n.NRGBAAt(0, 15).A != 0 || n.NRGBAAt(8, 9) != (color.NRGBA{0xdd, 0x22, 0x22, 255}) {
		t.Errorf("corner %v, middle %v", n.NRGBAAt(0, 15), n.NRGBAAt(8, 9))
	}
	// The same on every processor.
	if sum := sha256.Sum256(n.Pix); hex.EncodeToString(sum[:8]) != "bda9fad69240c09f" {
		t.Errorf("the pixels' digest is %x", sum[:8])
	}
}

func TestSameBytesOnAnyNumberOfThreads(t *testing.T) {
	s := plenty(60)
	dir, _, _ := curated(t, small(), s, Options{Threads: 1, part: 7})
	want := tree(t, dir)
	for _, threads := range []int{2, 5} {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
		dir, _, _ := curated(t, small(), s, Options{Threads: threads, part: 7})
		same(t, tree(t, dir), want)
	}
}

// A run is stopped again and again, and comes to the same end without doing
// twice what was finished.
func TestStopAndGoOn(t *testing.T) {
	const n, part = 80, 8
	whole, _, wantSum := curated(t, small(), plenty(n), Options{part: part})
	want := tree(t, whole)
	r := rand.New(rand.NewPCG(3, 4))
	for range 4 {
		dir := t.TempDir()
		store := objects.Open(filepath.Join(dir, "objects"))
		set := filepath.Join(dir, "set")
		for stops := 0; ; stops++ {
			s := plenty(n)
			ctx, stop := context.WithCancel(t.Context())
			at := 10 + r.IntN(30)
			s.onOpen = func(opened int) error {
				if opened == at {
					stop()
				}
				return nil
			}
			_, err := os.Stat(set + "/parts/00000.jsonl")
			had := err == nil
			sum, err := Run(ctx, small(), s, store, set, Options{part: part, Threads: 3})
			stop()
			if had && s.opened[s.copies[0].Content] > 0 {
				t.Error("a finished part was done again")
			}
			if err == nil {
				if sum.Entries != wantSum.Entries {
					t.Error("other entries")
				}
				if stops == 0 {
					t.Error("never stopped")
				}
				break
			}
			if !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			if _, err := ReadSummary(set); err == nil || !strings.Contains(err.Error(), "not finished") {
				t.Errorf("a stopped run left a summary: %v", err)
			}
			if stops > 100 {
				t.Fatal("no progress")
			}
		}
		same(t, tree(t, set), want)
	}
}

// What a kill or a bad disk leaves behind is found and made again.
func TestDamagedParts(t *testing.T) {
	s := plenty(40)
	dir, store, _ := curated(t, small(), s, Options{part: 8})
	want := tree(t, dir)
	path := partPath(dir, 2)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var pic Entry
	for _, pic = range entries(t, dir) {
		break
	}
	for name, damage := range map[string]func() error{
		"cut off":      func() error { return os.WriteFile(path, good[:len(good)/2], 0o644) },
		"empty":        func() error { return os.WriteFile(path, nil, 0o644) },
		"one letter":   func() error { return os.WriteFile(path, bytes.Replace(good, []byte("MIT"), []byte("MIX"), 1), 0o644) },
		"another part": func() error { return os.Link(partPath(dir, 1), path+"x") },
		"removed":      func() error { return os.Remove(path) },
		"picture gone": func() error { return store.Erase(pic.Picture) },
		"one too many": func() error { return os.WriteFile(partPath(dir, 5), good, 0o644) },
	} {
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		s.opens = 0
		if _, err := Run(t.Context(), small(), s, store, dir, Options{part: 8}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		os.Remove(path + "x")
		same(t, tree(t, dir), want)
		if s.opens > 8 {
			t.Errorf("%s: %d files were opened", name, s.opens)
		}
	}
}

// Only what a change of the recipe concerns is done again.
func TestChangedRecipe(t *testing.T) {
	s := plenty(40)
	dir, store, _ := curated(t, small(), s, Options{part: 8})
	all := s.opens
	run := func(c ...func(*Recipe)) (Summary, int) {
		t.Helper()
		s.opens = 0
		sum, err := Run(t.Context(), small(c...), s, store, dir, Options{part: 8})
		if err != nil {
			t.Fatal(err)
		}
		opens := s.opens
		fresh, _, _ := curated(t, small(c...), s, Options{part: 8})
		same(t, tree(t, dir), tree(t, fresh))
		return sum, opens
	}
	if sum, n := run(func(r *Recipe) { r.Quality.MinSide = 50; r.Split.Salt = "b" }); n != 0 || sum.Rejected[Small] == 0 {
		t.Errorf("another threshold: %d files opened; %+v", n, sum)
	}
	size := func(r *Recipe) { r.Size = 8 }
	if _, n := run(size); n != all {
		t.Errorf("another size: %d files opened, want all %d", n, all)
	}
	// A copy that is denied now changes its own part, and that in which a
	// copy of it comes to the fore.
	s.copies[20].Decision = Deny
	if _, n := run(size); n == 0 || n > 16 {
		t.Errorf("a denial: %d files opened", n)
	}
	s.copies = s.copies[:17]
	run(size)
}

func TestErrorsEndARun(t *testing.T) {
	broken := errors.New("the disk is gone")
	s := plenty(40)
	s.onOpen = func(n int) error {
		if n == 20 {
			return broken
		}
		return nil
	}
	dir := t.TempDir()
	store := objects.Open(filepath.Join(dir, "objects"))
	if _, err := Run(t.Context(), small(), s, store, dir, Options{part: 4}); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	s = plenty(40)
	s.end = broken
	if _, err := Run(t.Context(), small(), s, store, dir, Options{part: 4}); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	if _, err := Run(t.Context(), Recipe{}, s, store, dir, Options{}); err == nil {
		t.Error("an empty recipe ran")
	}
	// Nothing at all is a set too.
	_, _, sum := curated(t, small(), newShelf(), Options{})
	if sum.Pictures != 0 || sum.Copies != 0 {
		t.Errorf("%+v", sum)
	}
}

// What was missing or slow is tried again.
func TestTriedAgain(t *testing.T) {
	s := plenty(12)
	lost := s.copies[2].Content
	file := s.files[lost]
	delete(s.files, lost)
	dir, store, sum := curated(t, small(), s, Options{part: 8})
	if sum.Rejected[Missing] != 1 {
		t.Fatalf("%+v", sum)
	}
	s.files[lost] = file
	s.opens = 0
	sum, err := Run(t.Context(), small(), s, store, dir, Options{part: 8})
	if err != nil || sum.Rejected[Missing] != 0 || s.opens == 0 || s.opens > 8 {
		t.Errorf("%v, %d opened, %+v", err, s.opens, sum)
	}
	slow := small(func(r *Recipe) { r.Limits.Seconds = 0.001 })
	big := newShelf()
	big.put("photo.png", asPNG(blobs(1, 3000)))
	if _, _, sum := curated(t, slow, big, Options{}); sum.Rejected[TooSlow] != 1 {
		t.Errorf("%+v", sum)
	}
}

func TestProgress(t *testing.T) {
	var last Progress
	dir, store, _ := curated(t, small(), plenty(30), Options{part: 8, Total: 30, Progress: func(p Progress) { last = p }})
	if last.Done != 30 || last.Reused != 0 || last.Rate <= 0 || last.Left != 0 || last.Total != 30 {
		t.Errorf("%+v", last)
	}
	if _, err := Run(t.Context(), small(), plenty(30), store, dir, Options{part: 8, Progress: func(p Progress) { last = p }}); err != nil {
		t.Fatal(err)
	}
	if last.Done != 30 || last.Reused != 30 {
		t.Errorf("%+v", last)
	}
}

func TestEntriesAreChecked(t *testing.T) {
	dir, _, _ := curated(t, small(), plenty(30), Options{part: 8})
	n := len(entries(t, dir))
	seen := 0
	for range Entries(dir) {
		if seen++; seen == 3 {
			break
		}
	}
	path := entriesPath(dir, 1)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first := func() (int, error) {
		seen := 0
		for _, err := range Entries(dir) {
			if err != nil {
				return seen, err
			}
			seen++
		}
		return seen, nil
	}
	var e Entry
	if err := json.Unmarshal(bytes.SplitN(b, []byte("\n"), 2)[0], &e); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"changed": bytes.Replace(b, []byte("MIT"), []byte("MIX"), 1), "cut": b[:len(b)-20], "gone": nil} {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		if got, err := first(); err == nil || got > n {
			t.Errorf("%s: %d entries, no error", name, got)
		}
	}
}
