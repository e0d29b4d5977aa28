package frozen

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"

	"github.com/limner-ai/limner/dataset/picture"
)

// Verify reads all of a set and holds it against its manifest: every file
// against its digest, the index and the contents against the root, and every
// picture against its digest. progress, if not nil, is told how much of a stage is
// done.
func Verify(ctx context.Context, dir string, progress func(stage string, done, total int)) (Manifest, error) {
	m, err := ReadManifest(dir)
	if err != nil {
		return m, err
	}
	if f, err := ReadFreeze(dir); err != nil {
		return m, err
	} else if text, err := os.ReadFile(filepath.Join(dir, ManifestFile)); err != nil || sha256.Sum256(text) != f.Manifest {
		return m, fmt.Errorf("frozen: %s: %s is not the one that was frozen; restore it", dir, ManifestFile)
	}
	files := append(append([]File{}, m.Shards...), m.Index, m.Contents, m.Attribution)
	for i, want := range files {
		if err := ctx.Err(); err != nil {
			return m, err
		}
		got, err := describe(dir, want.Path)
		if err != nil {
			return m, fmt.Errorf("frozen: %w", err)
		}
		if got.SHA256 != want.SHA256 {
			return m, fmt.Errorf("frozen: %s: %s was altered: its digest is %s and was %s; restore it", dir, want.Path, got.SHA256, want.SHA256)
		}
		if progress != nil {
			progress("files", i+1, len(files))
		}
	}
	if _, err := Tree(dir, m); err != nil {
		return m, err
	}
	s, err := open(picture.Source{Path: dir, Split: picture.All})
	if err != nil {
		return m, err
	}
	defer s.Close()
	if s.Len() != m.Pictures {
		return m, fmt.Errorf("frozen: %s: the index has %d pictures and %s states %d; restore it", dir, s.Len(), ManifestFile, m.Pictures)
	}
	buf := make([]uint8, s.look.length())
	for i := range s.rows {
		if err := ctx.Err(); err != nil {
			return m, err
		}
		if err := s.read(buf, i); err != nil {
			return m, err
		}
		if progress != nil {
			progress("pictures", i+1, len(s.rows))
		}
	}
	return m, nil
}
