package place

import (
	"os"
	"path/filepath"
	"testing"
)

func TestNames(t *testing.T) {
	for _, good := range []string{"a", "emoji-64", "A.b_c", "0"} {
		if err := CheckName(good); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{"", ".", "..", ".a", "a/b", `a\b`, "a\x00", "a b", "-a", "ä", "a.", "a:b", "/a", string(make([]byte, 64))} {
		if CheckName(bad) == nil {
			t.Errorf("%q is a name", bad)
		}
	}
}

func TestSetsAreFoundByWhatIsListedAlone(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"sets/digits/train-images-idx3-ubyte.gz", "sets/other/readme", "elsewhere/secret/train-images-idx3-ubyte"} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p := Places{Sets: []string{filepath.Join(dir, "sets"), filepath.Join(dir, "none")}}
	if all := p.AllSets(); len(all) != 2 || all[0].Name != "digits" || all[0].Kind != "idx" || all[1].Name != Shapes {
		t.Errorf("%+v", all)
	}
	for _, name := range []string{"digits", "sets/digits", filepath.Join(dir, "sets", "digits"), filepath.Join(dir, "sets", "..", "sets", "digits")} {
		if s, err := p.FindSet(name); err != nil || s.Kind != "idx" {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"", "other", "..", filepath.Join(dir, "elsewhere", "secret"), "../elsewhere/secret", filepath.Join(dir, "sets", "other")} {
		if s, err := p.FindSet(name); err == nil {
			t.Errorf("%q gave %+v", name, s)
		}
	}
}

func FuzzCheckName(f *testing.F) {
	for _, s := range []string{"a", "../a", "CON", "a/..", "a\\b"} {
		f.Add(s)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, name string) {
		path, err := Places{Runs: dir}.Run(name)
		if err != nil {
			return
		}
		if filepath.Dir(path) != filepath.Clean(dir) {
			t.Errorf("%q leads to %s", name, path)
		}
	})
}
