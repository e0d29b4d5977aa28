package web

import (
	"strings"
	"testing"

	"github.com/limner-ai/limner/source/archive"
)

func TestScope(t *testing.T) {
	t.Parallel()
	s := (&config{Allow: []string{"example.org", "*.pictures.example", "https://Other.example/gallery/", "ports.example:8080", "http://plain.example"}}).scope()
	for address, want := range map[string]bool{
		"https://example.org/":                  true,
		"http://example.org/a":                  true,
		"https://www.example.org/":              false,
		"https://example.org.evil.example/":     false,
		"https://notexample.org/":               false,
		"https://example.org:8443/":             false,
		"https://pictures.example/":             true,
		"https://a.b.pictures.example/x":        true,
		"https://evilpictures.example/":         false,
		"https://other.example/gallery/a.png":   true,
		"https://other.example/gallery":         false,
		"https://other.example/private/":        false,
		"http://other.example/gallery/":         false,
		"https://other.example/gallery/%2e%2e/": true, // the server sees what is written
		"https://ports.example:8080/":           true,
		"https://ports.example/":                false,
		"http://plain.example/":                 true,
		"https://plain.example/":                false,
		"":                                      false,
	} {
		if got := s.has(address); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}

func TestItemPath(t *testing.T) {
	t.Parallel()
	if got := itemPath("https://example.org/art/a-1.png"); got != "example.org/art/a-1.png" {
		t.Error(got)
	}
	seen := map[string]string{}
	for _, address := range []string{
		"https://example.org/art/a.png", "http://example.org/art/a.png", "https://example.org:8443/art/a.png", "https://example.org_8443/art/a.png",
		"https://example.org/art/a.png?v=1", "https://example.org/art/a.png?v=2", "https://example.org/art//a.png", "https://example.org/art/%2e%2e/a.png",
		"https://example.org/%2e%2e/%2e%2e/a.png", "https://example.org/art/%61.png", "https://example.org/art/a.png/", "https://example.org/", "https://example.org",
		"https://[2001:db8::1]/a.png", "https://example.org/a%00b.png", `https://example.org/a%5Cb.png`, "https://example.org/a:b.png", "https://example.org/ä.png",
		"https://example.org/" + strings.Repeat("a/", 500) + "b.png", "https://example.org/a." + strings.Repeat("x", 500), "https://example.org/con", "%",
	} {
		path := itemPath(address)
		if before, ok := seen[path]; ok {
			t.Errorf("%s and %s are both %s", before, address, path)
		}
		seen[path] = address
		if clean, err := archive.Clean(path); err != nil || clean != path {
			t.Errorf("%s: %q, %v", address, path, err)
		}
	}
}

func FuzzItemPath(f *testing.F) {
	f.Add("https://example.org/../a.png?x#y")
	f.Add("https://[::1]:80/%2e%2e")
	f.Fuzz(func(t *testing.T, address string) {
		path := itemPath(address)
		for part := range strings.SplitSeq(path, "/") {
			if part == ".." || part == "" {
				t.Errorf("%q: %q", address, path)
			}
		}
		if len(path) > len(address)+300 || strings.ContainsAny(path, "\\\x00") && !strings.ContainsAny(address, "\\\x00") {
			t.Errorf("%q: %q", address, path)
		}
	})
}
