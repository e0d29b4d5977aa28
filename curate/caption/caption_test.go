package caption

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/limner-ai/limner/source"
)

// base is a small emojibase-data: an apple, a hand with two skins, a couple
// with two tones, a woman's job, two flags.
func base() map[string]string {
	return map[string]string{
		"package.json":     `{"name": "emojibase-data", "version": "17.0.0", "license": "MIT"}`,
		"meta/groups.json": `{"groups": {"1": "people-body", "4": "food-drink", "9": "flags"}, "subgroups": {"16": "hand-fingers-open", "25": "person-role", "30": "family", "42": "food-fruit", "98": "country-flag"}}`,
		"en/data.json": `[
			{"label": "red apple", "hexcode": "1F34E", "tags": ["apple", "fruit"], "group": 4, "subgroup": 42},
			{"label": "waving hand", "hexcode": "1F44B", "tags": ["bye", "hand"], "group": 1, "subgroup": 16, "skins": [
				{"label": "waving hand: light skin tone", "hexcode": "1F44B-1F3FB", "group": 1, "subgroup": 16, "tone": 1},
				{"label": "waving hand: dark skin tone", "hexcode": "1F44B-1F3FF", "group": 1, "subgroup": 16, "tone": 5}]},
			{"label": "people holding hands", "hexcode": "1F9D1-200D-1F91D-200D-1F9D1", "group": 1, "subgroup": 30, "skins": [
				{"label": "people holding hands: light skin tone, dark skin tone", "hexcode": "1F9D1-1F3FB-200D-1F91D-200D-1F9D1-1F3FF", "group": 1, "subgroup": 30, "tone": [1, 5]}]},
			{"label": "woman health worker", "hexcode": "1F469-200D-2695-FE0F", "tags": ["doctor"], "group": 1, "subgroup": 25},
			{"label": "flag: Antigua & Barbuda", "hexcode": "1F1E6-1F1EC", "group": 9, "subgroup": 98},
			{"label": "flag: Côte d’Ivoire", "hexcode": "1F1E8-1F1EE", "group": 9, "subgroup": 98},
			{"label": "keycap: 0", "hexcode": "0030-FE0F-20E3"},
			{"label": "flag: Wales", "hexcode": "1F3F4-E0067-E0062-E0077-E006C-E0073-E007F"},
			{"label": "regional indicator A", "hexcode": "1F1E6"}]`,
		"de/data.json": `[
			{"label": "roter Apfel", "hexcode": "1F34E", "tags": ["Obst"]},
			{"label": "winkende Hand", "hexcode": "1F44B", "skins": [
				{"label": "winkende Hand: helle Hautfarbe", "hexcode": "1F44B-1F3FB", "tone": 1}]}]`,
		"en/shortcodes/github.json": `{"1F34E": ["apple", "red_apple"], "1F44B": "wave", "1F469-200D-2695-FE0F": "wave", "FFFFF": "later"}`,
		"en/compact.json":           `{`,
	}
}

var lib = map[string]string{
	"package.json":          `{"name": "emojilib", "version": "4.0.3", "license": "MIT"}`,
	"dist/emoji-en-US.json": `{"🍎": ["red_apple", "mac", "fruit"], "👋": ["goodbye"], "👩‍⚕️": ["nurse"]}`,
}

