// Package objects keeps files by the SHA-256 of their bytes, in a folder. A
// file is written whole or not at all, and the same bytes are kept once.
package objects

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/limner-ai/limner/internal/digest"
)

// ErrAltered says that a kept file is not what its name says.
var ErrAltered = errors.New("the stored bytes were altered; fetch the file again")

// Store is a folder of objects: the object of digest abcd… is the file ab/cd….
// Its methods may be used by several goroutines and processes.
type Store struct{ dir string }

// Open returns the store in dir, which is made by the first Put.
func Open(dir string) *Store { return &Store{dir: dir} }

func (s *Store) path(d digest.SHA256) string {
	hex := strings.TrimPrefix(d.String(), "sha256:")
	return filepath.Join(s.dir, hex[:2], hex[2:])
}

// Put keeps the bytes and returns their digest. They outlive a power cut after
// the next Flush.
func (s *Store) Put(data []byte) (digest.SHA256, error) {
	d := digest.SHA256(sha256.Sum256(data))
	path := s.path(d)
	if info, err := os.Stat(path); err == nil && info.Size() == int64(len(data)) {
		return d, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return d, fmt.Errorf("object store: %w", err)
	}
	if err := place(path, data); err != nil {
		return d, fmt.Errorf("object store: %w", err)
	}
	return d, nil
}

// place writes a file beside its place and moves it there. Flushing every small
// file to the disk would cost more than all else; Flush does it for many.
func place(path string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err = os.Chmod(f.Name(), 0o644); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// Get returns the bytes of that digest, checked against it. What is not kept is
// fs.ErrNotExist, what was altered ErrAltered.
func (s *Store) Get(d digest.SHA256) ([]byte, error) {
	data, err := os.ReadFile(s.path(d))
	if err != nil {
		return nil, fmt.Errorf("object store: %w", err)
	}
	if sha256.Sum256(data) != d {
		return nil, fmt.Errorf("object %s: %w", d, ErrAltered)
	}
	return data, nil
}

// Has reports whether an object of that digest is kept.
func (s *Store) Has(d digest.SHA256) bool {
	_, err := os.Stat(s.path(d))
	return err == nil
}

// Erase removes an object. What is not kept is no error.
func (s *Store) Erase(d digest.SHA256) error {
	if err := os.Remove(s.path(d)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("object store: %w", err)
	}
	return nil
}
