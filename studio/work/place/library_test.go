package place

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/limner-ai/limner/model/trained"
)

// digits writes a small IDX set of so many pictures.
func digits(t *testing.T, dir string, n byte) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	images := append([]byte{0, 0, 8, 3, 0, 0, 0, n, 0, 0, 0, 4, 0, 0, 0, 4}, make([]byte, int(n)*16)...)
	labels := append([]byte{0, 0, 8, 1, 0, 0, 0, n}, make([]byte, n)...)
	for name, data := range map[string][]byte{"train-images-idx3-ubyte": images, "train-labels-idx1-ubyte": labels} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// A model file can name any path; only what is listed is opened.
func TestLibrary(t *testing.T) {
	dir := t.TempDir()
	digits(t, filepath.Join(dir, "sets", "digits"), 3)
	digits(t, filepath.Join(dir, "elsewhere", "secret"), 3)
	l := NewLibrary(Places{Sets: []string{filepath.Join(dir, "sets")}})
	of := func(source string, pictures int) trained.Data {
		return trained.Data{Source: json.RawMessage(source), Pictures: pictures}
	}
	for _, good := range []trained.Data{
		of(`{"kind":"idx","path":"data/digits"}`, 3), of(`{"kind":"idx","path":"/another/machine/digits"}`, 3), of(`{"kind":"shapes","size":16,"count":20}`, 20),
	} {
		if !l.Has(good) {
			t.Errorf("%s is not here", good.Source)
		}
		a, err := l.Open(t.Context(), good)
		if err != nil {
			t.Errorf("%s: %v", good.Source, err)
			continue
		}
		if b, err := l.Open(t.Context(), good); err != nil || a != b {
			t.Errorf("%s was opened twice: %v", good.Source, err)
		}
	}
	secret, err := json.Marshal(map[string]string{"kind": "idx", "path": filepath.Join(dir, "elsewhere", "secret")})
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []trained.Data{
		{}, of(`{`, 0), of(`{"kind":"idx"}`, 3), of(`{"kind":"folder","path":"digits"}`, 3), of(string(secret), 3), of(`{"kind":"idx","path":"digits"}`, 4),
		of(`{"kind":"shapes","size":100000}`, 1), of(`{"kind":"shapes","count":2000000000}`, 1), of(`{"kind":"frozen","path":"digits"}`, 3), of(`{"kind":"idx","path":"../elsewhere/secret"}`, 3),
	} {
		if _, err := l.Open(t.Context(), bad); !errors.Is(err, ErrNoSet) {
			t.Errorf("%s: %v", bad.Source, err)
		}
	}
}