func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func archive(t *testing.T, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for name, text := range files {
		if err := w.WriteHeader(&tar.Header{Name: "package/" + name, Mode: 0o644, Size: int64(len(text))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "p.tgz")
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t *testing.T, languages ...string) *Data {
	t.Helper()
	d, err := Read(folder(t, base()), folder(t, lib), languages)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestJoin(t *testing.T) {
	w := NewWriter(read(t, "en", "de"), map[string]string{"noto": "noto emoji", "plain": ""})
	for name, c := range map[string]struct {
		item  Item
		want  []source.Caption
		words []string
		emoji Emoji
	}{
		"in two languages": {
			Item{Path: "1f34e.svg", Codepoints: "1f34e", Style: "noto"},
			[]source.Caption{{Lang: "en", Text: "red apple, noto emoji"}, {Lang: "de", Text: "roter Apfel, noto emoji"}},
			[]string{"apple", "fruit", "red apple", "mac"},
			Emoji{Codepoints: "1f34e", Group: "food-drink", Subgroup: "food-fruit"},
		},
		"a skin": {
			Item{Path: "x.svg", Codepoints: "1f44b-1f3fb", Style: "plain", Title: "Waving Hand: light skin tone"},
			[]source.Caption{{Lang: "en", Text: "waving hand: light skin tone"}, {Lang: "de", Text: "winkende Hand: helle Hautfarbe"}},
			[]string{"bye", "hand", "goodbye", "light skin tone"},
			Emoji{Codepoints: "1f44b-1f3fb", Group: "people-body", Subgroup: "hand-fingers-open", Tones: []string{"light"}},
		},
		"without selector, by its own words too": {
			Item{Path: "x.svg", Codepoints: "1f469-200d-2695", Style: "fluent-emoji_flat", Title: " Doctor\n at work ", Keywords: []string{"Doctor", "coat"},
				Captions: []source.Caption{{Lang: "DE", Text: "Ärztin"}, {Lang: "fr", Text: "médecin"}}},
			[]source.Caption{{Lang: "en", Text: "woman health worker, fluent emoji flat"}, {Lang: "en", Text: "Doctor at work, fluent emoji flat"}, {Lang: "de", Text: "Ärztin, fluent emoji flat"}},
			[]string{"doctor", "nurse", "wave", "coat"},
			Emoji{Codepoints: "1f469-200d-2695-fe0f", Group: "people-body", Subgroup: "person-role", Gender: "female"},
		},
		"unknown emoji": {
			Item{Path: "set/1fae9.svg", Codepoints: "1fae9", Title: "face with bags"},
			[]source.Caption{{Lang: "en", Text: "face with bags"}}, nil, Emoji{},
		},
		"only a file": {
			Item{Path: "animals/red_apple-2.png"},
			[]source.Caption{{Lang: "en", Text: "red apple 2"}}, nil, Emoji{},
		},
		"nothing": {Item{}, nil, nil, Emoji{}},
	} {
		got := w.Join(c.item)
		slices.Sort(c.words)
		slices.Sort(got.Keywords)
		if !reflect.DeepEqual(got.Captions, c.want) || !slices.Equal(got.Keywords, c.words) || !reflect.DeepEqual(got.Emoji, c.emoji) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestByName(t *testing.T) {
	d := read(t, "en")
	w := NewWriter(d, nil)
	for name, want := range map[string]string{
		"noto/red-apple.svg":                         "1f34e",
		"noto/waving-hand-dark-skin-tone.svg":        "1f44b-1f3ff",
		"fluent/waving-hand-dark.svg":                "1f44b-1f3ff",
		"fluent/people-holding-hands-light-dark.svg": "1f9d1-1f3fb-200d-1f91d-200d-1f9d1-1f3ff",
		"twemoji/flag-for-flag-antigua-and-barbuda":  "1f1e6-1f1ec",
		"noto/flag-cote-divoire.svg":                 "1f1e8-1f1ee",
		"a/apple.svg":                                "1f34e",
		"a/wave.svg":                                 "", // two emoji have that short name
		"a/later.svg":                                "",
		"a/red-apples.svg":                           "",
		"a/flag-for-.svg":                            "",
		"":                                           "",
	} {
		if got := w.Join(Item{Path: name, Named: true}).Emoji.Codepoints; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
		if got := w.Join(Item{Path: name}).Emoji.Codepoints; got != "" {
			t.Errorf("%s, not named as emoji are: %q", name, got)
		}
	}
	if got := w.Join(Item{Path: "x.svg", Title: "Red Apple", Named: true}).Emoji.Codepoints; got != "1f34e" {
		t.Errorf("by its title: %q", got)
	}
	for points, want := range map[string]string{"30-20e3": "0030-fe0f-20e3", "0030-fe0f-20e3": "0030-fe0f-20e3", "zz": "", "-": "", "110000": "",
		"1f3f4-e0067_e0062_e0077_e006c_e0073": "1f3f4-e0067-e0062-e0077-e006c-e0073-e007f"} {
		if got := w.Join(Item{Codepoints: points}).Emoji.Codepoints; got != want {
			t.Errorf("%s: %q, want %q", points, got, want)
		}
	}
}

// An archive and a folder of the same files give the same.
func TestArchive(t *testing.T) {
	a, err := Read(archive(t, base()), archive(t, lib), []string{"en", "de"})
	if err != nil {
		t.Fatal(err)
	}
	b := read(t, "en", "de")
	if !reflect.DeepEqual(a.emoji, b.emoji) || !reflect.DeepEqual(a.Origins(), b.Origins()) {
		t.Error("they differ")
	}
	if o := a.Origins(); len(o) != 2 || o[0].Name != "emojibase-data" || o[1].Version != "4.0.3" || o[0].Licence != "MIT" || a.Known() != 12 {
		t.Errorf("%+v, %d emoji", o, a.Known())
	}
}

func TestMistakes(t *testing.T) {
	with := func(name, text string) map[string]string {
		f := base()
		f[name] = text
		return f
	}
	for _, c := range []struct {
		name, want string
		files      map[string]string
		languages  []string
	}{
		{"no such language", `language "xx": xx/data.json is missing`, base(), []string{"en", "xx"}},
		{"no language", "no language", base(), nil},
		{"another package", `this is the package "left-pad"`, with("package.json", `{"name": "left-pad"}`), []string{"en"}},
		{"not JSON", "en/data.json: invalid character", with("en/data.json", "<html>"), []string{"en"}},
		{"cut off", "en/data.json: unexpected end", with("en/data.json", `[{"label": "a"`), []string{"en"}},
		{"no code points", `element 0: "grin" are no code points`, with("en/data.json", `[{"hexcode": "grin"}]`), []string{"en"}},
		{"null", `element 0: "" are no code points`, with("en/data.json", `[null]`), []string{"en"}},
		{"tone", "9 is no skin tone", with("en/data.json", `[{"hexcode": "1F44B", "tone": 9}]`), []string{"en"}},
		{"skins of skins", "has skins itself", with("en/data.json", `[{"hexcode": "1F44B", "skins": [{"hexcode": "1F44C", "skins": [{"hexcode": "1F44D"}]}]}]`), []string{"en"}},
		{"wrong type", "cannot unmarshal", with("en/data.json", `[{"hexcode": 5}]`), []string{"en"}},
		{"short names", "en/shortcodes/github.json", with("en/shortcodes/github.json", `{"1F34E": 5}`), []string{"en"}},
		{"deep", "exceeded max depth", with("en/data.json", strings.Repeat("[", 20000)), []string{"en"}},
		{"too large", "larger than 32 MiB", with("en/data.json", strings.Repeat(" ", maxFile+1)), []string{"en"}},
	} {
		for kind, pack := range map[string]func(*testing.T, map[string]string) string{"folder": folder, "archive": archive} {
			_, err := Read(pack(t, c.files), "", c.languages)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s, %s: %v", c.name, kind, err)
			}
		}
	}
	if _, err := Read(filepath.Join(t.TempDir(), "none"), "", []string{"en"}); err == nil || !strings.Contains(err.Error(), "npm pack emojibase-data") {
		t.Errorf("missing: %v", err)
	}
	bad := filepath.Join(t.TempDir(), "x.tgz")
	if err := os.WriteFile(bad, []byte("PK"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(bad, "", []string{"en"}); err == nil || !strings.Contains(err.Error(), "want a folder or a .tgz archive") {
		t.Errorf("no archive: %v", err)
	}
}

// Whatever a source writes, captions are short lines.
func TestHostileWords(t *testing.T) {
	w := NewWriter(None([]string{"en"}), nil)
	long := strings.Repeat("wörd ", 10_000)
	got := w.Join(Item{Path: "a\x00b/\u202e.png", Title: "a\r\nb\x1b[31m\xff\t c", Captions: []source.Caption{{Lang: "en", Text: long}}, Keywords: slices.Repeat([]string{long + "a", "b", "B"}, 500)})
	if len(got.Captions) != 2 || got.Captions[1].Text != "a b[31m c" || len([]rune(got.Captions[0].Text)) > maxRunes || len(got.Keywords) != 2 {
		t.Errorf("%d captions, %d keywords: %.100q", len(got.Captions), len(got.Keywords), got.Captions)
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{
		`[{"hexcode": "1F44B", "label": "a", "tone": [1, 2], "group": 1}]`, `[{"hexcode": "1F44B", "skins": [{"hexcode": "1F44B-1F3FB", "tone": 1}]}]`,
		`[{"hexcode": "FE0F"}]`, `null`, `{}`, `[[]]`,
	} {
		f.Add([]byte(s), []byte(`{"1F44B": ["wave", "hi"]}`))
	}
	f.Fuzz(func(t *testing.T, data, codes []byte) {
		p := &Data{languages: []string{"en"}, emoji: map[string]*emoji{}, names: map[string]*emoji{}}
		fs := &files{data: map[string][]byte{"data": data, "codes": codes}}
		var records []record
		if fs.json("data", &records) != nil {
			return
		}
		order, err := p.add(records, 0, groups{})
		if err != nil {
			return
		}
		var short map[string]names
		if fs.json("codes", &short) == nil && len(order) > 0 {
			for _, s := range short {
				order[0].shortcodes = append(order[0].shortcodes, s...)
			}
		}
		p.index(order)
		for _, e := range order {
			for _, c := range NewWriter(p, nil).Join(Item{Codepoints: e.Codepoints}).Captions {
				if c.Text == "" || strings.ContainsAny(c.Text, "\n\x00") {
					t.Errorf("caption %q", c.Text)
				}
			}
		}
	})
}
