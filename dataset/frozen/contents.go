package frozen

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/limner-ai/limner/dataset/proof"
	"github.com/limner-ai/limner/internal/atomicfile"
	"github.com/limner-ai/limner/internal/digest"
)

// writeContents writes the digests, ascending and each once, and returns the
// set's name.
func writeContents(path string, digests []digest.SHA256) (proof.Name, error) {
	slices.SortFunc(digests, digest.Compare)
	digests = slices.Compact(digests)
	tree, err := proof.New(digests)
	if err != nil {
		return proof.Name{}, err
	}
	err = atomicfile.Write(path, 0o644, func(w io.Writer) error {
		for _, d := range digests {
			if _, err := w.Write(d[:]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return proof.Name{}, err
	}
	return tree.Name()
}

// Contents reads the digests that a set's root is computed over: those of the
// files as they came and those of the prepared pictures. They must give the
// root that the manifest states.
func Contents(dir string, m Manifest) ([]digest.SHA256, error) {
	path := filepath.Join(dir, filepath.FromSlash(m.Contents.Path))
	st, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("frozen: %w", err)
	}
	if st.Size() != m.Root.Size*sha256.Size {
		return nil, fmt.Errorf("frozen: %s has %d bytes where %d digests need %d: restore the file", path, st.Size(), m.Root.Size, m.Root.Size*sha256.Size)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("frozen: %w", err)
	}
	digests := make([]digest.SHA256, len(raw)/sha256.Size)
	for i := range digests {
		copy(digests[i][:], raw[i*sha256.Size:])
	}
	return digests, nil
}

// Tree reads a set's contents as a tree that proves, and holds it against the
// root that the manifest states.
func Tree(dir string, m Manifest) (*proof.Tree, error) {
	digests, err := Contents(dir, m)
	if err != nil {
		return nil, err
	}
	tree, err := proof.New(digests)
	if err != nil {
		return nil, err
	}
	name, err := tree.Name()
	if err != nil {
		return nil, err
	}
	if name != m.Root {
		return nil, fmt.Errorf("frozen: %s: %s gives the root %s, and %s states %s: the set was altered; restore it", dir, m.Contents.Path, name.Root, ManifestFile, m.Root.Root)
	}
	return tree, nil
}
