package gate

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestKeys(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	k := OpenKeys(dir)
	if list, err := k.List(); err != nil || len(list) != 0 {
		t.Fatalf("a folder that is not there: %v, %v", list, err)
	}
	secret, err := k.Add("ann", Key{Rate: Rate{60, time.Minute}, Daily: 7, Work: []string{"paint"}})
	if err != nil {
		t.Fatal(err)
	}
	other, err := k.Add("bob", Key{})
	if err != nil {
		t.Fatal(err)
	}
	if secret == other || !strings.HasPrefix(secret, secretPrefix) || len(secret) != len(secretPrefix)+43 {
		t.Errorf("secrets %q and %q", secret, other)
	}
	list, err := k.List()
	if err != nil || len(list) != 2 || list[0].Name != "ann" || list[0].Rate.String() != "60/min" || list[0].Daily != 7 {
		t.Errorf("listed %+v, %v", list, err)
	}
	found, ok := OpenKeys(dir).find(secret)
	if !ok || found.Name != "ann" {
		t.Errorf("found %+v, %v", found, ok)
	}
	for _, wrong := range []string{"", secretPrefix, secret[:len(secret)-1], secret + "A", strings.ToUpper(secret), "ann"} {
		if found, ok := OpenKeys(dir).find(wrong); ok {
			t.Errorf("%q opens as %s", wrong, found.Name)
		}
	}
	if _, ok := (*Keys)(nil).find(secret); ok {
		t.Error("no keys know one")
	}
	if err := k.Remove("ann"); err != nil {
		t.Fatal(err)
	}
	if _, ok := OpenKeys(dir).find(secret); ok {
		t.Error("a removed key opens")
	}
	for _, name := range []string{"ann", "../keys", ""} {
		if err := k.Remove(name); !errors.Is(err, ErrNoKey) {
			t.Errorf("remove %q: %v", name, err)
		}
	}
}

// TestSecretsAreNotKept looks for a secret in all that is on the disk.
func TestSecretsAreNotKept(t *testing.T) {
	dir := t.TempDir()
	secret, err := OpenKeys(dir).Add("ann", Key{})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "ann.json")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte(strings.TrimPrefix(secret, secretPrefix))) {
		t.Error("the secret is on the disk")
	}
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Separator == '/' && st.Mode().Perm() != 0o600 {
		t.Errorf("others can read it: %v", st.Mode())
	}
}

func TestKeyNames(t *testing.T) {
	k := OpenKeys(t.TempDir())
	for _, name := range []string{"", Local, "../x", "a/b", `a\b`, "A", "-a", ".a", "a b", strings.Repeat("a", 64)} {
		if _, err := k.Add(name, Key{}); err == nil {
			t.Errorf("%q is a name", name)
		}
	}
	if _, err := k.Add("x", Key{Daily: -1}); err == nil {
		t.Error("fewer than no pictures a day")
	}
}

// TestAddAtOnce makes a key of one name from many sides: one of them has it.
func TestAddAtOnce(t *testing.T) {
	dir := t.TempDir()
	var all sync.WaitGroup
	secrets := make([]string, 8)
	for i := range secrets {
		all.Go(func() { secrets[i], _ = OpenKeys(dir).Add("ann", Key{}) })
	}
	all.Wait()
	good := 0
	for _, s := range secrets {
		if s == "" {
			continue
		}
		good++
		if _, ok := OpenKeys(dir).find(s); !ok {
			t.Error("a key was given out that does not open")
		}
	}
	if good != 1 {
		t.Errorf("%d keys of one name", good)
	}
}

// TestBadKeyFiles holds that one file that cannot be read locks out its own key
// alone, and is named.
func TestBadKeyFiles(t *testing.T) {
	dir := t.TempDir()
	secret, err := OpenKeys(dir).Add("ann", Key{})
	if err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(filepath.Join(dir, "ann.json"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{
		"cut.json": good[:len(good)/2], "empty.json": nil, "renamed.json": good,
		"zero.json": []byte(`{"name":"zero","sha256":"sha256:` + strings.Repeat("0", 64) + `"}`),
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if list, err := OpenKeys(dir).List(); err == nil || !strings.Contains(err.Error(), name) || len(list) != 1 {
			t.Errorf("%s: %v, %v", name, list, err)
		}
		if _, ok := OpenKeys(dir).find(secret); !ok {
			t.Errorf("%s locks out another key", name)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}
