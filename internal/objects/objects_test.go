package objects

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestStore(t *testing.T) {
	s := Open(filepath.Join(t.TempDir(), "objects"))
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	d, err := s.Put([]byte("apple"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put([]byte("apple")); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	got, err := s.Get(d)
	if err != nil || !bytes.Equal(got, []byte("apple")) || !s.Has(d) {
		t.Fatalf("got %q, %v", got, err)
	}
	if err := os.WriteFile(s.path(d), []byte("apply"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(d); !errors.Is(err, ErrAltered) {
		t.Fatalf("an altered object: %v", err)
	}
	if err := s.Erase(d); err != nil {
		t.Fatal(err)
	}
	if err := s.Erase(d); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(d); !errors.Is(err, fs.ErrNotExist) || s.Has(d) {
		t.Fatalf("an erased object: %v", err)
	}
}

func TestATruncatedObjectIsWrittenAnew(t *testing.T) {
	s := Open(t.TempDir())
	d, err := s.Put([]byte("apple"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(s.path(d), 2); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put([]byte("apple")); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Get(d); err != nil || string(got) != "apple" {
		t.Fatalf("got %q, %v", got, err)
	}
}
